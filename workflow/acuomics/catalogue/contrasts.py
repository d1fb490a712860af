"""Pass 2: the table of contrasts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from acuomics.catalogue.formula import Formula
from acuomics.inputs.table import Table, read_table
from acuomics.inputs.words import did_you_mean, some
from acuomics.problems import Problems

COLUMNS = ("contrast", "factor", "numerator", "denominator", "covariates", "role")
ROLES = ("model", "treatment", "specificity", "residual", "baseline", "interaction")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_MINUS = re.compile(r"\s+-\s+")


@dataclass(frozen=True)
class _Arms:
    """The levels (of an interaction: the cells ``x:y``) of a contrast's factor, and how many samples each has."""

    counts: Counter[str]

    def parts(self, side: str) -> list[str]:
        """Split ``cell - cell``; known names are taken whole first, since a level may hold a hyphen."""
        if side in self.counts:
            return [side]
        for cell in self.counts:
            rest = side.removeprefix(cell)
            if rest != side and re.match(r"\s+-\s+", rest):
                return [cell, re.sub(r"^\s+-\s+", "", rest)]
        return [part.strip() for part in re.split(r"\s+-\s+", side)]


def read_contrasts(
    path: str,
    design: Formula | None,
    samples: Sequence[Mapping[str, str]],
    min_replicates: int,
    problems: Problems,
    warnings: list[str],
) -> list[dict[str, Any]]:
    """Read contrasts.tsv and check it against the design and the samples.

    Parameters
    ----------
    path : str
        TSV with the columns contrast, factor, numerator, denominator, covariates, role.
    design : Formula or None
        The parsed formula; None (already reported) leaves out the checks that need it.
    samples : sequence of mapping
        ``sample`` and the factors.
    min_replicates : int
        The least number of samples in an arm.
    problems : Problems
        Takes every fault found.
    warnings : list of str
        Takes what is allowed but weak: arms of two or three samples.

    Returns
    -------
    list of dict
        The contrasts of the study record; ``covariates`` is a list.
    """
    table = read_table(path, "\t", problems)
    if table is None or not _check_columns(table, problems):
        return []
    found: list[dict[str, Any]] = []
    seen: dict[str, int] = {}
    for number, cells in enumerate(table.rows, start=1):
        row = dict(zip(table.columns, cells, strict=True))
        name = row["contrast"]
        # It becomes a file name and part of cov__a__b: no '__', and no second one by letter case.
        if not _NAME.fullmatch(name) or "__" in name:
            problems.add(
                path,
                "not a name for files",
                "use letters, digits, and single '_', '-', '.' after the first",
                row=number,
                column="contrast",
                value=name,
            )
        if seen.setdefault(name.casefold(), number) != number:
            problems.add(
                path,
                f"the contrast is named twice (first in row {seen[name.casefold()]})",
                "give every contrast its own name; letter case does not count",
                row=number,
                column="contrast",
                value=name,
            )
        if row["role"] not in ROLES:
            problems.add(
                path,
                "not a role",
                f"{did_you_mean(row['role'], ROLES)} write one of {', '.join(ROLES)}".strip(),
                row=number,
                column="role",
                value=row["role"],
            )
        covariates = [part.strip() for part in row["covariates"].split("|") if part.strip()]
        contrast: dict[str, Any] = {**{key: row[key] for key in COLUMNS}, "covariates": covariates}
        if ":" in row["factor"]:
            # One way of writing a difference, for all who split it later.
            contrast |= {side: _MINUS.sub(" - ", row[side]) for side in ("numerator", "denominator")}
        if design is not None:
            _check_contrast(contrast, design, samples, min_replicates, path, number, problems, warnings)
        found.append(contrast)
    return found


