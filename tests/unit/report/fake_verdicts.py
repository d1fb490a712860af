"""Made-up verdicts of claims and tests of sets, by the columns and words of the stages that will write them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from acuomics.files import write_tsv
from acuomics.mechanisms.settests.table import CELL_TYPE_CAUTION
from acuomics.mechanisms.settests.table import COLUMNS as SET_COLUMNS
from acuomics.mechanisms.verdicts.summary import summarise
from acuomics.mechanisms.verdicts.vocabulary import FAMILIES, SCORED_ROLES, SIGNS, TESTS, VERDICT_COLUMNS, VERDICTS
from tests.unit.report.fake_results import CONTRASTS

TESTED = VERDICTS[:7]
NUMBERS = ("log2fc", "ci_low", "ci_high", "p_one_sided", "p_opposite", "p_two_sided", "p_equivalence", "q_family",
           "q_opposite", "q_equivalence", "q_genome_wide", "detectable_log2fc")  # fmt: skip


def fake_verdicts(study: str, n_claims: int = 30, hostile: str = "", seed: int = 7) -> pd.DataFrame:
    """A row a claim and contrast: every verdict occurs, and some claims are never testable."""
    rng = np.random.default_rng(seed)
    rows = []
    words = [*VERDICTS, "not_testable:soma_absent", "not_testable:not_on_platform"]
    for i in range(n_claims):
        word = words[i % len(words)]
        for contrast, _, _, role in CONTRASTS:
            tested = word in TESTED and role in SCORED_ROLES
            direction = list(TESTS)[i % len(TESTS)]
            log2fc = float(rng.normal()) * (SIGNS.get(direction, 1.0))
            numbers = dict.fromkeys(NUMBERS, np.nan)
            if not word.startswith("not_testable"):
                numbers |= {"log2fc": log2fc, "ci_low": log2fc - 0.5, "ci_high": log2fc + 0.5,
                            "q_genome_wide": float(rng.random()), "detectable_log2fc": 0.8}  # fmt: skip
            if tested:
                numbers |= {"p_one_sided": float(rng.random()), "q_family": float(rng.random())}
            if word in TESTED and not tested:
                shown, reason = "inconclusive", f"the contrast does not speak to EA: it is a {role} contrast"
            else:
                shown = word
                reason = f"why {word} of claim {i}" + (f" in {contrast}: a sentence of some length" if tested else "")
            rows.append(
                dict.fromkeys(VERDICT_COLUMNS, "")
                | {
                    "study": study, "claim_id": f"A{i:03d}", "mechanism_id": f"EAM:{i % 6:04d}", "contrast": contrast,
                    "contrast_role": role, "feature": f"{24000 + i}", "identifier": f"{24000 + i}",
                    "symbol": hostile if hostile and i == 3 else f"Gene{i}", "level": "spinal",
                    "claimed_direction": direction, "testability": "direct", "verdict": shown, "claim_result": shown,
                    "reason": reason, "scored": tested, "test": TESTS[direction] if tested else "",
                    "family": FAMILIES[0] if tested else "", "circular": i == 5, "tier": "seed_direct",
                    "direction_rule": "strong", **numbers,
                }
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(VERDICT_COLUMNS))


def write_fake_verdicts(root: Path, studies: Sequence[str], n_claims: int = 30, hostile: str = "") -> dict[str, Path]:
    """Write the two tables of all studies and return their paths by the names that `write_page` gives them."""
    folder = root / "results" / "mechanisms"
    made = [fake_verdicts(study, n_claims, hostile, seed) for seed, study in enumerate(studies)]
    write_tsv(pd.concat(made), folder / "verdicts.tsv")
    counts = [
        summarise(table).assign(study=study, mechanism_set="1.0.0 sha256:abcdef")
        for study, table in zip(studies, made, strict=True)
    ]
    write_tsv(pd.concat(counts), folder / "mechanism_verdicts.tsv")
    return {"verdicts": folder / "verdicts.tsv", "mechanism_verdicts": folder / "mechanism_verdicts.tsv"}


def fake_set_tests(seed: int = 3) -> pd.DataFrame:
    """A row a contrast and set, with a cell-type set and one without expressed genes."""
    rng = np.random.default_rng(seed)
    sets = ("opioid_spinal", "cytokines_spinal", "microglia_spinal", "empty_spinal")
    rows = []
    for contrast, *_ in CONTRASTS:
        for name in sets:
            empty = name.startswith("empty")
            p = np.nan if empty else float(rng.random()) ** 4
            rows.append(
                {
                    "contrast": contrast, "set": name, "n_genes": 0 if empty else 12, "n_not_expressed": 3,
                    "below_size": empty, "direction": "none" if empty else "as_claimed",
                    "mean_log2fc": np.nan if empty else 0.2, "p_fry": p, "p_fry_mixed": p,
                    "direction_camera": "none" if empty else "as_claimed", "p_camera": p,
                    "correlation": np.nan if empty else 0.05, "q": p if empty else min(1.0, 2 * p),
                    "caution": CELL_TYPE_CAUTION if "microglia" in name else "", "sensitivity_ulm_p": p,
                    "claim": "change along the signs: read p_fry", "in_scope": not empty, "absent": "",
                }
            )  # fmt: skip
    return pd.DataFrame(rows, columns=[*SET_COLUMNS, "claim", "in_scope", "absent", "sensitivity_ulm_p"])


def write_fake_set_tests(root: Path, study: str) -> str:
    """Write ``mechanisms/settests.tsv`` of a study and return its path."""
    path = root / "results" / study / "mechanisms" / "settests.tsv"
    write_tsv(fake_set_tests(), path)
    return str(path)
