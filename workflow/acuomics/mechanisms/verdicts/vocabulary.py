"""The words, columns and settings of the verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: Verdicts that a test can end in, and those that come before one; ``not_testable:<reason>`` besides.
VERDICTS = (
    "concordant",
    "discordant",
    "no_change_supported",
    "two_sided_change",
    "conflicted_claim",
    "inconclusive",
    "no_power",
    "not_expressed",
    "out_of_scope_level",
)
NOT_TESTABLE = "not_testable"

#: Contrasts that set EA against what it must be compared with: the model, or sham EA.
SCORED_ROLES = ("treatment", "specificity")

#: Signs of a claim, as the curated table spells them.
DIRECTIONS: Mapping[str, str] = {
    "+": "up",
    "-": "down",
    "0": "absence",
    "two_sided": "two_sided",
    "conditional": "conditional",
    "na": "none",
}
SIGNS: Mapping[str, float] = {"up": 1.0, "down": -1.0}

#: The test that a claimed direction asks for.
TESTS: Mapping[str, str] = {
    "up": "one_sided",
    "down": "one_sided",
    "absence": "equivalence",
    "two_sided": "two_sided",
    "conditional": "two_sided",
}

#: Families of multiplicity: all claims with a sign or of absence; conflicted and two-sided ones; circular ones.
FAMILIES = ("claims", "exploratory", "circular")

#: Best first. A row is no better than its claim and its member.
TIERS = ("seed_named", "seed_direct", "seed_proxy", "extended", "hypothesis")

#: Evidence of members that the sources name, or that are the only gene of what they name.
NAMED = ("named_in_seed", "sole_or_direct_gene_of_named_entity")

#: Columns of the verdict table.
#: `verdict` is the word to read; `claim_result` is the claim's own result where the verdict is ``conflicted_claim``.
#: `scored` is true for a test in a contrast that speaks to EA and a claim that is not circular.
#: `q_family` belongs to the `test` named; `q_opposite` to its contradiction, `q_equivalence` to no change at all.
VERDICT_COLUMNS = (
    "study",
    "claim_id",
    "mechanism_id",
    "contrast",
    "contrast_role",
    "feature",
    "identifier",
    "symbol",
    "level",
    "claimed_direction",
    "testability",
    "verdict",
    "reason",
    "claim_result",
    "scored",
    "log2fc",
    "ci_low",
    "ci_high",
    "test",
    "p_one_sided",
    "p_opposite",
    "p_two_sided",
    "p_equivalence",
    "q_family",
    "q_opposite",
    "q_equivalence",
    "family",
    "q_genome_wide",
    "detectable_log2fc",
    "circular",
    "conflict_group",
    "conflict_with",
    "agrees_with",
    "disagrees_with",
    "shared_with",
    "tier",
    "member_evidence",
    "role",
    "direction_rule",
    "remarks",
)


@dataclass(frozen=True)
class Settings:
    """Error rates and bounds.

    Parameters
    ----------
    rate : float
        False discovery rate within a family.
    alpha : float
        Level of the one-sided test at which power is stated.
    power : float
        Power of the smallest detectable change.
    detectable_bound : float
        A test that detects only larger |log2FC| than this has no power.
    equivalence_bound : float
        "No change" means |log2FC| below this; 0.585 is a factor of 1.5.
    confidence : float
        Level of the two-sided intervals.
    least_count : float
        A gene counts as expressed when its mean could come from this many reads in each sample of the smallest
        arm of the contrast and none elsewhere (the rule of edgeR's filterByExpr, on the overall mean).
    """

    rate: float = 0.05
    alpha: float = 0.05
    power: float = 0.8
    detectable_bound: float = 1.0
    equivalence_bound: float = 0.585
    confidence: float = 0.95
    least_count: float = 10.0
