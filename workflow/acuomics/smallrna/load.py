"""The references of a run, read from their files and checked together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from acuomics.inputs.clades import read_clades
from acuomics.problems import Problems
from acuomics.smallrna.count import CountReference
from acuomics.smallrna.foreign import build_foreign
from acuomics.smallrna.mirbase import build_reference, read_hairpins, read_mature
from acuomics.smallrna.other import build_other, read_other
from acuomics.smallrna.settings import CountSettings, MatchSettings
from acuomics.smallrna.templates import build_index


def load_reference(
    mature: str | Path,
    hairpins: Sequence[str | Path],
    prefix: str,
    *,
    other: str | Path | None = None,
    clades: str | Path | None = None,
    panel: Sequence[str] = ("rno", "mmu", "hsa"),
    match: MatchSettings | None = None,
    count: CountSettings | None = None,
    accessions: bool = True,
) -> CountReference:
    """Read all references that counting needs.

    Parameters
    ----------
    mature : path
        miRBase's ``mature.fa`` (all species).
    hairpins : sequence of paths
        miRBase's ``hairpin.fa``, whole or by species. The species' own hairpins are also the class ``precursor``.
    prefix : str
        The species (``rno``).
    other : path, optional
        Table of references of other RNA (`read_other`).
    clades : path, optional
        Table of clades; without it, other species' miRNAs are not looked for.
    panel : sequence of str
        Species to tell apart; those that the file lacks are left out.
    accessions : bool
        False for MirGeneDB files.

    Raises
    ------
    InputError
        Every fault of these files at once.
    """
    problems = Problems()
    matures = read_mature(mature, problems, accessions=accessions)
    precursors = [h for path in hairpins for h in read_hairpins(path, problems)]
    notes: list[str] = []
    others = read_other(other, problems, notes) if other is not None else {}
    table = read_clades(clades, problems) if clades is not None else {}
    problems.raise_if_any()
    reference = build_reference(matures, precursors, prefix, problems, mature)
    problems.raise_if_any()
    reference = replace(reference, notes=(*reference.notes, *notes))
    index = build_index(reference, match)
    others.setdefault("precursor", []).extend(h.sequence for h in reference.hairpins)
    other_index = build_other(others, problems)
    problems.raise_if_any()
    shortest = (count or CountSettings()).shortest_foreign
    foreign = build_foreign(index, matures, table, shortest) if clades is not None else None
    present = {m.prefix.lower() for m in matures}
    compared = [p.lower() for p in panel if p.lower() in present and p.lower() != reference.prefix]
    indices = [build_index(build_reference(matures, precursors, p, Problems(), mature), match) for p in compared]
    return CountReference(index, other_index, foreign, (index, *indices) if indices else ())
