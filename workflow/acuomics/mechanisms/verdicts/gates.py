"""What comes before a test, in the order of the rules: each row stops at the first gate that holds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from acuomics.mechanisms.verdicts.scope import frequencies
from acuomics.mechanisms.verdicts.vocabulary import NOT_TESTABLE, SCORED_ROLES

Row = Any

_NO_P = {
    "outlier": "its p value is void because of an outlying sample",
    "not_converged": "its model did not converge",
    "": "the table of the contrast does not have it",
}


def gate_rows(rows: pd.DataFrame, study_frequencies: set[float]) -> pd.DataFrame:
    """Set `verdict` and `reason` of the rows that no test decides; both are empty for the others.

    The order: testability (the claim, its members, the soma rule, the platform), expression, tissue level, the
    contrast, and what a sign needs (a direction, the frequency of the claim, a p value).

    Parameters
    ----------
    rows : DataFrame
        Measured units, a row a claim, contrast and gene.
    study_frequencies : set of float
        Stimulation frequencies of the study in Hz; empty when the record does not say.
    """
    level = rows["study_level"]
    elsewhere = [
        soma != "" and here not in soma.split("|") for soma, here in zip(rows["soma_levels"], level, strict=True)
    ]
    claimed = [frequencies(cell) for cell in rows["frequency_hz"]]
    other_frequency = [bool(f and study_frequencies and not f & study_frequencies) for f in claimed]
    none = rows["claimed_direction"] == "none"
    gates: list[tuple[Any, str | None, Callable[[Row], str]]] = [
        # The soma rule first: where a gene is not transcribed, that says more than what RNA could tell elsewhere.
        (elsewhere, f"{NOT_TESTABLE}:soma_absent", _soma_absent),
        (rows["gate"] != "", None, lambda row: str(row.gate_reason)),
        (rows["feature"] == "", f"{NOT_TESTABLE}:not_on_platform", _not_on_platform),
        (~rows["expressed"], "not_expressed", _not_expressed),
        (~rows["in_scope"], "out_of_scope_level", _out_of_scope),
        (~rows["contrast_role"].isin(SCORED_ROLES), "inconclusive", _silent_contrast),
        (none, "inconclusive", lambda row: "the claim gives no direction, so nothing can agree or disagree with it"),
        (other_frequency, "inconclusive", _other_frequency),
        (rows["p_two_sided"].isna(), "inconclusive", _no_p),
    ]
    masks = np.column_stack([np.asarray(mask, dtype=bool) for mask, _, _ in gates])
    first = np.where(masks.any(axis=1), masks.argmax(axis=1), len(gates))
    verdicts, reasons = [], []
    for row, gate in zip(rows.itertuples(index=False), first, strict=True):
        if gate == len(gates):
            verdicts.append("")
            reasons.append("")
            continue
        _, verdict, why = gates[gate]
        verdicts.append(str(row.gate) if verdict is None else verdict)
        reasons.append(why(row))
    unknown = [bool(f) and not study_frequencies for f in claimed]
    rows["remarks"] = [
        "; ".join(filter(None, [remark, f"the claim is about {_hertz(f)}; the study's frequency is not recorded"]))
        if no
        else remark
        for remark, f, no in zip(rows["remarks"], claimed, unknown, strict=True)
    ]
    return rows.assign(verdict=verdicts, reason=reasons)


def _soma_absent(row: Row) -> str:
    where = str(row.soma_levels).replace("|", ", ")
    return f"{row.symbol} is transcribed in {where}; reads of it in {row.study_level} tissue say nothing of its neurons"


def _not_on_platform(row: Row) -> str:
    if row.kind == "mirna" and row.assay == "mrna":
        return f"{row.symbol} is a miRNA, and the study counted mRNA"
    if row.kind == "gene" and row.assay == "mirna":
        return f"{row.symbol} is a gene, and the study counted miRNAs"
    return f"{row.symbol} ({row.identifier}) is not among the features of the study"


def _not_expressed(row: Row) -> str:
    if row.status == "all_zero":
        return f"{row.symbol} has no reads in any sample"
    if row.log2fc == 0.0:
        return f"{row.symbol} has no reads in either arm of the contrast"
    return f"{row.symbol} has too few reads (mean {row.base_mean:.3g}) to say that this tissue expresses it"


def _out_of_scope(row: Row) -> str:
    claimed = str(row.level).replace("|", ", ") or "no level"
    return f"the claim is about {claimed}; the study is of {row.study_level} tissue"


def _silent_contrast(row: Row) -> str:
    return f"the contrast does not speak to EA: it is a {row.contrast_role} contrast ({row.contrast_text})"


def _other_frequency(row: Row) -> str:
    return f"the claim is about {_hertz(frequencies(row.frequency_hz))}, and the study stimulated otherwise"


def _no_p(row: Row) -> str:
    return f"{row.symbol} was not tested: {_NO_P.get(row.status, f'its status is {row.status}')}"


def _hertz(found: set[float]) -> str:
    return ", ".join(f"{value:g}" for value in sorted(found)) + " Hz"
