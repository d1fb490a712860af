"""The answer of a study in a short list, built from its numbers; what is not significant is never called unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acuomics.report.read import StudyResults
from acuomics.report.sentences import Sentence, say
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
        items.append(say("answer.no_reversal", why=f"@{why_no_pair(results).key}"))
    items += [contrast_answer(row, results, settings) for row in results.summary.to_dict("records")]
    items.append(power_answer(results, settings))
    return items


def reversal_answer(pair: str, results: StudyResults, settings: Mapping[str, Any]) -> list[str]:
    """How many features are reversed: by the honest test, by the usual recipe, and with labels permuted."""
    summary = results.reversals[pair].summary
    found = say(
        "answer.reversed" if summary["reversed"] else "answer.none_reversed",
        arms="" if len(results.reversals) == 1 else f" ({arm_path(pair, results)})",
        found=count(summary["reversed"]),
        tested=count(summary["n_tested"]),
        word=f"@word.{results.feature_word}",
        q=f"{float(settings['reversal']['q']):g}",
        nominal=count(summary["nominal_venn_opposite"]),
    )
    permuted = summary.get("permutations") or {}
    if not permuted.get("draws"):
        return [found, say("answer.not_permuted")]
    p = permutation_p(permuted)
    chance = say(
        "answer.by_chance_floor" if p.key == "answer.p_floor" else "answer.by_chance",
        others=count(int(permuted.get("distinct") or 0) - 1),
        mean=mean_count(permuted.get("mean")),
        overlap=mean_count(permuted.get("nominal_venn_mean")),
        **p.given,
    )
    return [found, chance]


def permutation_p(permuted: Mapping[str, Any]) -> Sentence:
    """Say the p of the number of reversed features, and whether it is the smallest that the draws allow."""
    p, smallest = permuted.get("p"), permuted.get("smallest_p")
    given = {"p": number(p, 2), "draws": count(permuted["draws"]), "smallest": number(smallest, 2)}
    return say("answer.p_floor" if p is not None and p == smallest else "answer.p", **given)


def keeps_effect(results: StudyResults, pair: str) -> str:
    """Say why the mean of the relabelings is not the zero of a study without effects; empty where none was permuted."""
    if not (results.reversals[pair].summary.get("permutations") or {}).get("draws"):
        return ""
    planted = [name for name, n in (results.recovery_summary.get("planted") or {}).items() if n and name != "null"]
    return say("answer.keeps_planted" if planted else "answer.keeps_effect")


def contrast_answer(row: Mapping[Any, Any], results: StudyResults, settings: Mapping[str, Any]) -> Sentence:
    """How many features changed in one contrast, and how many chance gives."""
    q = float(settings["de"]["q"])
    more = row["n_p05"] > row["expected_p05"]
    return say(
        f"answer.{'changed' if row['n_q'] else 'none_changed'}{'' if more else '_as_chance'}",
        arms=f"{row['numerator']} / {row['denominator']}",
        found=count(row["n_q"]),
        tested=count(row["n_tested"]),
        word=f"@word.{results.feature_word}",
        q=f"{q:g}",
        samples=f"{row['n_numerator']} v {row['n_denominator']}",
        up=count(row["n_q_up"]),
        down=count(row["n_q_down"]),
        false=fixed(q * row["n_q"], 1),
        p05=count(row["n_p05"]),
        expected=count(row["expected_p05"]),
    )


def power_answer(results: StudyResults, settings: Mapping[str, Any]) -> Sentence:
    """The smallest change that could be seen, and what that means for all others."""
    rows = results.summary.to_dict("records")
    folds = {f"{row['numerator']} / {row['denominator']}": fold(row["median_detectable_log2fc"]) for row in rows}
    known = [f"{size} in {arms}" for arms, size in folds.items() if size != "not known"]
    if len(set(folds.values())) == 1:
        known = known and [next(iter(folds.values()))]
    if not known:
        return say("answer.power_unknown")
    power = percent(settings["de"]["power"])
    return say("answer.power", power=power, word=f"@word.{results.feature_word}", folds=listing(known))


def arm_path(pair: str, results: StudyResults) -> str:
    """The three arms of a pair: ``control → model → treated``."""
    contrasts = results.summary.set_index("contrast")
    model, treatment = (contrasts.loc[results.reversals[pair].summary[role]] for role in ("model", "treatment"))
    return f"{model['denominator']} → {model['numerator']} → {treatment['numerator']}"


def why_no_pair(results: StudyResults) -> Sentence:
    """Why a study has no reversal pair, from the roles of its contrasts."""
    roles = {str(item["role"]) for item in results.record["contrasts"]}
    missing = [role for role in ("model", "treatment") if role not in roles]
    return say(f"no_pair.{'both' if len(missing) == 2 else missing[0] if missing else 'apart'}")
