"""Supplementary files and samples of a GEO series, and the reads that its samples point to."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import quote, unquote, urljoin

from acuomics.acquire.ask import Archive
from acuomics.acquire.ena import PORTAL, resolve_ena
from acuomics.acquire.found import Found
from acuomics.acquire.soft import Family, read_family
from acuomics.problems import Problems

GEO = "https://ftp.ncbi.nlm.nih.gov/geo"
_INDEX = "filelist.txt"
_SIZE = re.compile("[0-9]{1,18}")


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links += [value for name, value in attrs if name == "href" and value]


def folder_of(accession: str, geo: str = GEO) -> str:
    """Give the address of the folder of a series or sample.

    Examples
    --------
    >>> folder_of("GSE198274"), folder_of("GSM21")
    ('https://ftp.ncbi.nlm.nih.gov/geo/series/GSE198nnn/GSE198274', 'https://ftp.ncbi.nlm.nih.gov/geo/samples/GSMnnn/GSM21')
    """
    kind = "series" if accession.startswith("GSE") else "samples"
    return f"{geo}/{kind}/{accession[:3]}{accession[3:-3]}nnn/{accession}"


def listed_files(page: str) -> list[str]:
    """Give the names of the files in a listing of a folder (HTML); links to folders and other places are left out."""
    parser = _Links()
    parser.feed(page)
    plain = [link for link in parser.links if not re.match(r"[a-z]+:|[/?#.]", link, re.IGNORECASE) and "/" not in link]
    return list(dict.fromkeys(unquote(link) for link in plain))


def listed_sizes(index: str) -> dict[str, int]:
    """Give the sizes of the archives that ``filelist.txt`` names (rows ``Archive``; the others are inside of them)."""
    rows = [line.split("\t") for line in index.splitlines() if line and not line.startswith("#")]
    return {row[1]: int(row[3]) for row in rows if len(row) >= 4 and row[0] == "Archive" and _SIZE.fullmatch(row[3])}


def resolve_geo(accession: str, archive: Archive, problems: Problems, geo: str = GEO) -> list[Found]:
    """List the supplementary files of a GEO series or sample.

    Parameters
    ----------
    accession : str
        GSE or GSM.
    archive : Archive
        The connection.
    problems : Problems
        Takes the fault that there are none.
    geo : str
        Address of GEO's files.

    Returns
    -------
    list of Found
        Sorted by name, with the exact size where GEO says it. GEO deposits no hashes. Files of a series belong to no
        one sample.
    """
    folder = f"{folder_of(accession, geo)}/suppl/"
    answer = archive.ask(folder)
    names = listed_files(answer.text) if answer.status == 200 else []
    sizes: dict[str, int] = {}
    if _INDEX in names:
        index = archive.ask(urljoin(folder, _INDEX))
        sizes = listed_sizes(index.text) if index.status == 200 else {}
    files = sorted(name for name in names if name != _INDEX)
    if not files:
        problems.add(
            f"GEO, {accession}",
            f"the accession resolves to no supplementary files (answer {answer.status})",
            "look at its page: it may be private, or have reads only (--reads)",
            value=folder,
        )
    of_sample = (accession,) if accession.startswith("GSM") else ()
    return [
        Found(
            file=name,
            url=folder + quote(name),
            source="geo",
            bytes=sizes.get(name) or archive.size(folder + quote(name)),
            aliases=of_sample,
        )
        for name in files
    ]


def read_geo_family(accession: str, archive: Archive, problems: Problems, geo: str = GEO) -> Family | None:
    """Get the SOFT family file of a series: samples, characteristics, relations; None, and a problem, without one."""
    url = f"{folder_of(accession, geo)}/soft/{accession}_family.soft.gz"
    answer = archive.ask(url)
    where = f"GEO, {accession}"
    if answer.status != 200:
        problems.add(
            where, f"no SOFT family file (answer {answer.status})", "look at the page of the series", value=url
        )
        return None
    try:
        family = read_family(answer.body)
    except ValueError as error:
        problems.add(where, f"the SOFT family file cannot be read ({error})", "try again later", value=url)
        return None
    if not family.samples:
        problems.add(where, "the SOFT family file has no samples", "look at the page of the series", value=url)
        return None
    return family


def resolve_geo_reads(
    accession: str, archive: Archive, problems: Problems, geo: str = GEO, portal: str = PORTAL
) -> list[Found]:
    """Find the FASTQ files of the samples of a GEO series, through the experiments that its SOFT file names.

    Parameters
    ----------
    accession : str
        GSE.
    archive : Archive
        The connection.
    problems : Problems
        Takes the faults: also samples without an experiment, and experiments that ENA does not list.
    geo, portal : str
        Addresses of GEO's files and of ENA's portal.

    Returns
    -------
    list of Found
        The runs of the samples of this series, with GSM, title and BioSample among the names of each.
    """
    family = read_geo_family(accession, archive, problems, geo)
    if family is None:
        return []
    where = f"GEO, {accession}"
    samples = {experiment: sample for sample in family.samples for experiment in sample.experiments}
    projects = family.studies or family.bioprojects
    if not samples or not projects:
        problems.add(where, "its samples point to no reads (SRA)", "look at its page; reads may be elsewhere")
        return []
    runs = [run for project in projects for run in resolve_ena(project, archive, problems, portal)]
    # A BioProject may hold more than this series.
    found = []
    for run in runs:
        sample = next((samples[alias] for alias in run.aliases if alias in samples), None)
        if sample is not None:
            found.append(_with_names(run, sample.aliases))
    seen = {alias for run in found for alias in run.aliases}
    lost = [sample.accession for sample in family.samples if not seen & set(sample.experiments)]
    if lost and found:
        problems.add(
            where,
            f"{len(lost)} of {len(family.samples)} samples have no reads at ENA: {', '.join(lost[:8])}",
            "they may have no reads; if so, leave them out of the sample sheet and write files.tsv without them",
            value=lost[0],
        )
    return found


def _with_names(run: Found, names: tuple[str, ...]) -> Found:
    return replace(run, aliases=tuple(dict.fromkeys([*run.aliases, *names])))
