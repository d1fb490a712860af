"""All that is said of a table of effects, genes x studies: Stouffer, random effects, signs, and one study left out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtr

from acuomics.de.kernels.filtering import adjust_bh
from acuomics.mechanisms.verdicts.vocabulary import SIGNS
from acuomics.synthesis.random_effects import RandomEffects, random_effects
from acuomics.synthesis.stouffer import stouffer, two_tails, upper_tail
from acuomics.synthesis.vocabulary import Settings

Floats = NDArray[np.float64]


def combine(
    effect: Floats, se: Floats, n: Floats, sign: Floats, test: NDArray[np.str_], settings: Settings
) -> pd.DataFrame:
    """Pool one effect a study for every row.

    Parameters
    ----------
    effect, se : array of float, shape (rows, studies)
        log2 fold changes and standard errors, NaN where a study has none.
    n : array of float, shape (studies,)
        Effective numbers of samples.
    sign : array of float, shape (rows,)
        The direction asked for, 1 or -1; NaN where none is.
    test : array of str, shape (rows,)
        ``one_sided``, ``two_sided`` or ``equivalence``.
    settings : Settings

    Returns
    -------
    DataFrame
        The numbers of `POOLED_COLUMNS` without q values, a row a row; and `p_opposite`, `z_opposite` left to the
        caller's family. Rows of fewer than two studies have counts and nothing else.
    """
    fit = random_effects(effect, se, tau2=settings.tau2, level=settings.level)
    enough = fit.k > 1
    z = np.where(enough, stouffer(effect / se, n), np.nan)
    one_sided, equivalence = test == "one_sided", test == "equivalence"
    rising, falling = (np.nansum(way * np.nan_to_num(effect) > 0, axis=1) for way in (1.0, -1.0))
    asked = np.where(np.isnan(sign), np.sign(fit.estimate), sign)
    table = pd.DataFrame(fit.columns())
    table["k"] = fit.k.astype(int)
    table["stouffer_z"] = np.where(one_sided, sign, 1.0) * z
    table["stouffer_p"] = np.where(one_sided, upper_tail(sign * z), two_tails(z))
    table["p_opposite"] = np.where(one_sided, upper_tail(-sign * z), np.where(equivalence, two_tails(z), np.nan))
    table["p_equivalence"] = _equivalence(fit, settings.equivalence_bound)
    table["p_claim"] = np.where(equivalence, table["p_equivalence"], table["stouffer_p"])
    table["n_up"], table["n_down"] = rising.astype(int), falling.astype(int)
    agree = np.where(asked > 0, rising, np.where(asked < 0, falling, 0)).astype(int)
    table["n_agree"] = agree
    table["sign_consistency"] = [
        sign_words(int(a), int(k), settings.least_for_share) if k else ""
        for a, k in zip(agree, table["k"], strict=True)
    ]
    parts = leave_one_out(effect, se, n, settings)
    low, high, largest, changes = (np.full(len(effect), np.nan) for _ in range(4))
    if parts:
        estimates = np.vstack([part["estimate"] for part in parts])
        p = np.vstack(
            [
                np.where(one_sided, upper_tail(sign * part["stouffer_z"]), two_tails(part["stouffer_z"]))
                for part in parts
            ]
        )
        known = ~np.isnan(estimates)
        some = known.any(axis=0)
        low[some] = np.nanmin(estimates[:, some], axis=0)
        high[some] = np.nanmax(estimates[:, some], axis=0)
        largest[some] = np.nanmax(np.where(known, p, -np.inf)[:, some], axis=0)
        changes[some] = ((np.sign(estimates) != np.sign(fit.estimate)) & known).sum(axis=0)[some]
    table["loo_low"], table["loo_high"], table["loo_largest_p"], table["loo_sign_changes"] = low, high, largest, changes
    return table


def leave_one_out(effect: Floats, se: Floats, n: Floats, settings: Settings) -> list[dict[str, Floats]]:
    """The answer without each study in turn: a dict of arrays of shape (rows,) a study.

    NaN where the study has no estimate of the row (leaving it out changes nothing) or fewer than two others have one.
    Empty for fewer than three studies.
    """
    found: list[dict[str, Floats]] = []
    if effect.shape[1] < 3:
        return found
    for at in range(effect.shape[1]):
        kept = np.arange(effect.shape[1]) != at
        here = ~np.isnan(effect[:, at]) & ~np.isnan(se[:, at])
        fit = random_effects(effect[:, kept], se[:, kept], tau2=settings.tau2, level=settings.level)
        usable = here & (fit.k > 1)
        part = fit.columns() | {"stouffer_z": stouffer(effect[:, kept] / se[:, kept], n[kept])}
        found.append({name: np.where(usable, values, np.nan) for name, values in part.items()})
    return found


def signs_of(directions: pd.Series[Any]) -> Floats:
    """1 for ``up``, -1 for ``down``, NaN for whatever is no direction."""
    found: Floats = np.asarray(directions.map(dict(SIGNS)), dtype=np.float64)
    return found


def sign_words(agree: int, k: int, least_for_share: int) -> str:
    """ "3 of 4"; from `least_for_share` studies on with the share."""
    return f"{agree} of {k}" + (f" ({100 * agree / k:.0f} %)" if k >= least_for_share else "")


def adjust(p: Floats) -> Floats:
    """Benjamini-Hochberg over the values that are there."""
    q = np.full(p.shape, np.nan)
    known = ~np.isnan(p)
    if known.any():
        q[known] = adjust_bh(p[known])
    return q


def conclude(table: pd.DataFrame, sign: Floats, settings: Settings) -> list[str]:
    """The conclusion of every row (see `CONCLUSIONS`), from its q values and intervals."""
    rate = settings.rate
    shown, against = (table["q_claim"] < rate).to_numpy(), (table["q_opposite"] < rate).to_numpy()
    low, high = table["ci_low"].to_numpy(dtype=np.float64), table["ci_high"].to_numpy(dtype=np.float64)
    absence = (table["test"] == "equivalence").to_numpy()
    open_ = np.isnan(sign)
    apart = np.where(open_, (low > 0) | (high < 0), np.where(sign > 0, low > 0, high < 0))
    turned = np.where(open_, (low > 0) | (high < 0), np.where(sign > 0, high < 0, low > 0))
    rules: list[tuple[Any, str]] = [
        ((table["k"] == 0).to_numpy(), "no_estimate"),
        ((table["k"] == 1).to_numpy(), "one_study"),
        (shown & absence, "no_change_supported"),
        (shown & apart & ~absence, "supported"),
        (against & turned, "opposed"),
        ((table["q_equivalence"] < rate).to_numpy() & ~shown & ~against, "no_change_supported"),
        ((shown & ~absence) | against, "in_some_studies"),
    ]
    return [str(word) for word in np.select([r for r, _ in rules], [w for _, w in rules], default="inconclusive")]


def _equivalence(fit: RandomEffects, bound: float) -> Floats:
    """Two one-sided t tests of the mean against plus and minus the bound."""
    with np.errstate(invalid="ignore", divide="ignore"):
        above = stdtr(fit.df, (fit.estimate - bound) / fit.se)
        below = stdtr(fit.df, -(fit.estimate + bound) / fit.se)
    found: Floats = np.maximum(above, below)
    return found
