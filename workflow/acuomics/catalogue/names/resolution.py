"""The answer to "which miRNA or gene is meant by this name?": a closed vocabulary, and never a guess."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

#: ``current``: the newest release has the name. ``renamed``: an earlier name of one entry. ``synonym``: NCBI Gene
#: lists it as a synonym of one gene. ``ambiguous``: it fits several. ``dead``: its entry was withdrawn.
#: ``excel_date``: a spreadsheet made a date of it. ``other_species``: only other species have it. Else ``unresolved``.
STATUSES = ("current", "renamed", "synonym", "ambiguous", "dead", "unresolved", "excel_date", "other_species")
#: The only statuses that may carry an identifier. An emended slip is none of them.
RESOLVED = frozenset({"current", "renamed", "synonym"})
COLUMNS = ("name", "status", "id", "current_name", "candidates", "suggestion", "reason")


class Candidate(NamedTuple):
    """What a name may mean: today's name, and the identifier (NCBI Gene or MIMAT) where the tables have one."""

    name: str
    id: str | None = None

    def __str__(self) -> str:
        return f"{self.name} ({self.id})" if self.id else self.name


@dataclass(frozen=True)
class Resolution:
    """What became of one name.

    Attributes
    ----------
    name : str
        As printed.
    status : str
        One of `STATUSES`.
    id : str or None
        MIMAT accession or NCBI Gene id; only with a status of `RESOLVED`, and None there when the tables know the gene
        and not its number.
    current_name : str or None
        Today's name of `id`.
    candidates : tuple of Candidate
        What it may mean when it is not resolved; sorted, nearest slips first.
    reason : str
        Why, in a sentence.
    suggestion : str or None
        Today's name of what was probably meant. For a person to confirm: nothing is computed from it.
    """

    name: str
    status: str
    id: str | None = None
    current_name: str | None = None
    candidates: tuple[Candidate, ...] = ()
    reason: str = ""
    suggestion: str | None = None

    @property
    def resolved(self) -> bool:
        """Whether the name means one thing, and its identifier is known."""
        return self.status in RESOLVED and self.id is not None

    def row(self) -> dict[str, str]:
        """Give the answer as text by `COLUMNS`; what is not there is empty."""
        values = {name: getattr(self, name) for name in COLUMNS} | {
            "candidates": "; ".join(map(str, self.candidates)),
        }
        return {name: value or "" for name, value in values.items()}
