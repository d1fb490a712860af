"""The answer of a study in a short list, built from its numbers; what is not significant is never called unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acuomics.report.read import StudyResults
from acuomics.report.words import count, fixed, fold, listing, mean_count, number, percent


def answer(results: StudyResults, settings: Mapping[str, Any]) -> list[str]:
    """Say what a study shows, the reversal first.

    Parameters
    ----------
    results : StudyResults
        What the stages wrote.
    settings : mapping
        The sections ``de`` and ``reversal`` of the configuration.

    Returns
    -------
    list of str
        An item each. Text between two pairs of asterisks is to be set strong.
    """
    items: list[str] = []
    for pair in results.reversals:
        items += reversal_answer(pair, results, settings)
    if not results.reversals:
        items.append(f"**Reversal** cannot be tested: {why_no_pair(results)}")
    items += [contrast_answer(row, results, settings) for row in results.summary.to_dict("records")]
    items.append(power_answer(results, settings))
    return items


def reversal_answer(pair: str, results: StudyResults, settings: Mapping[str, Any]) -> list[str]:
    """How many features are reversed: by the honest test, by the usual recipe, and with labels permuted."""
    summary = results.reversals[pair].summary
    q, word = float(settings["reversal"]["q"]), results.feature_word
    name = "Reversal" if len(results.reversals) == 1 else f"Reversal ({arm_path(pair, results)})"
    found = (
        f"**{name}: {count(summary['reversed'])} of {count(summary['n_tested'])}** tested {word}, by the test that "
        "asks for evidence in both directions"
        if summary["reversed"]
        else f"**{name}: none of {count(summary['n_tested'])}** tested {word} was detected as reversed by the test "
        "that asks for evidence in both directions"
    )
    items = [
        f"{found} (q < {q:g}). The usual overlap of two lists (p < 0.05 in both, opposite signs) would report "
        f"{count(summary['nominal_venn_opposite'])}."
    ]
    permuted = summary.get("permutations") or {}
    if not permuted.get("draws"):
        return [
            *items,
            "**By chance:** no labels were permuted, so that the number of reversed features has no p.",
        ]
    others = int(permuted.get("distinct") or 0) - 1
    items.append(
        f"**By chance:** with the labels of the model and treated samples permuted ({count(permuted['draws'])} of "
        f"{count(others)} other labelings) the test calls {mean_count(permuted.get('mean'))} on average and the "
        f"overlap {mean_count(permuted.get('nominal_venn_mean'))}; {permutation_p(permuted)}."
    )
    return items


def permutation_p(permuted: Mapping[str, Any]) -> str:
    """Say the p of the number of reversed features, and whether it is the smallest that the draws allow."""
    p, smallest, draws = permuted.get("p"), permuted.get("smallest_p"), count(permuted["draws"])
    if p is not None and p == smallest:
        return f"p = {number(p, 2)}, the floor of {draws} draws: no smaller p is possible"
    return f"p = {number(p, 2)}, where the floor of {draws} draws is {number(smallest, 2)}"


def keeps_effect(results: StudyResults, pair: str) -> str:
    """Say why the mean of the relabelings is not the zero of a study without effects; empty where none was permuted."""
    if not (results.reversals[pair].summary.get("permutations") or {}).get("draws"):
        return ""
    planted = [name for name, n in (results.recovery_summary.get("planted") or {}).items() if n and name != "null"]
    if planted:
        return (
            "relabelings keep part of the planted treatment effect: this mean is not zero, and the permutation p is "
            "conservative"
        )
    return (
        "where the treatment has a true effect, relabelings keep part of it: this mean is then not zero, and the "
        "permutation p is conservative"
    )


def contrast_answer(row: Mapping[Any, Any], results: StudyResults, settings: Mapping[str, Any]) -> str:
    """How many features changed in one contrast, and how many chance gives."""
    q, word = float(settings["de"]["q"]), results.feature_word
    arms = f"{row['numerator']} / {row['denominator']}"
    samples = f"{row['n_numerator']} v {row['n_denominator']} samples"
    chance = (
        f"p < 0.05 holds for {count(row['n_p05'])}, by chance alone for {count(row['expected_p05'])}"
        if row["n_p05"] > row["expected_p05"]
        else f"p < 0.05 holds for {count(row['n_p05'])}, no more than the {count(row['expected_p05'])} of chance alone"
    )
    if row["n_q"] == 0:
        return (
            f"**{arms}: none of {count(row['n_tested'])}** tested {word} was detected as changed at q < {q:g} and this "
            f"power ({samples}); {chance}."
        )
    return (
        f"**{arms}: {count(row['n_q'])} of {count(row['n_tested'])}** tested {word} changed at q < {q:g} "
        f"({samples}; {count(row['n_q_up'])} up, {count(row['n_q_down'])} down; about {fixed(q * row['n_q'], 1)} of "
        f"them by chance); {chance}."
    )


def power_answer(results: StudyResults, settings: Mapping[str, Any]) -> str:
    """The smallest change that could be seen, and what that means for all others."""
    power = percent(settings["de"]["power"])
    rows = results.summary.to_dict("records")
    folds = {f"{row['numerator']} / {row['denominator']}": fold(row["median_detectable_log2fc"]) for row in rows}
    known = [f"{size} in {arms}" for arms, size in folds.items() if size != "not known"]
    if len(set(folds.values())) == 1:
        known = known and [next(iter(folds.values()))]
    if not known:
        return (
            "**Power:** the smallest detectable change could not be computed, so that nothing can be said of what was "
            "not detected."
        )
    return (
        f"**Power:** to be found with {power} power the median one of the {results.feature_word} had to change "
        f"{listing(known)}; what was not detected at this power may still have changed."
    )


def arm_path(pair: str, results: StudyResults) -> str:
    """The three arms of a pair: ``control → model → treated``."""
    contrasts = results.summary.set_index("contrast")
    model, treatment = (contrasts.loc[results.reversals[pair].summary[role]] for role in ("model", "treatment"))
    return f"{model['denominator']} → {model['numerator']} → {treatment['numerator']}"


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
