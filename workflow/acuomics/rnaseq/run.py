"""Two jobs of the stage, files in and files out: count a sample, gather the study (`index` is the first)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acuomics.files import read_json, read_tsv, write_json, write_tsv
from acuomics.problems import InputError, Problem, Problems
from acuomics.rnaseq.fasta import fasta_sequences
from acuomics.rnaseq.fastq import SampleScan, scan_sample
from acuomics.rnaseq.genes import GeneTables, summarise_genes
from acuomics.rnaseq.index import load_index
from acuomics.rnaseq.library import describe_library, read_adapters
from acuomics.rnaseq.markers import check_sex, marked_genes, read_markers, rrna_genes, share_of
from acuomics.rnaseq.multiqc import write_multiqc
from acuomics.rnaseq.place import place_fragments
from acuomics.rnaseq.positions import Positions, describe_positions
from acuomics.rnaseq.qc import QcLimits, Verdict, check_species, judge
from acuomics.rnaseq.quantify import quantify
from acuomics.rnaseq.runs import pair_files
from acuomics.rnaseq.settings import CountSettings
from acuomics.rnaseq.strand import StrandCall, call_strand

if TYPE_CHECKING:
    import pandas as pd


def count_sample(
    sample: str,
    files: Sequence[str | Path],
    index: str | Path,
    fasta: str | Path | Sequence[str | Path],
    adapters: str | Path,
    out_counts: str | Path,
    out_info: str | Path,
    *,
    settings: CountSettings | None = None,
    limits: QcLimits | None = None,
    threads: int = 1,
) -> None:
    """Count one sample.

    Parameters
    ----------
    sample : str
    files : sequence of path
        Its FASTQ files, several runs allowed.
    index : path
        ``index.json`` of an index's folder (`index.write_index`).
    fasta : path or sequence of path
        The transcripts (for how well the reads agree with them).
    adapters : path
        ``resources/rnaseq/adapters.tsv``.
    out_counts : path
        Takes the table ``transcript, length, effective_length, count, tpm``.
    out_info : path
        Takes JSON: runs, strand, mapping, fragments, library, positions, versions.
    settings, limits, threads
        How, and from where on a sample is refused.

    Raises
    ------
    InputError
        Faults of the files (all of them), too few reads on the transcripts, reads that disagree with them. Nothing is
        written then.
    """
    s, known, problems = settings or CountSettings(), load_index(index), Problems()
    runs = pair_files(sample, files, problems, layout=s.layout)
    kit = read_adapters(adapters, problems)
    problems.raise_if_any()
    scan = scan_sample(runs, s.sampled, problems, threads=threads)
    problems.raise_if_any()
    assert scan is not None
    call, positions = _look(scan, fasta, s)
    early = call.unstranded / call.reads if call.reads else 0.0
    check_species(str(files[0]), early, positions.mismatches, call.reads, problems, limits or QcLimits())
    problems.raise_if_any()
    done = quantify(runs, known, engine=s.engine, strand=call.strand, fragments=s.fragments, threads=threads)
    if done.fragments != scan.fragments:
        message = f"{s.engine} read {done.fragments} of {scan.fragments} fragments"
        raise InputError([Problem(str(files[0]), message, "look at the files: some reads may be too short or broken")])
    info: dict[str, Any] = {
        "sample": sample,
        "paired": scan.paired,
        "runs": [
            {"files": [file.name for file in run.files], "reads": scans[0].reads, "bases": sum(x.bases for x in scans)}
            for run, scans in zip(scan.runs, scan.files, strict=True)
        ],
        "fragments": done.fragments,
        "mapped": done.mapped,
        "mapping": done.mapping,
        "fragment_mean": done.fragment_mean,
        "fragment_source": done.fragment_source,
        "fragment_sd": None if scan.paired else s.fragments.sd,
        "engine": done.engine,
        "version": done.version,
        "transcripts_sha256": known.sha256,
        "decoys_sha256": known.decoys_sha256,
        "strand": call.as_dict(),
        "library": asdict(describe_library(scan, kit)),
        "positions": asdict(positions),
    }
    # Rows in the order of the FASTA, whatever the program's own is.
    order = read_tsv(known.transcripts, dtype={"symbol": str, "biotype": str})[["transcript", "length"]]
    table = order.merge(done.table.drop(columns="length"), on="transcript", how="left", validate="1:1")
    # salmon leaves out transcripts on which no word of 31 bases fits: nothing can be found on them.
    table["effective_length"] = table["effective_length"].fillna(table["length"].clip(lower=1))
    write_tsv(table.fillna({"count": 0.0, "tpm": 0.0}), out_counts)
    write_json(info, out_info)


def _look(scan: SampleScan, fasta: str | Path | Sequence[str | Path], s: CountSettings) -> tuple[StrandCall, Positions]:
    """Give strand and places of a sample of the reads."""
    transcripts = [sequence for _, sequence in fasta_sequences(fasta)]
    fragments = scan.sample(s.sampled)
    placed = place_fragments(fragments, transcripts)
    forward, reverse, found = (int(flags.sum()) for flags in (placed.forward, placed.reverse, placed.found))
    call = call_strand(forward, reverse, found, len(fragments))
    if s.strand != "auto":
        call = replace(call, strand=s.strand, source="declared")
    return call, describe_positions(placed, fragments, transcripts)


@dataclass(frozen=True)
class GatheredPaths:
    """Where `gather_study` writes; `multiqc` is a folder."""

    counts: str | Path
    lengths: str | Path
    tpm: str | Path
    qc: str | Path
    facts: str | Path
    multiqc: str | Path


def gather_study(
    counted: Mapping[str, tuple[str | Path, str | Path]],
    index: str | Path,
    markers: str | Path,
    taxon: int,
    sexes: Mapping[str, str],
    out: GatheredPaths,
    *,
    study: str = "",
    limits: QcLimits | None = None,
) -> None:
    """Sum the samples of a study up to genes and judge each.

    Parameters
    ----------
    counted : mapping
        Sample to the two files that `count_sample` wrote, in the order of the sheet.
    index : path
        ``index.json`` of the index (`index.write_index`).
    markers : path
        ``resources/rnaseq/markers.tsv``.
    taxon : int
        NCBI taxon of the species.
    sexes : mapping
        Sample to the sheet's sex; samples may be missing.
    out : GatheredPaths
        ``counts``, ``lengths``, ``tpm``: ``gene`` (``counts`` also ``symbol``) and a column a sample, TSV. Counts are
        estimates (fractions): intake takes them with ``rounding: nearest``, and the model the lengths as offsets
        (`acuomics.de.offsets`). ``qc``: a row a sample. ``facts``: JSON.
    study : str
        Its name, which tells its sections of a MultiQC page from other studies'.
    limits : QcLimits, optional

    Raises
    ------
    InputError
        Samples counted on other transcripts or by another program or version than the first.
    """
    problems, known = Problems(), load_index(index)
    genes_of = read_tsv(known.transcripts, dtype={"symbol": str, "biotype": str}).fillna("")
    found = read_markers(markers, problems)
    tables: dict[str, pd.DataFrame] = {}
    infos: dict[str, dict[str, Any]] = {}
    for sample, (table, info) in counted.items():
        tables[sample], infos[sample] = read_tsv(table, dtype={"transcript": str}), read_json(info)
        made = tuple(infos[sample].get(name) for name in ("engine", "version", "transcripts_sha256", "decoys_sha256"))
        if made != (known.engine, known.version, known.sha256, known.decoys_sha256):
            told = f"counted with {made[0]} {made[1]} on other transcripts or by another program than the index has"
            problems.add(str(info), told, "count the sample again")
    problems.raise_if_any()
    genes = summarise_genes(tables, dict(zip(genes_of["transcript"], genes_of["gene"], strict=True)))
    verdicts = _judge(genes, genes_of, infos, found, taxon, sexes, limits)
    symbols = genes_of.drop_duplicates("gene").set_index("gene")["symbol"]
    counts = genes.counts.reset_index()
    counts.insert(1, "symbol", counts["gene"].map(symbols))
    write_tsv(counts, out.counts)
    for values, path in ((genes.lengths, out.lengths), (genes.tpm, out.tpm)):
        write_tsv(values.reset_index(), path)
    write_tsv(qc_table(verdicts), out.qc)
    facts: dict[str, Any] = {
        "engine": known.engine,
        "version": known.version,
        "transcripts": {"fasta": known.fasta, "sha256": known.sha256, "table_sha256": known.table_sha256},
        "decoys": {"fasta": known.decoys, "sha256": known.decoys_sha256} if known.decoys else None,
        "n_transcripts": known.n_transcripts,
        "n_genes": known.n_genes,
        "samples": infos,
        "verdicts": {v.sample: {"verdict": v.verdict, "reasons": list(v.reasons)} for v in verdicts},
    }
    write_json(facts, out.facts)
    write_multiqc(verdicts, infos, out.multiqc, study)


def _judge(
    genes: GeneTables,
    transcripts: pd.DataFrame,
    infos: Mapping[str, dict[str, Any]],
    markers: list[Any],
    taxon: int,
    sexes: Mapping[str, str],
    limits: QcLimits | None,
) -> list[Verdict]:
    rrna, blood = rrna_genes(transcripts), marked_genes(transcripts, markers, taxon, "haemoglobin")
    male = marked_genes(transcripts, markers, taxon, "male")
    female = marked_genes(transcripts, markers, taxon, "female")
    verdicts = []
    for sample, info in infos.items():
        library, places = info["library"], info["positions"]
        adapter = max(library["adapters"], key=lambda name: library["adapters"][name], default="")
        sex = check_sex(genes.tpm[sample], info["mapped"], male, female, sexes.get(sample, ""))
        figures = {
            "fragments": info["fragments"],
            "mapped": info["mapped"],
            "mapping": info["mapping"],
            "mismatches": places["mismatches"],
            "whole": places["whole"],
            "mean_quality": library["mean_quality"],
            "q30": library["q30"],
            "gc": library["gc"],
            "adapter": library["adapters"].get(adapter),
            "adapter_name": adapter,
            "distinct": library["distinct"],
            "rrna": share_of(rrna, genes.counts[sample]),
            "haemoglobin": share_of(blood, genes.counts[sample]),
            "place": places["place"],
            "sex_seen": sex.seen,
            "sex_declared": sex.declared,
            "sex_agrees": sex.agrees,
            "y_tpm": sex.y_tpm,
            "xist_tpm": sex.xist_tpm,
            "strand": info["strand"]["strand"],
            "strand_source": info["strand"]["source"],
            "strand_clear": info["strand"]["clear"] if info["strand"]["source"] == "inferred" else None,
            "fragment_mean": info["fragment_mean"],
            "fragment_source": info["fragment_source"],
        }
        verdicts.append(judge(sample, figures, limits))
    return verdicts


def qc_table(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """Give ``sample, verdict, reasons`` and the figures, a row a sample; reasons are joined by ``; ``."""
    import pandas as pd

    return pd.DataFrame(
        [{"sample": v.sample, "verdict": v.verdict, "reasons": "; ".join(v.reasons), **v.figures} for v in verdicts]
    )
