"""How small-RNA libraries are simulated: kits, read lengths, errors, isomiRs, and what else is in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from acuomics.inputs.words import did_you_mean
from acuomics.problems import Problems

#: Classes of other RNA in a library, as the schema lists them.
OTHER_RNA = ("rrna", "trna", "yrna", "snorna", "mrna")
#: Everything but the species' miRNAs that takes a share of the molecules.
NOT_COUNTED = (*OTHER_RNA, "contamination", "too_short", "dimers")
#: Every invented sequence is compared with all others; beyond this that takes minutes.
MOST_MIRNAS = 5000


@dataclass(frozen=True)
class Kit:
    """What stands behind an insert in a read.

    Parameters
    ----------
    name : str
        What study.yaml calls it.
    adapter : str
        3' adapter, DNA.
    umi_length : int
        Bases of the unique molecular identifier (UMI) right after the adapter; 0 for none.
    read_length : int
        Bases of a read, all alike.
    """

    name: str
    adapter: str
    umi_length: int
    read_length: int


@dataclass(frozen=True)
class ReadsSpec:
    """Parameters of simulated small-RNA reads.

    Parameters
    ----------
    kits : mapping of str to Kit
        By name.
    kit : str
        The kit of most samples.
    exceptions : mapping of str to str
        Sample to its kit, where it is another.
    pcr_copies : float
        Mean number of reads a molecule where the kit has UMIs, at least 1; elsewhere every molecule is one read.
    error_rate : float
        Substitutions a base of a read.
    shift_5p, shift_3p : float
        Share of the miRNA molecules that begin (end) elsewhere than the mature, with bases of the hairpin.
    addition : float
        Share with one or two non-templated bases (A or U) at the 3' end.
    shares : mapping of str to float
        Share of a library's molecules for each of `NOT_COUNTED`; the rest are the species' miRNAs.
    prefix : str
        miRBase's prefix of the species.
    paralogues : float
        Share of the invented miRNAs that have a paralogue one base away.
    two_hairpins : float
        Share of the invented miRNAs that come from two hairpins.
    """

    kits: Mapping[str, Kit]
    kit: str
    exceptions: Mapping[str, str] = field(default_factory=dict)
    pcr_copies: float = 1.0
    error_rate: float = 0.0
    shift_5p: float = 0.0
    shift_3p: float = 0.0
    addition: float = 0.0
    shares: Mapping[str, float] = field(default_factory=dict)
    prefix: str = "sim"
    paralogues: float = 0.0
    two_hairpins: float = 0.0

    @classmethod
    def from_study(
        cls, simulation: Mapping[str, Any], samples: Iterable[str], *, file: str = "study.yaml"
    ) -> ReadsSpec:
        """Read ``simulation.reads`` of a study.yaml.

        Parameters
        ----------
        simulation : mapping
            As ``workflow/schemas/simulation.schema.json`` describes it.
        samples : iterable of str
            The study's samples.
        file : str
            How messages call the place it came from.

        Raises
        ------
        InputError
            When there is no such section, a kit or sample is not known, the shares leave nothing for the miRNAs, a
            read is too short for its adapter, or there are more than `MOST_MIRNAS` features.
        """
        problems = Problems()
        if "reads" not in simulation:
            fix = "add the key, or remove the key reads of study.yaml"
            problems.add(file, "how to simulate the reads is not said", fix, column="simulation.reads")
            problems.raise_if_any()
        section = simulation["reads"]
        isomirs, reference = section["isomirs"], section["reference"]
        spec = cls(
            kits={name: Kit(name, **kit) for name, kit in section["kits"].items()},
            kit=section["kit"],
            exceptions=dict(section.get("exceptions", {})),
            pcr_copies=section["pcr_copies"],
            error_rate=section["error_rate"],
            shift_5p=isomirs["shift_5p"],
            shift_3p=isomirs["shift_3p"],
            addition=isomirs["addition"],
            shares={name: section["shares"].get(name, 0.0) for name in NOT_COUNTED},
            prefix=reference["prefix"],
            paralogues=reference["paralogues"],
            two_hairpins=reference["two_hairpins"],
        )
        if simulation["n_features"] > MOST_MIRNAS:
            n = simulation["n_features"]
            fix = f"choose at most {MOST_MIRNAS}"
            problems.add(file, "too many miRNAs to simulate as reads", fix, column="simulation.n_features", value=n)
        problems.extend(spec.check(set(samples), file))
        problems.raise_if_any()
        return spec

    def check(self, samples: set[str], file: str) -> Problems:
        """Collect what a schema cannot see: values that contradict one another or the sample sheet."""
        problems = Problems()
        where = "simulation.reads"
        for key, name in [("kit", self.kit), *((f"exceptions.{s}", kit) for s, kit in self.exceptions.items())]:
            if name not in self.kits:
                fix = f"{did_you_mean(name, self.kits)} the kits are {', '.join(self.kits)}".strip()
                problems.add(file, "no such kit", fix, column=f"{where}.{key}", value=name)
        for sample in sorted(set(self.exceptions) - samples):
            fix = f"{did_you_mean(sample, samples)} name a sample of the sheet, or remove the key".strip()
            problems.add(file, "no such sample", fix, column=f"{where}.exceptions", value=sample)
        total = sum(self.shares.values())
        if total > 0.95:
            fix = "lower them: at least 5 % of a library must be miRNA"
            problems.add(file, "the shares leave too little", fix, column=f"{where}.shares", value=f"{total:g}")
        if self.paralogues + self.two_hairpins > 1:
            value = f"{self.paralogues:g} and {self.two_hairpins:g}"
            message = "paralogues and two_hairpins add up to more than one"
            problems.add(file, message, "lower them", column=f"{where}.reference", value=value)
        for name, kit in self.kits.items():
            # A miRNA with additions, its adapter and its whole UMI must be in the read.
            needed = 30 + len(kit.adapter) + kit.umi_length if kit.umi_length else 30
            if kit.read_length < needed:
                fix = f"choose at least {needed}"
                column = f"{where}.kits.{name}.read_length"
                problems.add(file, "too short for insert, adapter and UMI", fix, column=column, value=kit.read_length)
        return problems

    def kit_of(self, sample: str) -> Kit:
        """Give the kit of a sample."""
        return self.kits[self.exceptions.get(sample, self.kit)]
