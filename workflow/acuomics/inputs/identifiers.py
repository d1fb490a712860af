"""What identifiers look like: whether the features of a matrix are what study.yaml says they are."""

from __future__ import annotations

import re
from collections.abc import Sequence

from acuomics.inputs.words import some
from acuomics.problems import Problems

# Fewer features that look right than this share: the names are of another kind.
LEAST_SHARE = 0.1
_VERSION = re.compile(r"(ENS[A-Z]*\d{6,}|MGP_\w+_G\d{7})\.\d+(?:_PAR_Y)?")
# Stable ids of genes in Ensembl: its own (also of mouse strains, and with the R of the human PAR), and those that it
# takes over from FlyBase, WormBase and SGD (https://www.ensembl.org/info/genome/stable_ids).
_ENSEMBL_GENE = re.compile(
    r"ENS[A-Z]*GR?\d{6,}|MGP_\w+_G\d{7}"
    r"|FBgn\d{7}|WBGene\d{8}"
    r"|Y[A-P][LR]\d{3}[WC](?:-[A-Z])?|Q\d{4}|R\d{4}[WC]|t[A-Z]\([ACGUX]{3}\)\w+|sn[Rr]\d+\w*"
)
_PATTERNS = {
    "ncbi_gene": (re.compile(r"[1-9]\d*"), "NCBI Gene ids (digits)"),
    "ensembl_gene": (_ENSEMBL_GENE, "Ensembl gene ids (ENSRNOG00000000001, FBgn0000003)"),
    "mimat": (re.compile(r"MIMAT\d{7}"), "miRBase accessions of mature miRNAs (MIMAT0000606)"),
    "mirbase_name": (re.compile(r"[a-z]{3,5}-(?:miR|mir|let|lin|bantam|iab)\S*"), "miRBase names (rno-miR-7a-5p)"),
}


def without_version(name: str) -> str:
    """Take the version suffix off an Ensembl id (``ENSG00000000003.15``); other names stay as they are."""
    match = _VERSION.fullmatch(name)
    return match.group(1) if match else name


def looks_like(name: str, feature_id: str) -> bool:
    """Say whether a name has the form of `feature_id`; version suffixes of Ensembl ids do not count."""
    name = without_version(name) if feature_id == "ensembl_gene" else name
    return _PATTERNS[feature_id][0].fullmatch(name) is not None


def check_feature_id(features: Sequence[str], feature_id: str, file: str, problems: Problems) -> bool:
    """Complain when hardly any feature looks like `feature_id`; symbols and other names have no form to check.

    Parameters
    ----------
    features : sequence of str
        The features under test.
    feature_id : str
        What study.yaml says they are; ncbi_gene, ensembl_gene and mimat are checked.
    file : str
        The matrix.
    problems : Problems
        Takes the fault.

    Returns
    -------
    bool
        Whether the names are as declared.
    """
    if feature_id not in ("ncbi_gene", "ensembl_gene", "mimat") or not features:
        return True
    strangers = [name for name in features if not looks_like(name, feature_id)]
    if len(features) - len(strangers) >= LEAST_SHARE * len(features):
        return True
    likely = [
        kind
        for kind in _PATTERNS
        if kind != feature_id and sum(looks_like(name, kind) for name in features) >= 0.5 * len(features)
    ]
    problems.add(
        file,
        f"study.yaml says feature_id: {feature_id}, but {len(strangers)} of {len(features)} features are no "
        f"{_PATTERNS[feature_id][1]}: {some([repr(name) for name in strangers])}",
        f"write feature_id: {likely[0]}, which they look like"
        if likely
        else "write what they are (feature_id: symbol, mirbase_name or other), or name the column of identifiers "
        "(counts: feature_column)",
        value=strangers[0],
    )
    return False
