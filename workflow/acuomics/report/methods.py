"""The methods text of a study, written from its record, its configuration and its fit, with the references."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acuomics.report.read import StudyResults
from acuomics.report.words import count, fixed, fold, listing, number, percent

REFERENCES = {
    "love2014": (
        "Love MI, Huber W, Anders S (2014). Moderated estimation of fold change and dispersion for RNA-seq data "
        "with DESeq2. Genome Biology 15:550. doi:10.1186/s13059-014-0550-8"
    ),
    "muzellec2023": (
        "Muzellec B, Teleńczuk M, Cabeli V, Andreux M (2023). PyDESeq2: a python package for bulk RNA-seq "
        "differential expression analysis. Bioinformatics 39:btad547. doi:10.1093/bioinformatics/btad547"
    ),
    "zhu2019": (
        "Zhu A, Ibrahim JG, Love MI (2019). Heavy-tailed prior distributions for sequence count data: removing the "
        "noise and preserving large differences. Bioinformatics 35:2084–2092. doi:10.1093/bioinformatics/bty895"
    ),
    "bh1995": (
        "Benjamini Y, Hochberg Y (1995). Controlling the false discovery rate: a practical and powerful approach to "
        "multiple testing. Journal of the Royal Statistical Society B 57:289–300. "
        "doi:10.1111/j.2517-6161.1995.tb02031.x"
    ),
    "bray2016": (
        "Bray NL, Pimentel H, Melsted P, Pachter L (2016). Near-optimal probabilistic RNA-seq quantification. Nature "
        "Biotechnology 34:525–527. doi:10.1038/nbt.3519"
    ),
    "patro2017": (
        "Patro R, Duggal G, Love MI, Irizarry RA, Kingsford C (2017). Salmon provides fast and bias-aware "
        "quantification of transcript expression. Nature Methods 14:417–419. doi:10.1038/nmeth.4197"
    ),
    "soneson2015": (
        "Soneson C, Love MI, Robinson MD (2015). Differential analyses for RNA-seq: transcript-level estimates improve "
        "gene-level inferences. F1000Research 4:1521. doi:10.12688/f1000research.7563.2"
    ),
    "berger1982": (
        "Berger RL (1982). Multiparameter hypothesis testing and acceptance sampling. Technometrics 24:295–300. "
        "doi:10.1080/00401706.1982.10487790"
    ),
    "fieller1954": (
        "Fieller EC (1954). Some problems in interval estimation. Journal of the Royal Statistical Society B "
        "16:175–185. doi:10.1111/j.2517-6161.1954.tb00159.x"
    ),
    "schuirmann1987": (
        "Schuirmann DJ (1987). A comparison of the two one-sided tests procedure and the power approach for "
        "assessing the equivalence of average bioavailability. Journal of Pharmacokinetics and Biopharmaceutics "
        "15:657–680. doi:10.1007/BF01068419"
    ),
    "molder2021": (
        "Mölder F, Jablonski KP, Letcher B, et al. (2021). Sustainable data analysis with Snakemake. F1000Research "
        "10:33. doi:10.12688/f1000research.29032.2"
    ),
    "badia2022": (
        "Badia-i-Mompel P, Vélez Santiago J, Braunger J, et al. (2022). decoupleR: ensemble of computational methods "
        "to infer biological activities from omics data. Bioinformatics Advances 2:vbac016. "
        "doi:10.1093/bioadv/vbac016"
    ),
    "law2014": (
        "Law CW, Chen Y, Shi W, Smyth GK (2014). voom: precision weights unlock linear model analysis tools for "
        "RNA-seq read counts. Genome Biology 15:R29. doi:10.1186/gb-2014-15-2-r29"
    ),
    "ritchie2015": (
        "Ritchie ME, Phipson B, Wu D, et al. (2015). limma powers differential expression analyses for "
        "RNA-sequencing and microarray studies. Nucleic Acids Research 43:e47. doi:10.1093/nar/gkv007"
    ),
    "wu2010": (
        "Wu D, Lim E, Vaillant F, et al. (2010). ROAST: rotation gene set tests for complex microarray experiments. "
        "Bioinformatics 26:2176–2182. doi:10.1093/bioinformatics/btq401"
    ),
    "wu2012": (
        "Wu D, Smyth GK (2012). Camera: a competitive gene set test accounting for inter-gene correlation. Nucleic "
        "Acids Research 40:e133. doi:10.1093/nar/gks461"
    ),
}  # fmt: skip

SET_TESTS = (
    "Sets of curated genes were tested along their claimed directions on a moderated linear model of log counts per "
    "million with precision weights (voom, Law et al. 2014; Ritchie et al. 2015): fry of limma, the limit of the "
    "rotation test ROAST (Wu et al. 2010), asks whether the set itself changed; camera (Wu and Smyth 2012), with "
    "the estimated correlation between genes, whether it changed more than other genes. p of fry was adjusted over all "
    "sets and contrasts (Benjamini and Hochberg 1995). The univariate linear model of decoupler (ULM, "
    "Badia-i-Mompel et al. 2022) takes genes for independent and calls too much: it stands beside them as a "
    "sensitivity analysis only."
)

ENGINES = {
    "deseq2": ("fitted by the rules of DESeq2 (Love et al. 2014) on the model of PyDESeq2 (Muzellec et al. 2023)"),
    "pydeseq2": ("fitted with PyDESeq2 (Muzellec et al. 2023), a re-implementation of DESeq2 (Love et al. 2014)"),
}


def methods_text(results: StudyResults, settings: Mapping[str, Any]) -> list[str]:
    """Write the methods of one study.

    Parameters
    ----------
    results : StudyResults
        What the stages wrote.
    settings : mapping
        ``de``, ``reversal`` and ``seed`` of the configuration.

    Returns
    -------
    list of str
        Paragraphs. They say only what was done to this study: without a reversal pair nothing of reversal.
    """
    paragraphs = [data_text(results, settings), model_text(results, settings)]
    if results.reversals:
        paragraphs += [reversal_text(results, settings), permutation_text(results, settings)]
    if results.settests is not None:
        paragraphs.append(SET_TESTS)
    paragraphs.append(
        "Curated mechanisms are joined by NCBI Gene identifier or miRBase accession, never by symbol. A direction "
        "is scored only where the claim speaks of that transcript's abundance at this tissue level and the change "
        "is significant; a feature that is not significant is not detected at this power, which is no evidence that "
        "it did not change."
    )
    paragraphs.append("The steps were run by Snakemake (Mölder et al. 2021).")
    return paragraphs


def references(results: StudyResults) -> list[str]:
    """The references that the methods text of this study names, by first author."""
    keys = ["bh1995", "love2014", "molder2021", "muzellec2023", "zhu2019"]
    if results.reversals:
        keys += ["berger1982", "fieller1954", "schuirmann1987"]
    if results.settests is not None:
        keys += ["badia2022", "law2014", "ritchie2015", "wu2010", "wu2012"]
    if results.record.get("reads") and results.feature_word == "genes" and not results.record.get("simulated"):
        keys += ["bray2016" if results.reads_facts["engine"] == "kallisto" else "patro2017"]
        keys += ["soneson2015"] if results.fit.get("offsets") == "gene_lengths" else []
    return sorted(REFERENCES[key] for key in keys)


def data_text(results: StudyResults, settings: Mapping[str, Any]) -> str:
    """Where the counts come from and what was done to them before any test."""
    record, intake = results.record, results.intake
    counted = f"Counts of {count(intake['n_in'])} {results.feature_word} in {len(results.samples)} samples"
    if record.get("simulated"):
        text = f"{counted} were simulated with known effects (seed {settings['seed']})."
    elif record.get("reads"):
        text = f"{counted} were made of the reads ({_source(record)}). {reads_text(results)}"
    elif record.get("parent"):
        text = f"{counted} are sums over the cells of one type of an animal ({_source(record)})."
    else:
        text = f"{counted} were taken as deposited ({_source(record)})."
    rounding = (record.get("counts") or {}).get("rounding", "none")
    if rounding == "nearest":
        why = "" if record.get("reads") else ", as the study's description declares"
        text += f" They were fractional and were rounded to the nearest integer{why}."
    dropped = {reason: n for reason, n in sorted((intake.get("dropped") or {}).items()) if n}
    if dropped:
        text += " Dropped: " + listing([f"{count(n)} ({reason})" for reason, n in dropped.items()]) + "."
    else:
        text += " No feature was dropped."
    return text


def _source(record: Mapping[str, Any]) -> str:
    return str(record.get("source", "source not stated"))


def reads_text(results: StudyResults) -> str:
    """How the reads were counted."""
    facts = results.reads_facts
    if results.feature_word == "miRNAs":
        reference = facts["reference"]
        return (
            f"Adapters were found in the reads and cut off, and inserts were counted on {count(reference['matures'])} "
            f"miRNAs and their {count(reference['hairpins'])} precursors of miRBase (engine {facts['engine']})."
        )
    papers = {"kallisto": "Bray et al. 2016", "salmon": "Patro et al. 2017"}
    decoys = f", with the genome ({facts['decoys']['fasta']}) as decoys" if facts.get("decoys") else ""
    lengths = (
        " Mean transcript lengths entered the model as offsets (Soneson et al. 2015)."
        if results.fit.get("offsets") == "gene_lengths"
        else ""
    )
    return (
        f"Transcripts ({facts['transcripts']['fasta']}) were quantified by {facts['engine']} {facts['version']} "
        f"({papers[facts['engine']]}){decoys}, and summed to genes.{lengths}"
    )


def model_text(results: StudyResults, settings: Mapping[str, Any]) -> str:
    """The model and the tests of the contrasts."""
    fit, de = results.fit, settings["de"]
    trend = fit.get("dispersion_trend") or {}
    engine = ENGINES.get(str(fit.get("engine")), f"fitted with {fit.get('engine')}")
    thresholds = listing(
        [f"{number(row['filter_threshold'])} in {row['contrast']}" for row in results.summary.to_dict("records")]
    )
    return (
        f"One negative binomial generalised linear model with design {fit.get('design', results.record['design'])} "
        f"was {engine}: median-of-ratios size factors, gene-wise dispersions, a {trend.get('type', 'fitted')} "
        "dispersion trend and dispersions shrunken towards it; residual degrees of freedom "
        f"{fit.get('residual_df', 'not known')}. Every contrast was tested from this one fit by a two-sided Wald "
        "test, its denominator being the reference. Counts with a large Cook's distance lose their p. p was "
        "adjusted over all tested features (Benjamini and Hochberg 1995) after independent filtering (mean of "
        f"normalised counts above {thresholds}); significant is q < {number(de['q'])}. Fold changes are "
        "maximum-likelihood estimates; shrunken ones (adaptive Cauchy prior, Zhu et al. 2019) stand beside them "
        "for ranking. The smallest detectable |log2 fold change| is that which a test at the contrast's own "
        f"threshold finds with {percent(de['power'])} power. Variance-stabilised counts serve for pictures only."
    )  # fmt: skip


def reversal_text(results: StudyResults, settings: Mapping[str, Any]) -> str:
    """The test of reversal, the restoration fraction and the return to control."""
    s = settings["reversal"]
    bound = float(s["equivalence_log2fc"])
    return (
        "Reversal was tested for each feature from the joint fit by an intersection-union test (Berger 1982): both "
        "contrasts must differ from zero with opposite signs, p = min(1, 2 min(max(p[model up], p[treatment "
        "down]), max(p[model down], p[treatment up]))), adjusted over all tested features (Benjamini and Hochberg "
        f"1995); called at q < {number(s['q'])}. The restoration fraction is minus the treatment's log2 fold change "
        f"over the model's, with {percent(1 - float(s['alpha']))} intervals by Fieller's theorem (Fieller 1954) "
        "from the joint covariance of the two. A feature is back at control when two one-sided tests (Schuirmann "
        f"1987) show the residual |log2 fold change| to be below {number(bound)} ({fold(bound)}) at level "
        f"{number(s['alpha'])}. The nominal Venn count beside it is the usual recipe, p < 0.05 in both contrasts "
        f"with opposite signs, shown for comparison only: the two contrasts share the model arm{shared_arm(results)}."
    )


def shared_arm(results: StudyResults) -> str:
    """What the shared arm alone does to the two contrasts of each pair, in numbers of this study."""
    several = len(results.reversals) > 1
    parts = [
        f"{fixed(reversal.null_correlation, 2)} and {percent(reversal.null_opposite_share, 1)} of all features have "
        f"opposite signs{f' ({pair})' if several else ''}"
        for pair, reversal in results.reversals.items()
        if reversal.null_correlation is not None
    ]
    if not parts:
        return ", so that their log2 fold changes are correlated without any effect"
    return f", so that without any effect their log2 fold changes correlate at {listing(parts)}"


def permutation_text(results: StudyResults, settings: Mapping[str, Any]) -> str:
    """How the null of the number of reversed features was made."""
    parts = []
    for pair, reversal in results.reversals.items():
        permuted = reversal.summary.get("permutations") or {}
        if permuted.get("draws"):
            parts.append(
                f"{count(permuted['draws'])} of the {count(int(permuted.get('distinct') or 0) - 1)} other labelings "
                f"for {pair}"
            )
    if not parts:
        return "Labels were not permuted, so that the number of reversed features has no null distribution here."
    return (
        "For the number of reversed features as a whole, labels were permuted among model and treated samples "
        f"within the blocks of the design, the dispersions and the model fitted anew each time ({listing(parts)}; "
        f"seed {settings['seed']}). p is the share of labelings, the true one included, with as many calls or more; "
        "it cannot be smaller than one over their number. Where the treatment has a true effect, relabelings keep "
        "part of it: their mean is then not zero, and p is conservative."
    )
