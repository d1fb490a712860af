"""The six super-families: gene sets fixed in advance for set tests, from a table of mechanisms and signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from acuomics.inputs.table import read_table
from acuomics.mechanisms.curated import CuratedSet
from acuomics.mechanisms.settests.checks import GeneSet
from acuomics.problems import Problems

COLUMNS = ("superfamily", "mechanism_id", "roles", "claimed_sign", "levels", "why")
#: A family without a claimed direction is oriented upward, and only its mixed p answers to the claim.
SIGNS = {"+": 1.0, "-": -1.0, "two_sided": 1.0}


@dataclass(frozen=True)
class Superfamily:
    """One set in one study.

    Attributes
    ----------
    positions : integer array of shape (genes,)
        Rows of the features of the study.
    signs : array of shape (genes,)
        Direction that the claim asks of each transcript, +1 or -1.
    two_sided : bool
        Whether no direction is claimed.
    in_scope : bool
        Whether the claims speak of the tissue level of the study.
    absent : tuple of str
        Genes of the set that the study does not have.
    """

    positions: np.ndarray
    signs: np.ndarray
    two_sided: bool
    in_scope: bool
    absent: tuple[str, ...]

    @property
    def gene_set(self) -> GeneSet:
        """Positions and signs, as the set tests take them."""
        return self.positions, self.signs


def read_superfamilies(path: str, curated: CuratedSet, problems: Problems) -> pd.DataFrame:
    """Read the table and check it against the curated set; every fault goes to `problems`."""
    table = read_table(path, "\t", problems)
    if table is None:
        return pd.DataFrame(columns=list(COLUMNS))
    if tuple(table.columns) != COLUMNS:
        problems.add(path, "other columns than expected", f"the columns are {', '.join(COLUMNS)}", row="header")
        return pd.DataFrame(columns=list(COLUMNS))
    frame = pd.DataFrame(table.rows, columns=list(COLUMNS))
    known = set(curated.mechanisms["mechanism_id"])
    levels = set(curated.levels["level"])
    for number, row in enumerate(frame.to_dict("records"), start=1):
        if row["mechanism_id"] not in known:
            fix = "name a mechanism of mechanisms.tsv"
            problems.add(
                path, "an unknown mechanism", fix, row=number, column="mechanism_id", value=row["mechanism_id"]
            )
        if row["claimed_sign"] not in SIGNS:
            fix = f"write one of {', '.join(SIGNS)}"
            problems.add(path, "not a sign", fix, row=number, column="claimed_sign", value=row["claimed_sign"])
        for level in set(row["levels"].split("|")) - levels:
            problems.add(path, "an unknown tissue level", "see levels.tsv", row=number, column="levels", value=level)
    for name, part in frame.groupby("superfamily"):
        if part["claimed_sign"].eq("two_sided").any() and not part["claimed_sign"].eq("two_sided").all():
            problems.add(
                path,
                "a super-family claims a direction for some mechanisms and none for others",
                "make it two families",
                column="claimed_sign",
                value=str(name),
            )
    return frame


def superfamilies_of(
    families: pd.DataFrame, curated: CuratedSet, taxon: int, level: str, gene_ids: Sequence[str | None]
) -> dict[str, Superfamily]:
    """The sets of one study: members of the study's species, found by NCBI Gene id.

    Parameters
    ----------
    families : DataFrame
        From `read_superfamilies`.
    curated : CuratedSet
    taxon : int
    level : str
        Tissue level of the study.
    gene_ids : sequence of str or None, of length features
        NCBI Gene id of each feature.
    """
    place: dict[str, int] = {}
    for position, gene in enumerate(gene_ids):
        if isinstance(gene, str) and gene:
            place.setdefault(gene, position)
    members = curated.members[curated.members["species"] == str(taxon)]
    result: dict[str, Superfamily] = {}
    for name, part in families.groupby("superfamily", sort=False):
        genes: dict[str, tuple[str, float]] = {}
        for row in part.to_dict("records"):
            roles = set(row["roles"].split("|"))
            chosen = members[(members["mechanism_id"] == row["mechanism_id"]) & members["role"].isin(roles)]
            for member in chosen.to_dict("records"):
                if member["direction_rule"] != "none" and member["expected_sign"] not in ("", "0"):
                    sign = SIGNS[row["claimed_sign"]] * float(member["expected_sign"])
                    genes.setdefault(member["gene_ncbi"], (member["symbol"], sign))
        found = sorted((place[gene], sign) for gene, (_, sign) in genes.items() if gene in place)
        result[str(name)] = Superfamily(
            np.array([position for position, _ in found], dtype=np.intp),
            np.array([sign for _, sign in found], dtype=float),
            bool(part["claimed_sign"].eq("two_sided").any()),
            any(level in row.split("|") for row in part["levels"]),
            tuple(sorted(symbol for gene, (symbol, _) in genes.items() if gene not in place)),
        )
    return result
