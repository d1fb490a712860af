"""The files, columns, words and settings of the synthesis across studies.

Vocabulary
----------
A *pool* is a set of studies whose effects may be combined: same family (simulated or real), species, tissue level,
compartment (bulk tissue or one cell type), assay, endpoint (the condition that was treated), kind of intervention,
frequency class and comparison (against the model, or against sham). What is not known of a study is a class of its
own: it is never pooled with what is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: Below ``results/synthesis/``.
FILES: Mapping[str, str] = {
    "effects": "effects.tsv",
    "pooled": "pooled.tsv",
    "leave_one_out": "leave_one_out.tsv",
    "replication": "replication.tsv",
    "published_elsewhere": "published_elsewhere.tsv",
    "reporting": "reporting.tsv",
    "moderators": "moderators.tsv",
    "facts": "synthesis.json",
    "all_effects": "effects.parquet",
}

#: Simulated and real studies never meet in a pool.
FAMILIES = ("real", "simulated")
#: `main`: one species. `across_species`: the sensitivity analysis that joins genes through orthologues.
ANALYSES = ("main", "across_species")
#: What a pooled row is: `one_study`: nothing to pool, the numbers stay empty; `no_estimate`: no study has any.
STATUSES = ("pooled", "one_study", "no_estimate")

#: What the studies of a pool say together. `supported`: Stouffer's rate and an interval of the mean apart from zero,
#: both along the claim (of genes: either way). `in_some_studies`: Stouffer alone, which is a change in at least one
#: study, not a mean of all. `opposed`: as `supported`, against the claim. `no_change_supported`: the mean is shown to
#: be below the equivalence bound. Otherwise `inconclusive`, or the status where nothing was pooled.
CONCLUSIONS = (
    "supported",
    "in_some_studies",
    "opposed",
    "no_change_supported",
    "inconclusive",
    "one_study",
    "no_estimate",
)

#: Classes of stimulation. Hz bounds of low and high stand in the configuration. `alternating`: 2/100 Hz and the like.
#: `several`: the study used several and its contrast does not say which; `none`: no current (needles, moxibustion).
FREQUENCY_CLASSES = (
    "low",
    "intermediate",
    "high",
    "alternating",
    "several",
    "none",
    "unknown",
    "contradictory",
)
#: Classes of which no two studies are known to be alike: never pooled.
UNPOOLED_FREQUENCIES = ("several", "contradictory")

#: What makes two studies alike, in the order of a pool's name.
POOL_KEY = (
    "family",
    "species",
    "level",
    "compartment",
    "assay",
    "endpoint",
    "intervention",
    "frequency_class",
    "role",
)

#: One effect a study and gene. `in_pool` false: the row is shown and not pooled, `reason` says why. `claims`: the
#: curated claims that test the gene, joined by ``|``. The table holds what a person may ask for: genes of curated
#: claims, and genes whose pooled change is shown. ``effects.parquet`` has all genes, with the same columns.
EFFECT_COLUMNS = (
    "pool",
    "family",
    "study",
    "contrast",
    "role",
    "feature",
    "identifier_kind",
    "identifier",
    "symbol",
    "base_mean",
    "log2fc",
    "log2fc_se",
    "ci_low",
    "ci_high",
    "p",
    "q",
    "n_numerator",
    "n_denominator",
    "effective_n",
    "claims",
    "in_pool",
    "reason",
)

#: One row a pool and gene (unit `gene`), or a pool, claim and gene (unit `claim`; circular studies are left out).
#: Stouffer: `stouffer_p` is one-sided along `direction` for claims with a sign, two-sided otherwise. Random effects:
#: `estimate` to `p` with Hartung and Knapp's standard error (their factor, `hk_scale`, bounded at 1), `p` two-sided,
#: and `prediction_*` where a new study's true effect would lie.
#: `tau2_low`, `tau2_high`: Q-profile interval. `sign_consistency`: "3 of 4" studies have the sign of the claim (of the
#: estimate, for genes). `loo_low`, `loo_high`: the range of the estimates with one study left out; `loo_largest_p`: the
#: largest Stouffer p then. `p_claim` is the p of the test that the claim asks for: Stouffer's, of a claim of absence
#: `p_equivalence` (two one-sided tests of the mean against the bound); of a gene Stouffer's. `q_claim` and `q_opposite`
#: (the test against the claim) are Benjamini-Hochberg rates over all genes of the pool, or over all distinct tests of
#: claims of a family of multiplicity (`test_family`, as in the verdict table); `stouffer_q`, `q` and `q_equivalence`
#: those of `stouffer_p`, `p` and `p_equivalence`. `left_out`: studies whose effect is not in it since the claim
#: was made from them.
POOLED_COLUMNS = (
    "analysis",
    "pool",
    "family",
    "unit",
    "claim_id",
    "mechanism_id",
    "identifier_kind",
    "identifier",
    "symbol",
    "direction",
    "test",
    "test_family",
    "status",
    "k",
    "studies",
    "left_out",
    "stouffer_z",
    "stouffer_p",
    "stouffer_q",
    "p_claim",
    "q_claim",
    "q_opposite",
    "conclusion",
    "estimate",
    "se",
    "df",
    "ci_low",
    "ci_high",
    "p",
    "q",
    "p_equivalence",
    "q_equivalence",
    "prediction_low",
    "prediction_high",
    "tau2",
    "tau2_low",
    "tau2_high",
    "i2",
    "heterogeneity_q",
    "heterogeneity_p",
    "hk_scale",
    "n_up",
    "n_down",
    "n_agree",
    "sign_consistency",
    "loo_low",
    "loo_high",
    "loo_largest_p",
    "loo_sign_changes",
    "one_to_many",
    "caution",
)

#: A row a pooled row of three studies or more and study left out: rows of claims, and of genes whose pooled change is
#: shown.
LEAVE_ONE_OUT_COLUMNS = (
    "analysis",
    "pool",
    "unit",
    "claim_id",
    "identifier",
    "symbol",
    "left_out",
    "k",
    "estimate",
    "se",
    "ci_low",
    "ci_high",
    "p",
    "tau2",
    "stouffer_z",
    "stouffer_p",
    "sign_changes",
)

#: Words of a cell of the replication matrix beside those of the verdict table: genes of one claim that say opposite
#: things; and studies that have no fit.
MATRIX_WORDS = ("mixed", "no_data")

#: Studies x curated claims: a row a claim, study and scored contrast. `chosen`: the row that the matrix shows where a
#: study has several. `verdict`: the most telling word of its genes (`MATRIX_ORDER`), `n_*` how many genes have which.
REPLICATION_COLUMNS = (
    "claim_id",
    "mechanism_id",
    "mechanism",
    "assertion",
    "claim_level",
    "direction",
    "conflict_group",
    "study",
    "family",
    "kind",
    "species",
    "assay",
    "study_level",
    "contrast",
    "role",
    "chosen",
    "verdict",
    "n_genes",
    "n_tested",
    "n_concordant",
    "n_discordant",
    "n_no_change",
    "circular",
    "genes",
    "reason",
)

#: The first word that any gene of the claim has is the word of the cell; `concordant` beside `discordant` is `mixed`.
#: What begins with ``not_testable:`` comes last but one.
MATRIX_ORDER = (
    "mixed",
    "concordant",
    "discordant",
    "no_change_supported",
    "two_sided_change",
    "conflicted_claim",
    "inconclusive",
    "no_power",
    "not_expressed",
    "not_testable",
    "out_of_scope_level",
    "no_data",
)

#: What looking for a published claim elsewhere found: the verdicts of `acuomics.claims.vocabulary` (``reproduced``,
#: ``direction_only``, ``inconclusive``, ``contradicted``, ``underpowered``, ``not_tested:<reason>``; one family of
#: tests a study that was looked in), and this one where no study of the run could be asked.
NOT_LOOKED_FOR = "not_looked_for"

#: A row a published claim, and study and contrast where else it was looked for; one row with empty `elsewhere` where it
#: was looked for nowhere (`reason` says why). `claim_study` is the study that published it, or a paper (`collection`
#: other_papers). `evidence` is that of claims.tsv. `own_verdict`: what its own data say, where they are in the run.
#: The claim is never an estimate: `log2fc` is the other study's.
PUBLISHED_ELSEWHERE_COLUMNS = (
    "claim_study",
    "claim",
    "collection",
    "claim_has_data",
    "kind",
    "feature_as_printed",
    "feature",
    "feature_name",
    "species",
    "claim_level",
    "cell_type",
    "claim_role",
    "direction_claimed",
    "effect_claimed",
    "evidence",
    "source",
    "own_verdict",
    "elsewhere",
    "family",
    "contrast",
    "role",
    "elsewhere_level",
    "same_level",
    "found",
    "log2fc",
    "ci_low",
    "ci_high",
    "p_claim",
    "q_claim",
    "q_genome",
    "detectable_log2fc",
    "power",
    "reason",
)

#: Counted from the catalogue of published studies, a row a practice; `share` is `stated` / `of`.
REPORTING_COLUMNS = ("practice", "among", "of", "stated", "share", "studies")

#: A row a study and scored contrast. What was not stated is empty; `schedule` is as printed, and the only place that
#: may tell the time since the last session. `taken`: whether the contrast is in its pool. `regressed` is never true
#: below `least_for_regression` studies of the pool; `why` says so.
MODERATOR_COLUMNS = (
    "study",
    "family",
    "contrast",
    "role",
    "pool",
    "species",
    "level",
    "compartment",
    "assay",
    "endpoint",
    "endpoint_from",
    "intervention",
    "frequency_hz",
    "frequency_class",
    "frequency_from",
    "acupoints",
    "side",
    "intensity",
    "sham",
    "schedule",
    "n_numerator",
    "n_denominator",
    "effective_n",
    "taken",
    "why_taken",
    "k_pool",
    "regressed",
    "why",
)

#: Keys of ``synthesis.json``: `version`, `settings`, `studies` (a row a study: study, family, kind, pools, reason where
#: it has no effect), `pools` (a row a pool: pool, name, key, studies, contrasts, k, n_genes, n_pooled, n_shown),
#: `orthologues` (available, reason, reference, sha256, pinned, n_groups, n_one_to_one, n_one_to_many), `counts`
#: (rows of every table), `losses` (a row a study: n_in, n_out, dropped by reason), `replication` (words by family),
#: `elsewhere` (words by family), `conclusions` (of claims, by family), `mechanism_set`, `warnings`.
FACTS_VERSION = "1"


@dataclass(frozen=True)
class Settings:
    """Error rates, estimators and bounds (section `synthesis` of the configuration).

    Parameters
    ----------
    rate : float
        False discovery rate of pooled changes.
    level : float
        Confidence of intervals.
    tau2 : str
        Estimator of the between-study variance: ``PM`` (Paule-Mandel), ``REML`` or ``DL`` (DerSimonian-Laird).
    low_hz, high_hz : float
        Frequencies up to the first are low, from the second on high.
    least_for_regression : int
        Studies below which no moderator is regressed on.
    least_for_share : int
        Studies below which signs are told as "k of K" alone.
    ortholog_support : int
        Sources that must agree on a pair of orthologues.
    equivalence_bound : float
        "No change" means a mean |log2FC| below this.
    """

    rate: float = 0.05
    level: float = 0.95
    tau2: str = "PM"
    low_hz: float = 10.0
    high_hz: float = 50.0
    least_for_regression: int = 10
    least_for_share: int = 6
    ortholog_support: int = 3
    equivalence_bound: float = 0.585
