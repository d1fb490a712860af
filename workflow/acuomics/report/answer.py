"""The answer of a study in words, built from its numbers; what is not significant is never called unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acuomics.report.read import StudyResults
from acuomics.report.words import count, fold, listing, mean_count, number, percent


def answer(results: StudyResults, settings: Mapping[str, Any]) -> list[str]:
    """Say what a study shows, in sentences.

    Parameters
    ----------
    results : StudyResults
        What the stages wrote.
    settings : mapping
        The sections ``de`` and ``reversal`` of the configuration.

    Returns
    -------
    list of str
        Sentences. Text between two pairs of asterisks is to be set strong.
    """
    sentences = [contrast_answer(row, results, settings) for row in results.summary.to_dict("records")]
    sentences.append(power_answer(results, settings))
    if results.reversals:
        for reversal in results.reversals.values():
            sentences += reversal_answer(reversal.summary, results, settings)
    else:
        sentences.append(f"Reversal cannot be tested: {why_no_pair(results)}")
    return sentences


def contrast_answer(row: Mapping[Any, Any], results: StudyResults, settings: Mapping[str, Any]) -> str:
    """How many features changed in one contrast, and how many chance gives."""
    q, word = float(settings["de"]["q"]), results.feature_word
    arms = f"{row['numerator']} against {row['denominator']} ({row['n_numerator']} v {row['n_denominator']} samples)"
    chance = (
        f"at p < 0.05 pass {count(row['n_p05'])}, where {count(row['expected_p05'])} would by chance alone"
        if row["n_p05"] > row["expected_p05"]
        else (
            f"at p < 0.05 pass {count(row['n_p05'])}, no more than the {count(row['expected_p05'])} that chance "
            "alone gives"
        )
    )
    if row["n_q"] == 0:
        return (
            f"{arms}: **none of {count(row['n_tested'])}** tested {word} was detected as changed at q < {q:g} and "
            f"this power; {chance}."
        )
    false = mean_count(q * row["n_q"])
    return (
        f"{arms}: **{count(row['n_q'])} of {count(row['n_tested'])}** tested {word} changed at q < {q:g} "
        f"({count(row['n_q_up'])} up, {count(row['n_q_down'])} down; about {false} of them by chance); {chance}."
    )


def power_answer(results: StudyResults, settings: Mapping[str, Any]) -> str:
    """The smallest change that could be seen, and what that means for all others."""
    power = percent(settings["de"]["power"])
    rows = results.summary.to_dict("records")
    folds = {row["contrast"]: fold(row["median_detectable_log2fc"]) for row in rows}
    known = [f"{size} in {contrast}" for contrast, size in folds.items() if size != "not known"]
    if len(set(folds.values())) == 1:
        known = known and [next(iter(folds.values()))]
    if not known:
        return (
            "The smallest detectable change could not be computed, so that nothing can be said of what was not "
            "detected."
        )
    return (
        f"To be found with {power} power the median one of the {results.feature_word} had to change "
        f"{listing(known)}; what was not detected at this power may still have changed."
    )


def reversal_answer(summary: Mapping[str, Any], results: StudyResults, settings: Mapping[str, Any]) -> list[str]:
    """How many features are reversed: by the honest test, by the usual recipe, and with labels permuted."""
    q, word = float(settings["reversal"]["q"]), results.feature_word
    found = (
        f"**{count(summary['reversed'])} of {count(summary['n_tested'])}** tested {word} are reversed"
        if summary["reversed"]
        else f"**none of {count(summary['n_tested'])}** tested {word} was detected as reversed"
    )
    sentences = [
        f"Reversal ({summary['treatment']} after {summary['model']}): {found} by the test that asks for evidence in "
        f"both directions (q < {q:g}), while the usual overlap of two lists (p < 0.05 in both) holds "
        f"{count(summary['nominal_venn_both'])}, {count(summary['nominal_venn_opposite'])} of them with opposite "
        "signs."
    ]
    permuted = summary.get("permutations") or {}
    if permuted.get("draws"):
        p, smallest = permuted.get("p"), permuted.get("smallest_p")
        others = int(permuted.get("distinct") or 0) - 1
        sentences.append(
            f"With the labels of the model and treated samples permuted ({count(permuted['draws'])} of "
            f"{count(others)} other labelings) the test calls {mean_count(permuted.get('mean'))} on average and the "
            f"overlap still holds {mean_count(permuted.get('nominal_venn_mean'))} of opposite signs; for the number "
            f"of reversed {word} p = {number(p, 2)}, and the smallest p possible here is {number(smallest, 2)}."
        )
    else:
        sentences.append(
            "No labels were permuted, so that there is no p for the number of reversed features as a whole."
        )
    return sentences


def why_no_pair(results: StudyResults) -> str:
    """Why a study has no reversal pair, from the roles of its contrasts."""
    roles = {str(item["role"]) for item in results.record["contrasts"]}
    needed = {
        "model": "a contrast of the model with control",
        "treatment": "a contrast of the treatment with the model",
    }
    missing = [name for role, name in needed.items() if role not in roles]
    if missing:
        return f"the study's contrasts lack {listing(missing)}."
    return (
        "no model and treatment contrast of this study share an arm (the model's numerator must be the treatment's "
        "denominator)."
    )
