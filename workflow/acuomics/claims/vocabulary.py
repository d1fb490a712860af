"""The words and columns of the verdicts on published claims, and when each word is given.

A claim about one feature (``mirna``, ``transcript``) is a test; all such tests of a study are one family, fixed by
``claims.tsv`` before the data are opened (`acuomics.claims.family`). The first rule that holds decides:

``reproduced``
    The claim's own test holds at the false discovery rate of the family. A claim that was made from these very data
    was picked from all features for being small in p; there a family of picked features is no protection, so that the
    rate over all features of the contrast is asked for as well. The test: one-sided in the printed direction; two-sided
    where only a change is printed (``changed``, ``both``); two one-sided equivalence tests where absence is claimed
    (``none``).
``contradicted``
    The change is in the other direction at the rate that the family would have had, had every claim been made the
    other way round (absence: a change at the rate); or a printed effect is excluded: the estimate is shown, at the
    rate over all printed effects, to be smaller than it, and not even p < 0.05 speaks for the printed direction.
``direction_only``
    The printed direction with one-sided p < 0.05, and no more. One in twenty false claims gets this word.
``underpowered``
    None of these, and the test's power is below the configured one for the printed effect, or for the configured
    |log2 fold change| where none is printed. Such a result says nothing about the claim.
``inconclusive``
    None of these. "Not significant" is never "no change"; where a change beyond the equivalence bound is ruled out the
    reason says so.
``name_unresolved``
    Nobody can say which feature is meant.
``not_tested:<reason>``
    `NOT_TESTED` has the reasons.

A claim about a number of features (``count``) is judged by `acuomics.claims.counts`: ``reproduced`` when changes (in
that direction) are shown at the rate and the published number lies between two numbers that bound the lists of the
usual rules: of features at the rate with a twofold change, less those that may be false, and of features at p < 0.05,
or, where these are no more than chance gives, of features at the rate; ``direction_only`` when changes are shown and
the number lies outside; ``contradicted`` when the published number is zero and changes are shown; otherwise
``underpowered`` or ``inconclusive``. A number of changed features is not refuted by finding none.
"""

from __future__ import annotations

from collections.abc import Mapping

VERDICTS = ("reproduced", "direction_only", "inconclusive", "contradicted", "underpowered", "name_unresolved")

#: Why a claim was held against nothing.
NOT_TESTED: Mapping[str, str] = {
    "no_data": "no data of the study can be had",
    "cell_type": "the claim is about no one cell type, and cells of different types are not tested together",
    "not_analysable": "the cell type cannot be tested in this contrast",
    "no_such_contrast": "no contrast of the study compares what the claim compares",
    "not_measured": "the feature is not among those that were measured",
    "not_expressed": "the feature has no reads in the arms compared",
    "not_fitted": "the feature has no p value",
    "protein": "the claim is about protein, which counts of RNA cannot test",
    "methylation": "the claim is about methylation, which counts of RNA cannot test",
    "metabolite": "the claim is about a small molecule, which counts of RNA cannot test",
    "gene_set": "the claim is about a set of genes that the paper does not list",
    "correlation": "the claim is about a correlation with a measure that is not deposited",
    "no_direction": "the claim says nothing that a test could find",
}

#: The same in the words of a summary: "2 ...".
NOT_TESTED_BRIEFLY: Mapping[str, str] = {
    "no_data": "without data",
    "cell_type": "about no one cell type",
    "not_analysable": "about cell types that cannot be tested",
    "no_such_contrast": "without such a contrast",
    "not_measured": "about features not measured",
    "not_expressed": "about features without reads",
    "not_fitted": "about features without a p value",
    "protein": "about protein",
    "methylation": "about methylation",
    "metabolite": "about small molecules",
    "gene_set": "about gene sets",
    "correlation": "about correlations",
    "no_direction": "without a direction",
}

FEATURE_KINDS = ("mirna", "transcript")
#: Columns of ``claims/verdicts.tsv``.
#: `p_claim` and `q_claim` belong to the test that the claim asks for; `q_genome` is the feature's rate over all
#: features of the contrast, of a count the smallest such rate in its direction. `power` and `detectable_log2fc` are
#: those of the claim's test at the threshold that it must meet, of a count the median feature's at the contrast's own.
#: Of a reversal pair `log2fc` is the treatment's. `same_data`: the claim was made from the data that judge it.
VERDICT_COLUMNS = (
    "claim",
    "collected",
    "contrast",
    "role",
    "kind",
    "feature_as_printed",
    "feature",
    "feature_name",
    "name_status",
    "emended",
    "direction_claimed",
    "effect_claimed",
    "threshold_claimed",
    "evidence",
    "source",
    "same_data",
    "verdict",
    "reason",
    "test",
    "log2fc",
    "log2fc_low",
    "log2fc_high",
    "p",
    "q_genome",
    "p_claim",
    "q_claim",
    "base_mean",
    "detectable_log2fc",
    "power",
    "count_claimed",
    "count_found_q",
    "count_found_p05",
    "expected_by_chance_p05",
)
