"""Claims about a number of changed features, against what these data find and what chance gives."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from acuomics.claims.evidence import Evidence
from acuomics.de.kernels.filtering import adjust_bh
from acuomics.de.wald import detectable_log2fc
from acuomics.mechanisms.verdicts.vocabulary import Settings

#: The cut on |log2 fold change| that the usual recipe adds: a factor of two.
USUAL_LOG2FC = 1.0


@dataclass(frozen=True)
class Found:
    """How many features changed in one direction, by several rules.

    Attributes
    ----------
    at_rate, at_rate_twofold : int
        At the false discovery rate; of these with a twofold change.
    nominal : int
        At p < 0.05, of a pair the overlap of both lists with opposite signs: the longest list the usual rules give.
    expected : float
        How many of these chance gives where nothing changes; NaN where that is not known.
    smallest_q : float
        Smallest q of the tests for this direction alone over all features: below the rate, changes in it are shown.
    power, detectable : float
        The median feature's power for the configured |log2 fold change| at the contrast's own threshold, and the
        smallest change it finds with the configured power; NaN without standard errors.
    """

    at_rate: int
    at_rate_twofold: int
    nominal: int
    expected: float
    smallest_q: float
    power: float
    detectable: float


def count_found(direction: str, evidence: Evidence, settings: Settings) -> Found:
    """Count the features that changed ``up``, ``down``, or either way (any other word).

    Signs are those of the contrast, of a reversal pair those of the treatment. A list of both directions at a rate may
    hold no true feature of one of them, so that a direction is shown by a Benjamini-Hochberg family of its own.
    """
    table = evidence.table
    one_sided = direction in ("up", "down")
    side = (table["sign"] == {"up": 1.0, "down": -1.0}.get(direction, 0.0)) if one_sided else table["sign"].notna()
    held = (table["q"] < settings.rate) & side
    family = table["q"].notna().to_numpy()
    p = table[f"p_{direction}" if one_sided else "p_two"].to_numpy(dtype=np.float64)[family]
    q = adjust_bh(p)
    expected = evidence.nominal_expected
    if one_sided:
        # Which share of the permuted overlaps points one way is not recorded.
        expected = float("nan") if evidence.source == "pair" else expected / 2.0
    power, detectable = _median_power(evidence, settings)
    return Found(
        at_rate=int(held.sum()),
        at_rate_twofold=int((held & (table["log2fc"].abs() >= USUAL_LOG2FC)).sum()),
        nominal=int((table["nominal"] & side).sum()),
        expected=expected,
        smallest_q=float(np.nanmin(q)) if np.isfinite(q).any() else float("nan"),
        power=power,
        detectable=detectable,
    )


def _median_power(evidence: Evidence, settings: Settings) -> tuple[float, float]:
    tested = evidence.table[evidence.table["q"].notna()]
    sizes = tested[["se", "se_model"]].max(axis=1).dropna()
    if sizes.empty:
        return float("nan"), float("nan")
    # A pair must hold in both contrasts; the larger error leads, and each test may miss half as often.
    typical, pair = float(sizes.median()), evidence.source == "pair"
    threshold = evidence.threshold(settings.rate)
    one = float(ndtr(settings.detectable_bound / typical + ndtri(threshold / 2.0)))
    asked = (1.0 + settings.power) / 2.0 if pair else settings.power
    smallest = float(detectable_log2fc(np.array([typical]), threshold, asked)[0])
    return max(0.0, 2.0 * one - 1.0) if pair else one, smallest


def judge_count(claimed: int, direction: str, found: Found, evidence: Evidence, settings: Settings) -> tuple[str, str]:
    """Verdict and reason of a claim that `claimed` features changed; the rules are in `acuomics.claims.vocabulary`."""
    shown = found.smallest_q < settings.rate
    # Of a list at a rate that share may be false.
    low = math.floor((1.0 - settings.rate) * found.at_rate_twofold)
    # A list at p < 0.05 that is no longer than chance makes it gives no support to the number of its rows.
    high = found.at_rate if found.nominal <= found.expected else max(found.nominal, found.at_rate)
    if claimed == 0:
        verdict = "contradicted" if shown else ""
    else:
        verdict = ("reproduced" if low <= claimed <= high else "direction_only") if shown else ""
    verdict = verdict or ("underpowered" if found.power < settings.power else "inconclusive")
    return verdict, _sentence(claimed, direction, found, evidence, verdict, (low, high), settings)


def _sentence(
    claimed: int,
    direction: str,
    found: Found,
    evidence: Evidence,
    verdict: str,
    bounds: tuple[int, int],
    settings: Settings,
) -> str:
    way = {"up": "up", "down": "down"}.get(direction, "either way")
    pair = evidence.source == "pair"
    word = "reversed" if pair else "changed"
    usual = "p < 0.05 in both contrasts with opposite signs" if pair else "p < 0.05"
    place = f"{evidence.contrast} ({evidence.samples} samples)" if evidence.samples else evidence.contrast
    chance = "" if np.isnan(found.expected) else f", where chance alone gives {found.expected:.3g}"
    seen = (
        f"{claimed:,} published as {word} {way} in {place}; here {found.at_rate:,} at q < {settings.rate:g} and "
        f"{found.nominal:,} at {usual}{chance}"
    )
    shown = found.smallest_q < settings.rate
    if claimed and not shown and claimed <= found.expected:
        seen += "; the published number is no more than p < 0.05 gives by chance"
    counted = {found.at_rate, found.nominal} if bounds[1] >= found.nominal else {found.at_rate}
    if claimed and claimed in counted:
        seen += "; the published number is found again"
    if verdict == "reproduced":
        least = f"{bounds[0]:,} (twofold at the rate, less those that may be false)"
        return f"{seen}; the published number lies between {least} and {bounds[1]:,}"
    if verdict == "direction_only":
        side = "below" if claimed < bounds[0] else "above"
        seen += f"; such changes are shown, but their number is {side} the {bounds[0]:,} to {bounds[1]:,} found here"
        if claimed > bounds[1] and found.nominal > bounds[1]:
            seen += "; the list at p < 0.05 is no longer than chance makes it, and supports no number"
        return seen
    if verdict == "contradicted":
        return f"{seen}; there are such changes (smallest q {found.smallest_q:.2g})"
    if found.at_rate and not shown:
        seen += (
            f"; the {found.at_rate:,} stand in a list of both directions, whose false ones may all be here: a test of "
            f"this direction by itself has a smallest q of {found.smallest_q:.2g}"
        )
    if np.isnan(found.power):
        why = "the power is not known"
    elif verdict == "underpowered":
        why = (
            f"the median feature had to change by {found.detectable:.2f} log2 to be found with "
            f"{100 * settings.power:g} % power"
        )
    else:
        why = f"the power for {settings.detectable_bound:g} log2 was {100 * found.power:.0f} % for the median feature"
    return f"{seen}; no such change is shown here, which does not mean that there is none: {why}"
