"""Files of a study, sample, experiment or run at the European Nucleotide Archive (portal report ``read_run``)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping

from acuomics.acquire.ask import Archive
from acuomics.acquire.found import Found, drop_lone_mates, reads_name
from acuomics.problems import Problems

PORTAL = "https://www.ebi.ac.uk/ena/portal/api"
_ALIASES = (
    "run_accession",
    "experiment_accession",
    "experiment_alias",
    "secondary_sample_accession",
    "sample_alias",
    "sample_title",
    "sample_accession",
)
_FIELDS = (*_ALIASES, "library_layout", "fastq_ftp", "fastq_md5", "fastq_bytes")


def resolve_ena(accession: str, archive: Archive, problems: Problems, portal: str = PORTAL) -> list[Found]:
    """Ask ENA for the FASTQ files of an accession.

    Parameters
    ----------
    accession : str
        BioProject, study, sample, experiment, run or BioSample.
    archive : Archive
        The connection.
    problems : Problems
        Takes the faults: an answer that is no report, no runs, a run without FASTQ files, lists of different length,
        a file without MD5, a paired run with one mate, a run listed twice.
    portal : str
        Address of the portal.

    Returns
    -------
    list of Found
        In the order of the report; FTP addresses as https.

    Notes
    -----
    In a report each of ``fastq_ftp``, ``fastq_md5`` and ``fastq_bytes`` is a list separated by semicolons, in one
    order: the third MD5 is that of the third file. A paired run may list a third file of reads that lost their mate.
    """
    answer = archive.ask(
        f"{portal}/filereport",
        {"accession": accession, "result": "read_run", "fields": ",".join(_FIELDS), "format": "tsv"},
    )
    where = f"ENA, {accession}"
    if answer.status not in (200, 204, 404) and not (answer.status == 400 and "accession" in answer.text.lower()):
        problems.add(where, f"the portal answered {answer.status}: {answer.text[:200]!r}", "try again later")
        return []
    try:
        rows = list(csv.DictReader(io.StringIO(answer.text), delimiter="\t")) if answer.status == 200 else []
    except csv.Error as error:
        problems.add(where, f"the answer is not a report of runs ({error})", "try again later")
        return []
    if rows and not {"run_accession", "fastq_ftp", "fastq_md5", "fastq_bytes"} <= set(rows[0]):
        problems.add(where, f"the answer is not a report of runs: {answer.text[:200]!r}", "try again later")
        return []
    if not rows:
        problems.add(
            where,
            "the accession resolves to no runs",
            "check it on the archive's page; data under embargo or controlled access are not listed",
            value=accession,
        )
        return []
    found: list[Found] = []
    seen: set[str] = set()
    for row in rows:
        run = row["run_accession"] or ""
        if run in seen:
            problems.add(where, "the run is listed twice", "give each study or run once", value=run)
            continue
        seen.add(run)
        found += _files_of(row, run, where, problems)
    return drop_lone_mates(found)


def _files_of(row: Mapping[str, str | None], run: str, where: str, problems: Problems) -> list[Found]:
    """Give the files of one run, each MD5 with its own file."""
    lists = {name: _split(row.get(name)) for name in ("fastq_ftp", "fastq_md5", "fastq_bytes")}
    paths = lists["fastq_ftp"]
    if not paths:
        problems.add(
            where,
            "ENA has no FASTQ files of the run",
            "give the submitted files with --urls, or make FASTQ files of the SRA run and give their paths",
            value=run,
        )
        return []
    for name in ("fastq_md5", "fastq_bytes"):
        if len(lists[name]) != len(paths):
            problems.add(
                where,
                f"{len(paths)} files but {len(lists[name])} entries of {name}: no telling which belongs to which",
                "report it to the archive; or write files.tsv by hand with what is sure",
                value=run,
                column=name,
            )
            return []
    paired = {"PAIRED": True, "SINGLE": False}.get((row.get("library_layout") or "").strip().upper())
    aliases = tuple(dict.fromkeys(text for name in _ALIASES if (text := (row.get(name) or "").strip())))
    found = []
    for path, md5, size in zip(paths, lists["fastq_md5"], lists["fastq_bytes"], strict=True):
        file = path.rsplit("/", 1)[-1]
        named = reads_name(file)
        if not md5:
            problems.add(where, "the file has no MD5", "report it to the archive; or give it with --urls", value=file)
        found.append(
            Found(
                file=file,
                url="https://" + path.removeprefix("ftp://").removeprefix("https://").removeprefix("http://"),
                source="ena",
                run=run,
                mate=named[1] if named else "",
                bytes=int(size) if re.fullmatch("[0-9]{1,18}", size) and int(size) else None,
                md5=md5.lower(),
                aliases=aliases,
                paired=paired,
            )
        )
    mates = {entry.mate for entry in found}
    if paired and not {"1", "2"} <= mates:
        problems.add(
            where,
            f"a paired run with {'one mate' if len(found) == 1 else 'no two mates'}: "
            + ", ".join(entry.file for entry in found),
            "the other mate may be among the submitted files on the run's page: give all with --urls",
            value=run,
        )
    return found


def _split(cell: str | None) -> list[str]:
    text = (cell or "").strip().rstrip(";")
    return [part.strip() for part in text.split(";")] if text else []
