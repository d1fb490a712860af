"""The grammar of accessions: what each kind is, which archive holds its files, and whether it can be resolved."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from acuomics.problems import Problems

Archive = Literal["ena", "geo", "gsa", "none"]


@dataclass(frozen=True)
class Kind:
    """A kind of accession.

    Parameters
    ----------
    pattern : str
        Regular expression of the whole accession.
    what : str
        What it names.
    archive : str
        Who resolves it: ``ena`` (also for what NCBI and DDBJ took in), ``geo``, ``gsa`` (by a list) or ``none``.
    advice : str
        What to do where it cannot be resolved by itself.
    """

    pattern: str
    what: str
    archive: Archive
    advice: str = ""


_BY_LIST = (
    "the archive has no interface that lists files with their hashes: copy the addresses from the accession's page "
    "into a text file, one a line, with the MD5 after a space, and give it with --urls"
)
KINDS = (
    Kind(r"PRJ[EDN][A-Z]\d+", "BioProject", "ena"),
    Kind(r"[EDS]RP\d+", "study of the INSDC read archives", "ena"),
    Kind(r"[EDS]RX\d+", "experiment of the INSDC read archives", "ena"),
    Kind(r"[EDS]RR\d+", "run of the INSDC read archives", "ena"),
    Kind(r"[EDS]RS\d+", "sample of the INSDC read archives", "ena"),
    Kind(r"SAM[END][A-Z]?\d+", "BioSample", "ena"),
    Kind(r"GSE\d+", "series of GEO", "geo"),
    Kind(r"GSM\d+", "sample of GEO", "geo"),
    Kind(r"PRJCA\d+", "project of the National Genomics Data Center, China", "gsa", _BY_LIST),
    Kind(r"CRA\d+", "data set of the Genome Sequence Archive, China", "gsa", _BY_LIST),
    Kind(r"CRX\d+", "experiment of the Genome Sequence Archive, China", "gsa", _BY_LIST),
    Kind(r"CRR\d+", "run of the Genome Sequence Archive, China", "gsa", _BY_LIST),
    Kind(
        r"E-MTAB-\d+",
        "experiment of ArrayExpress",
        "none",
        "its reads are at ENA: take the accession ERP... or PRJEB... from its page and give that",
    ),
)


def kind_of(accession: str) -> Kind | None:
    """Give the kind of an accession; None when no grammar fits."""
    return next((kind for kind in KINDS if re.fullmatch(kind.pattern, accession)), None)


def check_accession(accession: str, problems: Problems, *, by_list: bool = False) -> Kind | None:
    """Check the grammar of an accession, and that it can be resolved.

    Parameters
    ----------
    accession : str
        As given.
    problems : Problems
        Takes the fault.
    by_list : bool
        Whether a list of URLs is given with it, which is all that GSA needs.

    Returns
    -------
    Kind or None
        None when a fault was found.
    """
    kind = kind_of(accession)
    if kind is None:
        tidy = accession.strip().upper()
        hint = f"did you mean {tidy}?" if kind_of(tidy) else ""
        known = "PRJNA..., SRP..., SRX..., SRR..., SRS... (also E, D for S), SAMN..., GSE..., GSM..., CRA..., CRR..."
        problems.add(
            "accession", "no accession of a kind that is known", f"{hint} the kinds: {known}".strip(), value=accession
        )
        return None
    if kind.archive in ("gsa", "none") and not (by_list and kind.archive == "gsa"):
        problems.add("accession", f"a {kind.what} cannot be resolved by itself", kind.advice, value=accession)
        return None
    return kind