def _check_columns(table: Table, problems: Problems) -> bool:
    for name in COLUMNS:
        if name not in table.columns:
            hint = did_you_mean(name, [c for c in table.columns if c not in COLUMNS])
            problems.add(
                table.file,
                f"the column {name!r} is missing",
                f"{hint} write the columns {', '.join(COLUMNS)}".strip(),
                row="header",
                column=name,
            )
    strangers = [name for name in table.columns if name not in COLUMNS]
    if strangers and all(name in table.columns for name in COLUMNS):
        problems.add(
            table.file,
            f"unknown column {some([repr(name) for name in strangers])}",
            f"remove it; the columns are {', '.join(COLUMNS)}",
            row="header",
            column=strangers[0],
        )
    return all(name in table.columns for name in COLUMNS)


def _check_contrast(
    contrast: Mapping[str, Any],
    design: Formula,
    samples: Sequence[Mapping[str, str]],
    min_replicates: int,
    path: str,
    number: int,
    problems: Problems,
    warnings: list[str],
) -> None:
    def fault(column: str, message: str, fix: str, value: str | None = None) -> None:
        text = contrast[column] if value is None else value
        problems.add(path, message, fix, row=number, column=column, value=text)

    factor = contrast["factor"]
    pairs = {f"{a}:{b}": (a, b) for a, b in design.interactions}
    known = [*design.factors, *pairs]
    if factor not in known:
        hint = did_you_mean(factor, known)
        fault("factor", "not a term of the design", f"{hint} write one of the terms {', '.join(known)}".strip())
        return
    inside = pairs.get(factor, (factor,))
    if any(name not in row for row in samples for name in inside):
        return  # the design names a factor that the sheet lacks: reported with the design
    involved = [pair for pair, both in pairs.items() if factor in both]
    if involved:
        fault(
            "factor",
            f"the effect of {factor!r} differs by the other factor, since the design holds {involved[0]}",
            f"say which effect is meant: factor {involved[0]}, cells such as "
            + some(sorted({":".join(row[name] for name in pairs[involved[0]]) for row in samples}), 4),
        )
        return
    others = [name for name in design.factors if name not in inside]
    if sorted(contrast["covariates"]) != sorted(others):
        fault(
            "covariates",
            f"the one fit of the study is {design.formula}, so the covariates of this contrast are "
            + (" and ".join(others) or "none"),
            f"write {'|'.join(others)!r}" if others else "leave the cell empty",
            "|".join(contrast["covariates"]),
        )
    arms = _Arms(Counter(":".join(row[name] for name in inside) for row in samples))
    sides = {side: arms.parts(contrast[side]) for side in ("numerator", "denominator")}
    sizes = sorted({len(parts) for parts in sides.values()})
    if contrast["numerator"] == contrast["denominator"]:
        fault("numerator", "numerator and denominator are the same", "compare two different levels")
        return
    if sizes != [1] and (factor not in pairs or sizes != [2]):
        fault(
            "numerator",
            "not a level or a difference of two cells on both sides",
            "write one level on each side; of an interaction one cell x:y, or 'x:y - x:z', on each side",
        )
        return
    if (contrast["role"] == "interaction") != (sizes == [2]):
        fault(
            "role",
            "a difference of differences has the role interaction, and only it has",
            "compare 'x:y - x:z' with 'w:y - w:z' for an interaction; of two levels choose another role",
        )
    for side, parts in sides.items():
        for level in parts:
            n = arms.counts[level]
            place = f"{factor} = {level}"
            if n == 0:
                levels = sorted(arms.counts)
                hint = did_you_mean(level, levels)
                fault(
                    side,
                    f"unknown level {level!r}",
                    f"{hint} write a level of {factor}: {', '.join(levels)}".strip(),
                )
            elif n < min_replicates:
                what = "one sample has no variance to test against" if n == 1 else f"{n} samples"
                fault(
                    side,
                    f"too few biological replicates in {place}: {what}; at least {min_replicates} are needed",
                    "remove the contrast, or add samples (intake.min_replicates cannot go under 2)",
                )
            elif n <= 3:
                name = contrast["contrast"]
                text = f"{name}: only {n} samples in {place}; small and middling effects go undetected"
                if n == 1:
                    text = f"{name}: one sample in {place} has no variance to test against: nothing is tested there"
                if text not in warnings:
                    warnings.append(text)
