"""Reversal pairs: which model and treatment contrasts belong together, and why others do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Contrast = Mapping[str, Any]


def _components(contrast: Contrast) -> set[int]:
    """Give the factors of ``a:b`` (by position) in which the two cells of a contrast differ; of one factor {0}.

    A difference of differences, and a level that cannot be split, give the empty set.
    """
    names = contrast["factor"].split(":")
    if len(names) == 1:
        return {0}
    sides = [str(contrast[side]).split(":") for side in ("numerator", "denominator")]
    if any(len(side) != len(names) for side in sides):
        return set()
    return {at for at, (x, y) in enumerate(zip(*sides, strict=True)) if x != y}


def _exchangeable(model: Contrast, treatment: Contrast) -> bool:
    """Whether both are contrasts of two cells, and the treated and the model arm differ in one factor only.

    Their labels can then be exchanged for the permutation null.
    """
    return bool(_components(model)) and len(_components(treatment)) == 1


def _of_role(contrasts: Sequence[Contrast], role: str) -> list[Contrast]:
    return [contrast for contrast in contrasts if contrast["role"] == role]


def find_pairs(contrasts: Sequence[Contrast]) -> list[dict[str, str]]:
    """Find the reversal pairs: a model and a treatment contrast of one factor that share the model arm.

    Parameters
    ----------
    contrasts : sequence of mapping
        The contrasts of the study record.

    Returns
    -------
    list of dict
        pair, model, treatment, factor, control_level, model_level, treated_level; in table order. A treatment
        whose numerator is the control says nothing about reversal and makes no pair. Contrasts of cells of ``a:b``
        make one only when the treatment changes one factor: its levels can be exchanged within the other.
    """
    return [
        {
            "pair": f"{model['contrast']}__{treatment['contrast']}",
            "model": model["contrast"],
            "treatment": treatment["contrast"],
            "factor": model["factor"],
            "control_level": model["denominator"],
            "model_level": model["numerator"],
            "treated_level": treatment["numerator"],
        }
        for model in _of_role(contrasts, "model")
        for treatment in _of_role(contrasts, "treatment")
        if model["factor"] == treatment["factor"]
        and model["numerator"] == treatment["denominator"]
        and treatment["numerator"] != model["denominator"]
        and _exchangeable(model, treatment)
    ]


def unpaired(contrasts: Sequence[Contrast]) -> list[str]:
    """Say of every treatment contrast without a reversal pair why no model contrast goes with it.

    A study without a model contrast, or without a treatment contrast, asks for no pair and gets no warning.

    Returns
    -------
    list of str
        A warning a treatment contrast; then one a model contrast that no warning and no pair names.
    """
    models, treatments = _of_role(contrasts, "model"), _of_role(contrasts, "treatment")
    if not models or not treatments:
        return []
    paired = {row[role] for row in find_pairs(contrasts) for role in ("model", "treatment")}
    found: list[str] = []
    named: set[str] = set()
    for treatment in treatments:
        if treatment["contrast"] in paired:
            continue
        # The model contrast that shares most with it says best what is wrong.
        model = min(models, key=lambda row, t=treatment: _why(row, t)[0])  # type: ignore[misc]
        named.add(model["contrast"])
        found.append(_warning(model, treatment))
    for model in models:
        if model["contrast"] not in paired | named:
            found.append(_warning(model, min(treatments, key=lambda row, m=model: _why(m, row)[0])))  # type: ignore[misc]
    return found


def _warning(model: Contrast, treatment: Contrast) -> str:
    return (
        f"no reversal is tested for the model contrast {model['contrast']} and the treatment contrast "
        f"{treatment['contrast']}: {_why(model, treatment)[1]}"
    )


def _why(model: Contrast, treatment: Contrast) -> tuple[int, str]:
    """Give a rank (0 is nearest to a pair) and the reason why the two make none."""
    m, t = model["contrast"], treatment["contrast"]
    if model["factor"] != treatment["factor"]:
        return 6, f"they are of different factors, {model['factor']} and {treatment['factor']}"
    (up, base), (treated, against) = ((row["numerator"], row["denominator"]) for row in (model, treatment))
    if against == up and treated != base:
        return 0, (
            f"in {model['factor']} the treated and the model arm must be two cells that differ in one factor, and the "
            "model contrast must be of two cells"
        )
    if against == up:
        return 1, f"the numerator of {t} is the control {base!r}; it must be the treated arm"
    if treated == up:
        return 2, f"{t} is upside down: its denominator must be the model arm {up!r}, and its numerator the treated arm"
    if against == base:
        return 3, (
            f"both have the denominator {base!r}; a treatment contrast is against the model arm {up!r} (EA against "
            f"control has the role residual), unless {m} is upside down"
        )
    if treated == base:
        return 4, f"the numerator of {t} is the denominator {base!r} of {m}: one of them is upside down"
    return 5, f"they share no arm; the numerator of {m}, {up!r}, must be the denominator of {t}, {against!r}"
