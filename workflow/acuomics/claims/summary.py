"""The verdicts of a study in numbers and in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from acuomics.claims.family import TEST_KEY
from acuomics.claims.vocabulary import NOT_TESTED_BRIEFLY
from acuomics.mechanisms.verdicts.vocabulary import Settings

_WORDS: Mapping[str, str] = {
    "reproduced": "reproduced",
    "contradicted": "contradicted",
    "direction_only": "with the sign of the claim and no more",
    "underpowered": "without the power to say",
    "inconclusive": "inconclusive",
}
_BY_TYPE = "Published claims about one cell type, judged in the study of that type: {n}."
_NOT_TESTED: Mapping[str, str] = {
    "name_unresolved": "with an unresolved name",
    **{f"not_tested:{reason}": text for reason, text in NOT_TESTED_BRIEFLY.items()},
}


def summarise_claims(record: Mapping[str, Any], verdicts: pd.DataFrame, settings: Settings) -> dict[str, Any]:
    """Content of ``claims/claims.json``.

    Returns
    -------
    dict
        ``study, n_claims, n_judged`` (held against data), ``by_verdict`` (every verdict that occurs), ``family_size``
        (distinct tests of features), ``same_data`` (claims made from these data, of those judged), ``rate, power``,
        ``n_by_type`` (claims of single cells about one type, which its own study judges), ``answer`` (a sentence).
    """
    counts = verdicts["verdict"].value_counts()
    judged = verdicts["verdict"].isin(_WORDS)
    by_type = len(record.get("claims") or []) - len(verdicts)
    told = "" if by_type and verdicts.empty else answer(verdicts)
    # Rows of one test share estimate and p values; what is claimed of it is part of the test.
    tests = verdicts[judged & verdicts["test"].notna()]
    key = ["contrast", "feature", *TEST_KEY[2:]]
    tests = tests.rename(columns={"direction_claimed": "direction", "effect_claimed": "effect"})
    return {
        "study": record["study"],
        "n_claims": len(verdicts),
        "n_judged": int(judged.sum()),
        "by_verdict": {str(word): int(n) for word, n in sorted(counts.items(), key=lambda item: str(item[0]))},
        "family_size": int((~tests.duplicated(key)).sum()),
        "same_data": int(verdicts.loc[judged, "same_data"].astype(bool).sum()),
        "rate": settings.rate,
        "power": settings.power,
        "n_by_type": by_type,
        "answer": f"{_BY_TYPE.format(n=by_type)} {told}".strip() if by_type else told,
    }


def answer(verdicts: pd.DataFrame) -> str:
    """Say in a sentence what became of the claims; nothing is called refuted for want of power or data."""
    if verdicts.empty:
        return "No published claim is recorded for this study."
    counts = verdicts["verdict"].value_counts()
    judged = [f"{counts[word]} {text}" for word, text in _WORDS.items() if word in counts.index]
    n_judged = int(verdicts["verdict"].isin(_WORDS).sum())
    others = [f"{counts[word]} {text}" for word, text in _NOT_TESTED.items() if word in counts.index]
    claims = f"{len(verdicts)} published claim{'s' if len(verdicts) != 1 else ''}"
    if not judged:
        return f"None of {claims} could be held against data: {', '.join(others)}."
    text = f"Of {claims} {n_judged} could be held against the data: {', '.join(judged)}"
    text += f"; not tested: {', '.join(others)}." if others else "."
    if verdicts.loc[verdicts["verdict"].isin(_WORDS), "same_data"].astype(bool).all():
        text += " Those were made from the same data, so that agreement is no independent evidence."
    return text
