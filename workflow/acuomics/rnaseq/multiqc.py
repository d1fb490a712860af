"""The figures of all samples as MultiQC's custom content (a table and two line graphs), and the page of all studies."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
import sys
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from acuomics.files import write_json, write_text
from acuomics.problems import InputError, Problem
from acuomics.rnaseq.engines import run_program
from acuomics.rnaseq.qc import Verdict

#: Figure, title, what it means, factor to the unit shown, number format.
_COLUMNS = (
    ("fragments", "Fragments (M)", "reads or pairs", 1e-6, "{:,.2f}"),
    ("mapping", "Found (%)", "fragments found on a transcript", 100, "{:,.1f}"),
    ("mismatches", "Mismatches (%)", "a base, where reads were found", 100, "{:,.2f}"),
    ("whole", "Whole (%)", "of the pairs found, those with both mates on one transcript", 100, "{:,.1f}"),
    ("q30", "Q30 (%)", "bases with Phred 30 or more", 100, "{:,.1f}"),
    ("adapter", "Adapter (%)", "reads with the most frequent adapter", 100, "{:,.2f}"),
    ("distinct", "Distinct (%)", "of the sampled fragments", 100, "{:,.1f}"),
    ("rrna", "rRNA (%)", "of the counts", 100, "{:,.2f}"),
    ("haemoglobin", "Haemoglobin (%)", "of the counts", 100, "{:,.2f}"),
    ("place", "Place", "of fragments on long transcripts: 0 is 5', 1 is 3'", 1, "{:,.2f}"),
)
_SECTION = "acuomics: reads to gene counts"


def _cell(value: Any, factor: float) -> str:
    return "" if value is None else f"{value * factor:.6g}"


def write_multiqc(
    verdicts: Sequence[Verdict], infos: Mapping[str, Mapping[str, Any]], folder: str | Path, study: str = ""
) -> None:
    """Write what ``multiqc <folder>`` makes a page of.

    Parameters
    ----------
    verdicts : sequence of Verdict
        Of each sample.
    infos : mapping
        Sample to what `run.count_sample` wrote of it.
    folder : path
        Takes ``rnaseq_samples_mqc.tsv``, ``rnaseq_quality_mqc.json`` and ``rnaseq_places_mqc.json`` (the last only
        where enough reads lie on long transcripts).
    study : str
        Its name, which tells its sections from other studies'.
    """
    folder, tail, of = Path(folder), f"_{study}" if study else "", f" of {study}" if study else ""
    lines = [
        f"# id: acuomics_rnaseq_samples{tail}",
        f"# section_name: '{_SECTION}{of}'",
        "# description: 'One row a sample; empty where a figure is not available.'",
        "# plot_type: table",
        "# pconfig:",
        f"#     id: acuomics_rnaseq_samples{tail}_table",
        f"#     title: 'Samples{of}'",
        "#     col1_header: Sample",
        "# headers:",
        "#     verdict: {title: Verdict, description: 'good, usable or reject'}",
        "#     sex_seen: {title: Sex, description: 'by Y genes and Xist'}",
        "#     strand: {title: Strand, description: 'of the first reads'}",
    ]
    for name, title, meaning, _, form in _COLUMNS:
        text = meaning.replace("'", "''")
        lines.append(f"#     {name}: {{title: '{title}', description: '{text}', format: '{form}'}}")
    lines.append("\t".join(["Sample", "verdict", *(name for name, *_ in _COLUMNS), "sex_seen", "strand"]))
    for v in verdicts:
        numbers = [_cell(v.figures[name], factor) for name, _, _, factor, _ in _COLUMNS]
        lines.append("\t".join([v.sample, v.verdict, *numbers, v.figures["sex_seen"], v.figures["strand"]]))
    write_text("\n".join(lines) + "\n", folder / "rnaseq_samples_mqc.tsv")
    quality = {
        sample: {str(i): round(x, 3) for i, x in enumerate(info["library"]["quality_by_position"], start=1)}
        for sample, info in infos.items()
    }
    axes = ("Place in the read (nt)", "Mean Phred score")
    write_json(
        _graph(f"quality{tail}", f"Quality along the reads{of}", axes, quality), folder / "rnaseq_quality_mqc.json"
    )
    places = {
        sample: {f"{(i + 0.5) / len(profile):.3f}": round(x, 6) for i, x in enumerate(profile)}
        for sample, info in infos.items()
        if any(profile := info["positions"]["profile"])
    }
    if places:
        axes = ("Place on the transcript (0 is 5', 1 is 3')", "Share of the fragments")
        write_json(
            _graph(f"places{tail}", f"Fragments along long transcripts{of}", axes, places),
            folder / "rnaseq_places_mqc.json",
        )


def _graph(name: str, title: str, axes: tuple[str, str], data: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    return {
        "id": f"acuomics_rnaseq_{name}",
        "section_name": title,
        "plot_type": "linegraph",
        "pconfig": {"id": f"acuomics_rnaseq_{name}_plot", "title": title, "xlab": axes[0], "ylab": axes[1]},
        "data": data,
    }


#: No date, no paths of the machine, and nothing asked of a server.
_QUIET = "{show_analysis_time: false, show_analysis_paths: false, no_version_check: true, no_ai: true}"


def write_page(sources: Sequence[str | Path], page: str | Path) -> None:
    """Let MultiQC make a page of what the stages that count reads wrote (Ewels et al. 2016).

    Parameters
    ----------
    sources : sequence of path
        Files ``*_mqc.json`` and folders of such.
    page : path
        Takes the page, one HTML file.

    Raises
    ------
    InputError
        No study begins with reads, or MultiQC's own complaint.
    """
    if not sources:
        message = "no study of the run begins with reads, so that there is nothing to show"
        raise InputError([Problem("config", message, "name a study with reads", column="studies")])
    page = Path(page)
    page.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=page.parent, prefix=".part-") as folder:
        command = [sys.executable, "-m", "multiqc", *map(str, sources), "--outdir", folder, "--filename", page.name]
        command += ["--title", "acuomics: reads", "--no-data-dir", "--no-ansi", "--cl-config", _QUIET]
        done = run_program(command)
        made = Path(folder) / page.name
        if done.returncode or not made.is_file():
            said = " ".join((done.stderr or done.stdout).split())[-300:]
            fix = "look at the files it names; they are written by this workflow"
            raise InputError([Problem(str(sources[0]), f"MultiQC made no page: {said}", fix)])
        write_text(settled(made.read_text(encoding="utf-8")), page)


_PLOT_DATA = re.compile(r'(id="mqc_compressed_plotdata">)([^<]*)')
_UUID = re.compile(r'(reportUuid = ")[0-9a-f-]+')
_DATE = re.compile(r'(configCreationDate = ")[^"]*')


def settled(html: str) -> str:
    """Take the time and the random name out of a MultiQC page, so that the same data give the same bytes.

    MultiQC (1.35) leaves the time in the gzip header of its plot data and in a variable of the page's script, and names
    every report by a random UUID.
    """

    def timeless(found: re.Match[str]) -> str:
        content = gzip.decompress(base64.b64decode(found[2]))
        return found[1] + base64.b64encode(gzip.compress(content, mtime=0)).decode("ascii")

    html = _UUID.sub(r"\g<1>", _DATE.sub(r"\g<1>", _PLOT_DATA.sub(timeless, html)))
    name = uuid.UUID(bytes=hashlib.sha256(html.encode("utf-8")).digest()[:16])
    return html.replace('reportUuid = "', f'reportUuid = "{name}', 1)
