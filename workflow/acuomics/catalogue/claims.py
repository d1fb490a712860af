"""What a paper claims of a study: claims.tsv read and checked."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence

from acuomics.inputs.table import Table, has_columns, read_table
from acuomics.inputs.words import did_you_mean, some
from acuomics.problems import Problems

Claim = dict[str, str | None]

COLUMNS = (
    "claim",
    "collected",
    "contrast",
    "contrast_as_printed",
    "kind",
    "feature_as_printed",
    "feature",
    "feature_name",
    "name_status",
    "direction",
    "effect",
    "effect_log2fc",
    "count",
    "threshold",
    "evidence",
    "source",
    "note",
)
_MIMAT = "a MIMAT accession such as MIMAT0000892"
_GENE = "an NCBI Gene id such as 24185"
_FORMS = {_MIMAT: re.compile(r"MIMAT[0-9]{7}"), _GENE: re.compile(r"[1-9][0-9]*")}
#: What identifies the feature of a claim of each kind; a claim of a kind without forms is about no single feature.
KINDS: dict[str, tuple[str, ...]] = {
    "mirna": (_MIMAT,),
    "transcript": (_GENE,),
    "protein": (_GENE,),
    "methylation": (_GENE,),
    "correlation": (_MIMAT, _GENE),
    "metabolite": (),
    "gene_set": (),
    "count": (),
}
RESOLVED = ("current", "renamed", "synonym", "emended")
STATUSES = (*RESOLVED, "ambiguous", "dead", "unresolved", "excel_date", "other_species", "not_a_feature")
DIRECTIONS = ("up", "down", "changed", "none", "both")
EVIDENCE = ("abstract", "table", "second_hand", "recount")
#: A column that only studies of single cells have.
CELL_TYPE = "cell_type"
_OPTIONAL = frozenset(
    {"collected", "contrast", "feature", "feature_name", "direction"}
    | {"effect", "effect_log2fc", "count", "threshold", "note", CELL_TYPE}
)


def read_claims(
    file: str,
    contrasts: Collection[str],
    pairs: Collection[str],
    problems: Problems,
    *,
    first: Sequence[str] = (),
    cell_types: Collection[str] | None = None,
) -> list[Claim]:
    """Read a table of claims; every fault of it becomes a problem.

    Parameters
    ----------
    file : str
        TSV with exactly the columns `first` and `COLUMNS`; what is not known is ``NA``.
    contrasts, pairs : collection of str
        The contrasts and the reversal pairs (``<model>__<treatment>``) of the study; a claim is about one of
        them, or about none that the study has (``NA``).
    problems : Problems
        Takes every fault: columns, ids given twice, words outside a vocabulary, unknown contrasts, numbers that
        are none, and features that do not go with the kind of the claim or the status of the name.
    first : sequence of str
        Columns before `COLUMNS`, as in the table of papers that are no study of the catalogue.
    cell_types : collection of str, optional
        Of a study of single cells the types that become studies (empty: not known). Its table may have the column
        ``cell_type`` behind the others: the type that a claim is about, or ``NA``.

    Returns
    -------
    list of dict
        A mapping a row, every column a key; ``NA`` is None.
    """
    table = read_table(file, "\t", problems)
    if table is None:
        return []
    typed = cell_types is not None and CELL_TYPE in table.columns
    columns = (*first, *COLUMNS, *((CELL_TYPE,) if typed else ()))
    if not _same_columns(table, columns, problems):
        return []
    known = [*contrasts, *pairs]
    claims: list[Claim] = []
    seen: dict[str, int] = {}
    for number, cells in enumerate(table.rows, start=1):
        row = _Row(file, number, dict(zip(table.columns, cells, strict=True)), problems)
        row.check_cells(columns, first)
        name = row.cells["claim"]
        if name and seen.setdefault(name, number) != number:
            row.fault("claim", f"the claim is named twice (first in row {seen[name]})", "give every claim its own name")
        row.check_contrast(known)
        if typed and cell_types:
            row.check_type(cell_types)
        row.check_numbers()
        row.check_feature()
        claims.append({column: row.get(column) for column in columns})
    return claims


def _same_columns(table: Table, columns: Sequence[str], problems: Problems) -> bool:
    complete = has_columns(table, columns, problems)
    strangers = [name for name in table.columns if name not in columns]
    if strangers and complete:
        fix = f"remove it; the columns are {', '.join(columns)}"
        problems.add(table.file, f"unknown column {some(strangers)}", fix, row="header", column=strangers[0])
    return complete and not strangers


class _Row:
    """One row under check."""

    def __init__(self, file: str, number: int, cells: dict[str, str], problems: Problems) -> None:
        self.file, self.number, self.cells, self.problems = file, number, cells, problems

    def get(self, column: str) -> str | None:
        """Give a cell; None where it is NA."""
        value = self.cells[column]
        return None if value == "NA" else value

    def fault(self, column: str, message: str, fix: str) -> None:
        self.problems.add(self.file, message, fix, row=self.number, column=column, value=self.cells[column])

    def check_cells(self, columns: Sequence[str], first: Sequence[str]) -> None:
        """Empty cells, cells that must be known, closed vocabularies, names and numbers of claims."""
        for column in columns:
            if not self.cells[column]:
                self.fault(column, "the cell is empty", "write the value, or NA where it is not known")
            elif self.get(column) is None and column not in _OPTIONAL and column not in first:
                self.fault(column, "this must be known of every claim", "write the value")
        words = {"kind": tuple(KINDS), "name_status": STATUSES, "direction": DIRECTIONS, "evidence": EVIDENCE}
        for column, vocabulary in words.items():
            value = self.get(column)
            if value and value not in vocabulary:
                hint = did_you_mean(value, vocabulary)
                self.fault(column, "not a word of this column", f"{hint} write one of {', '.join(vocabulary)}".strip())
        if self.cells["claim"] and not re.fullmatch(r"c[0-9]{2,}", self.cells["claim"]):
            self.fault("claim", "not a name of a claim", "write c and a number of two digits or more, such as c01")
        if not re.fullmatch(r"NA|[1-9][0-9]*(;[1-9][0-9]*)*|", self.cells["collected"]):
            self.fault("collected", "not numbers of collected rows", "write whole numbers with ';' between them, or NA")

    def check_contrast(self, known: Sequence[str]) -> None:
        contrast = self.get("contrast")
        if contrast and contrast not in known:
            hint = did_you_mean(contrast, known)
            there = f"write NA, or one of {some(known, 10)}" if known else "write NA: the study has no contrasts"
            self.fault("contrast", "neither a contrast nor a reversal pair of the study", f"{hint} {there}".strip())

    def check_type(self, known: Collection[str]) -> None:
        cell_type = self.get(CELL_TYPE)
        if cell_type and cell_type not in known:
            hint = did_you_mean(cell_type, list(known))
            fix = f"declare it (cells.types), write NA for a claim of no one type, or one of {some(list(known), 12)}"
            self.fault(CELL_TYPE, "no type of the study that is tested", f"{hint} {fix}".strip())

    def check_numbers(self) -> None:
        count, effect = self.get("count"), self.get("effect_log2fc")
        if count is not None and not re.fullmatch(r"[0-9]+", count):
            self.fault("count", "not a whole number", "write digits only, or NA")
        if (count is None) == (self.cells["kind"] == "count"):
            message = "a claim of the kind count has a number here, and only such a claim"
            self.fault("count", message, "write the number, or NA and another kind")
        if effect is not None and not _is_number(effect):
            self.fault("effect_log2fc", "not a number", "write the printed log2 fold change, or NA")
        elif effect is not None and float(effect) * {"up": 1, "down": -1}.get(self.cells["direction"], 0) < 0:
            fix = "mend the effect or the direction: up is positive, in the contrast named"
            self.fault("effect_log2fc", f"the effect is against the direction {self.cells['direction']}", fix)

    def check_feature(self) -> None:
        """A resolved name has an id of the right form; no other name, and no claim without a feature, has one."""
        kind, status = self.cells["kind"], self.cells["name_status"]
        if kind not in KINDS or status not in STATUSES:
            return  # already reported
        forms = KINDS[kind]
        if bool(forms) == (status == "not_a_feature"):
            wanted = "another status" if forms else "not_a_feature"
            self.fault(
                "name_status", f"does not go with a claim of the kind {kind}", f"write {wanted}, or mend the kind"
            )
            return
        for column in ("feature", "feature_name"):
            if (self.get(column) is not None) != (status in RESOLVED):
                self.fault(
                    column,
                    f"given where the name is {status}" if self.get(column) else f"missing where the name is {status}",
                    f"write it when the name is {', '.join(RESOLVED)}, and NA otherwise",
                )
        feature = self.get("feature")
        if feature and forms and not any(_FORMS[form].fullmatch(feature) for form in forms):
            self.fault("feature", f"not an identifier for a claim of the kind {kind}", f"write {' or '.join(forms)}")
        if status == "emended" and self.get("note") is None:
            self.fault("note", "an emended name needs a reason", "say why the printed name is read as another")


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
