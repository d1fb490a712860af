"""From a tested claim to its verdict and a sentence that says why."""

from __future__ import annotations

from typing import Any

import numpy as np

from acuomics.claims.evidence import Evidence
from acuomics.mechanisms.verdicts.vocabulary import Settings

#: The level that the usual recipe asks of one feature.
NOMINAL = 0.05


def verdict_of(row: Any, settings: Settings) -> str:
    """Verdict of one tested claim; the rules are in `acuomics.claims.vocabulary`.

    Parameters
    ----------
    row : namedtuple
        A row of `acuomics.claims.family.measure`.
    """
    nominal = row.test == "one_sided" and row.p_claim < NOMINAL
    if row.q_claim < settings.rate and not picked(row, settings):
        return "reproduced"
    if row.q_counter < settings.rate:
        return "contradicted"
    if nominal:
        return "direction_only"
    if row.q_smaller < settings.rate:
        return "contradicted"
    return "underpowered" if row.power < settings.power else "inconclusive"


def picked(row: Any, settings: Settings) -> bool:
    """Whether the feature was picked from these data for its p value, and is not small enough among all features."""
    return bool(row.same_data and row.test != "equivalence" and not row.q_genome < settings.rate)


def sentence(label: str, row: Any, verdict: str, evidence: Evidence, settings: Settings) -> str:
    """Say what was seen, with the numbers, and what follows for the claim."""
    rate = f"{settings.rate:g}"
    said = {"up": "a rise", "down": "a fall", "none": "no change"}.get(row.direction, "a change")
    moved = "rose" if row.log2fc > 0 else "fell"
    q = f"q {row.q_claim:.2g}"
    if verdict == "reproduced" and row.test == "equivalence":
        text = f"a change beyond {settings.equivalence_bound:g} log2 is ruled out ({q} of equivalence), as claimed"
    elif verdict == "reproduced":
        text = f"it {moved}, and {said} is claimed ({q} over the claims of the study)"
        if row.q_smaller < settings.rate:
            text += f"; but a change as large as the printed {row.effect:+.2f} is excluded"
    elif verdict == "contradicted" and row.q_counter < settings.rate:
        seen = f"it {moved}" if row.direction in ("up", "down", "none") else "the treatment moved it further"
        text = f"{seen}, while {said} is claimed (q of the contradiction {row.q_counter:.2g})"
    elif verdict == "contradicted":
        text = f"a change as large as the printed {row.effect:+.2f} is excluded (q {row.q_smaller:.2g})"
        text += "; a smaller one is not"
    elif verdict == "direction_only":
        text = f"the sign is that of the claim (one-sided p {row.p_claim:.2g}; one false claim in twenty gets as far)"
        text += "" if row.q_claim < settings.rate else f", but {q} over the claims is not below {rate}"
    else:
        text = _undecided(row, verdict, said, settings)
    return f"{label} in {_place(evidence)}: {_seen(row, settings)}; {text}{_same_data(row, verdict, settings)}"


def _seen(row: Any, settings: Settings) -> str:
    estimate = "log2FC is not given" if np.isnan(row.log2fc) else f"log2FC {row.log2fc:+.2f}"
    if np.isnan(row.se):
        return f"{estimate}, p {row.p:.2g} as deposited"
    return f"{estimate}, {100 * settings.confidence:g} % interval {row.log2fc_low:+.2f} to {row.log2fc_high:+.2f}"


def _place(evidence: Evidence) -> str:
    return f"{evidence.contrast} ({evidence.samples} samples)" if evidence.samples else evidence.contrast


def _undecided(row: Any, verdict: str, said: str, settings: Settings) -> str:
    """Why there is no answer; never that nothing changed."""
    if np.isnan(row.power):
        return (
            f"this neither shows {said} nor its absence, and without a standard error neither an interval nor the "
            "power can be given"
        )
    target = f"an absence of change (within {settings.equivalence_bound:g} log2)"
    if row.test != "equivalence":
        size = settings.detectable_bound if np.isnan(row.effect) else abs(row.effect)
        target = f"a change of {size:.2f} log2" + ("" if np.isnan(row.effect) else ", as printed,")
    if verdict == "underpowered":
        return f"the test would show {target} with a power of {100 * row.power:.0f} % only: no evidence for or against"
    small = max(abs(row.log2fc_low), abs(row.log2fc_high)) < settings.equivalence_bound
    also = f"; a change beyond {settings.equivalence_bound:g} log2 is outside its interval" if small else ""
    return f"this neither shows {said} nor refutes it (power for {target} {100 * row.power:.0f} %){also}"


def _same_data(row: Any, verdict: str, settings: Settings) -> str:
    """What it means that the claim was made from the data that judge it; empty where it was not, or does not matter."""
    if not row.same_data or row.test == "equivalence":
        return ""
    if verdict == "reproduced":
        return "; the claim was made from these data, so that this repeats a calculation and is no independent evidence"
    if row.p_claim < NOMINAL and verdict in ("direction_only", "inconclusive", "underpowered"):
        among = "it has no q among all features" if np.isnan(row.q_genome) else f"q is {row.q_genome:.2g}"
        return f"; the feature was picked from all features of these data, and among them {among}"
    return ""
