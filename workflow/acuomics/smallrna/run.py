"""The small-RNA stage of one study: FASTQ files in, count matrix, isomiRs, classes and quality out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acuomics.files import write_json, write_text, write_tsv
from acuomics.inputs.clades import read_clades
from acuomics.problems import InputError, Problems
from acuomics.smallrna.bowtie import bowtie_pairs
from acuomics.smallrna.collapse import SampleTotals, collapse
from acuomics.smallrna.count import CountReference, SampleCounts, count_sample
from acuomics.smallrna.cutadapt import collapse_with_cutadapt
from acuomics.smallrna.detect import AdapterCall, find_adapter
from acuomics.smallrna.inserts import Inserts
from acuomics.smallrna.kits import Kit, read_kits
from acuomics.smallrna.load import load_reference
from acuomics.smallrna.markers import read_markers
from acuomics.smallrna.mirgff3 import mirgff3, write_mirgff3
from acuomics.smallrna.multiqc import multiqc_section
from acuomics.smallrna.qc import LibraryTotals, Verdict, judge, verdict_table
from acuomics.smallrna.settings import CountSettings
from acuomics.smallrna.tables import assemble


@dataclass(frozen=True)
class References:
    """Files that counting needs.

    Parameters
    ----------
    mature : path
        miRBase's ``mature.fa``, all species.
    hairpins : list of path
        miRBase's ``hairpin.fa``, whole or by species.
    other : path or None
        Table of references of other RNA (`acuomics.smallrna.other.read_other`).
    kits, clades, markers : path
        Tables of the house (``resources/adapters``, ``resources/smallrna``).
    """

    mature: str
    hairpins: list[str]
    other: str | None
    kits: str
    clades: str
    markers: str


@dataclass(frozen=True)
class _Counted:
    """One sample, read and counted."""

    call: AdapterCall
    totals: SampleTotals
    counts: SampleCounts
    verdict: Verdict


def given_files(record: Mapping[str, Any], inputs: Sequence[str]) -> dict[str, list[str]]:
    """Give every sample its files: by name out of `inputs`, which are files or one folder of them."""
    # A record that was written and read again has its keys in another order than the sheet.
    names = {row["sample"]: record["reads"]["files"][row["sample"]] for row in record["samples"]}
    if len(inputs) == 1 and Path(inputs[0]).is_dir():
        return {sample: [str(Path(inputs[0]) / name) for name in files] for sample, files in names.items()}
    place = {Path(path).name: str(path) for path in inputs}
    return {sample: [place[name] for name in files] for sample, files in names.items()}


def species_prefix(record: Mapping[str, Any], clades: str | Path) -> str:
    """Give miRBase's prefix of the study's species (``rno``); raises `InputError` where miRBase has no such species."""
    problems = Problems()
    for prefix, clade in read_clades(clades, problems).items():
        if clade.species == record["species"]:
            return prefix
    problems.add(
        clades,
        f"miRBase has no species {record['species']}",
        "mend the key species of study.yaml; small RNAs are counted for species of miRBase only",
        column="species",
        value=record["species"],
    )
    raise InputError(problems.found)


def count_study(
    record: Mapping[str, Any],
    inputs: Sequence[str],
    references: References,
    settings: Mapping[str, Any],
    outputs: Mapping[str, str],
    threads: int = 1,
) -> None:
    """Count the small RNAs of all samples of a study and write everything the stage writes.

    Parameters
    ----------
    record : mapping
        ``study.json``: reads, samples, species.
    inputs : sequence of path
        The FASTQ files, or the one folder that holds them.
    references : References
    settings : mapping
        ``smallrna`` of the configuration: ``engine`` (``packed`` or ``bowtie``), ``sharing``, ``correct_errors``.
    outputs : mapping of str to path
        counts, fractions, features, isomirs, gff, classes, lengths, clades, markers, summary, qc, facts, multiqc.
    threads : int
        Samples counted at once; the outputs do not depend on it.

    Raises
    ------
    InputError
        With the faults of all samples.
    """
    problems = Problems()
    kits = read_kits(references.kits, problems)
    markers = read_markers(references.markers, problems)
    problems.raise_if_any()
    prefix = species_prefix(record, references.clades)
    count = CountSettings(sharing=settings["sharing"], correct_errors=settings["correct_errors"])
    reference = load_reference(
        references.mature,
        references.hairpins,
        prefix,
        other=references.other,
        clades=references.clades,
        count=count,
    )
    files = given_files(record, inputs)
    # Threads that no sample keeps busy decompress beside the reading.
    spare = max(1, threads // max(1, len(files)))
    declared = None if record["reads"]["adapter"] == "auto" else str(record["reads"]["adapter"])

    def one(sample: str) -> _Counted | InputError:
        try:
            return _count_one(sample, files[sample], kits, declared, reference, count, str(settings["engine"]), spare)
        except InputError as error:
            return error

    # Python starts once for all samples; the kernels let go of the interpreter, so that threads run side by side.
    with ThreadPoolExecutor(max_workers=max(1, threads)) as pool:
        results = dict(zip(files, pool.map(one, files), strict=True))
    for result in results.values():
        if isinstance(result, InputError):
            problems.found.extend(result.problems)
    problems.raise_if_any()
    done = {sample: result for sample, result in results.items() if isinstance(result, _Counted)}
    _write(done, reference, record, settings, prefix, markers, outputs)


def _count_one(
    sample: str,
    files: list[str],
    kits: list[Kit],
    declared: str | None,
    reference: CountReference,
    count: CountSettings,
    engine: str,
    threads: int,
) -> _Counted:
    call = find_adapter(files, kits, declared=declared)
    inserts: Inserts
    pairs = None
    if engine == "bowtie":
        inserts, totals = collapse_with_cutadapt(files, call.kit)
        pairs = bowtie_pairs(inserts, reference.index)
    else:
        inserts, totals = collapse(files, call.kit, threads=threads)
    counts = count_sample(inserts, reference, count, sample=sample, pairs=pairs)
    total = totals.total
    library = LibraryTotals(
        reads=total.reads,
        with_adapter=None if call.how == "trimmed" else total.with_adapter,
        adapter_dimer=total.dimers,
        too_short=total.too_short,
    )
    return _Counted(call, totals, counts, judge(counts, library))


def _write(
    done: Mapping[str, _Counted],
    reference: CountReference,
    record: Mapping[str, Any],
    settings: Mapping[str, Any],
    prefix: str,
    markers: Sequence[Any],
    outputs: Mapping[str, str],
) -> None:
    samples = [result.counts for result in done.values()]
    tables = assemble(reference.index.reference, samples, markers)
    labels = tables.features[["feature", "name"]].rename(columns={"feature": "mimat", "name": "mirna"})
    for name, frame in (("counts", tables.counts), ("fractions", tables.fractions)):
        write_tsv(labels.join(frame.drop(columns="feature")), outputs[name])
    for name in ("features", "isomirs", "classes", "lengths", "clades", "markers", "summary"):
        write_tsv(getattr(tables, name), outputs[name])
    write_mirgff3(mirgff3(reference.index, [s.inserts for s in samples]), outputs["gff"])
    qc = verdict_table([result.verdict for result in done.values()])
    write_tsv(qc, outputs["qc"])
    facts = {
        "engine": settings["engine"],
        "sharing": settings["sharing"],
        "correct_errors": settings["correct_errors"],
        "species": prefix,
        "reference": {
            "matures": len(reference.index.reference.matures),
            "hairpins": len(reference.index.reference.hairpins),
            "notes": list(reference.index.reference.notes),
        },
        "samples": {sample: _facts(result) for sample, result in done.items()},
        "verdicts": {sample: result.verdict.verdict for sample, result in done.items()},
    }
    write_json(facts, outputs["facts"])
    write_text(multiqc_section(record["study"], tables.classes, qc), outputs["multiqc"])


def _facts(result: _Counted) -> dict[str, Any]:
    """What was found of one sample's reads, without the machine's paths."""
    call, totals = result.call, result.totals

    def plain(run: Any) -> dict[str, Any]:
        kept = {name: value for name, value in vars(run).items() if name not in ("insert_lengths", "run")}
        return {"run": Path(run.run).name, **kept}

    return {
        "adapter": call.record(),
        "totals": plain(totals.total),
        "runs": [plain(run) for run in totals.runs],
        "raw_umis": totals.raw_umis,
        "crowded_inserts": totals.crowded_inserts,
    }
