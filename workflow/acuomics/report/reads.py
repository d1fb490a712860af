"""The reads of a study on the page: what every sample's inserts are, and the verdict on each sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from acuomics.report.figures_samples import levels, main_factors, plain
from acuomics.report.read import StudyResults
from acuomics.report.style import ARM_COLOURS, new_axes
from acuomics.report.tables import Column, Filter, page_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's colours first; greys for what is no RNA of interest.
COLOURS = {
    "mirna": "#0072B2",
    "mirna_unresolved": "#56B4E9",
    "precursor": "#009E73",
    "trna": "#E69F00",
    "rrna": "#D55E00",
    "snorna": "#CC79A7",
    "snrna": "#8C6BB1",
    "yrna": "#F0E442",
    "pirna": "#66A61E",
    "mrna": "#A6761D",
    "foreign_mirna": "#000000",
    "too_short": "#BBBBBB",
    "unknown": "#888888",
}
NAMES = {
    "mirna": "miRNA",
    "mirna_unresolved": "miRNA, not resolved",
    "precursor": "miRNA precursor",
    "trna": "tRNA",
    "rrna": "rRNA",
    "snorna": "snoRNA",
    "snrna": "snRNA",
    "yrna": "Y RNA",
    "pirna": "piRNA",
    "mrna": "mRNA",
    "foreign_mirna": "miRNA of other species",
}
READ_COLUMNS: tuple[Column, ...] = (
    Column("sample", "Sample", "Name of the sample", "text"),
    Column("verdict", "Verdict", "good, usable or reject: whether the sample may be used", "text"),
    Column("kit", "Kit", "Library kit, as found from the reads or declared", "text"),
    Column("how", "Found", "declared, known (a kit of the table), de_novo, or trimmed", "text"),
    Column("reads", "Reads", "Reads of all runs", "integer"),
    Column("adapter_share", "Adapter", "Share of the reads in which the adapter was found", decimals=3),
    Column("dimer_share", "Dimers", "Share of adapter dimers among the reads", decimals=3),
    Column("mirna", "miRNA", "Reads (molecules with UMIs) counted as miRNA", "integer"),
    Column("mirna_share", "miRNA share", "Share of miRNA among inserts that are long enough", decimals=3),
    Column("length_peak", "Peak", "Most frequent length of the inserts, nt", "integer"),
    Column("foreign_share", "Foreign", "Share of miRNA reads that are of another kingdom", decimals=4),
    Column("reasons", "Reasons", "Why the sample is not good", "text"),
)


GENE_READ_COLUMNS: tuple[Column, ...] = (
    Column("sample", "Sample", "Name of the sample", "text"),
    Column("verdict", "Verdict", "good, usable or reject: whether the sample may be used", "text"),
    Column("fragments", "Fragments", "Reads, or pairs, of all runs", "integer"),
    Column("mapping", "Mapped", "Share of the fragments that are found on a transcript", decimals=3),
    Column("mismatches", "Mismatches", "Mismatches a base against the transcripts, in a sample of reads", decimals=4),
    Column("whole", "Whole", "Of the pairs found in a sample, the share with both mates on one transcript", decimals=3),
    Column("q30", "Q30", "Share of bases with Phred 30 or more", decimals=3),
    Column("adapter", "Adapter", "Share of the reads with an adapter", decimals=3),
    Column("distinct", "Distinct", "Share of distinct fragments in a sample of reads", decimals=3),
    Column("rrna", "rRNA", "Share of the counts that are ribosomal RNA", decimals=3),
    Column("haemoglobin", "Haemoglobin", "Share of the counts that are haemoglobin", decimals=3),
    Column("place", "Place", "Mean place of fragments on long transcripts: 0 is 5', 1 is 3'"),
    Column("strand", "Strand", "Strand of the library, inferred from the reads or declared", "text"),
    Column("sex_seen", "Sex seen", "Sex that the genes of sex say", "text"),
    Column("sex_declared", "Sex declared", "Sex that the sample sheet says", "text"),
    Column("reasons", "Reasons", "Why the sample is not good", "text"),
)


def reads_table(results: StudyResults) -> dict[str, Any]:
    """The verdict on every sample with the figures that it rests on, of small RNAs or of mRNA."""
    if results.reads is None:
        raise ValueError("the study does not begin with reads")
    table, columns, stage = results.reads, GENE_READ_COLUMNS, "rnaseq"
    if results.read_classes is not None:
        found = results.reads_facts["samples"]
        columns, stage = READ_COLUMNS, "smallrna"
        table = table.assign(
            kit=[found[sample]["adapter"]["kit"]["kit"] for sample in table["sample"]],
            how=[found[sample]["adapter"]["how"] for sample in table["sample"]],
        )
    filters = [Filter(word, "verdict", "=", word) for word in ("good", "usable", "reject")]
    return page_table(table, columns, "reads", len(table), None, filters, f"results/{results.study}/{stage}/qc.tsv")


def draw_classes(results: StudyResults) -> tuple[Figure, str, str] | None:
    """Draw what the inserts of every sample are. Returns the figure, its caption and its alternative text."""
    if results.read_classes is None:
        return None
    shares = results.read_classes.pivot_table(index="sample", columns="class", values="share", sort=False).fillna(0.0)
    shares = shares.loc[list(results.samples["sample"])]
    present = [name for name in COLOURS if name in shares and shares[name].max() >= 0.0005]
    width, height = 6.2, max(2.4, 0.9 + 0.17 * len(shares))
    figure, axes = new_axes(width, height)
    # Room for the names of samples at the left and for the legend at the right, in inches.
    axes.set_position((0.95 / width, 0.5 / height, (width - 2.75) / width, (height - 0.82) / height))
    place = np.arange(len(shares))
    left = np.zeros(len(shares))
    for name in present:
        values = shares[name].to_numpy(dtype=float)
        label = NAMES.get(name, name.replace("_", " "))
        axes.barh(place, values, left=left, color=COLOURS[name], height=0.78, label=label)
        left += values
    axes.set_yticks(place, list(shares.index), fontsize=7, parse_math=False)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of the inserts")
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), fontsize=7)
    median = float(np.median(shares["mirna"])) if "mirna" in shares else 0.0
    caption = (
        f"What the inserts of each sample are; the median sample has {median:.0%} miRNA. Every insert is in one class; "
        "unknown is what fits no reference."
    )
    alt = (
        f"Stacked bars, a row a sample, of the share of each class of RNA; miRNA has {median:.0%} in the median sample."
    )
    return figure, caption, alt


def draw_places(results: StudyResults) -> tuple[Figure, str, str] | None:
    """Draw where the fragments of every sample lie on long transcripts; None where too few do.

    Returns the figure, its caption and its alternative text.
    """
    found = results.reads_facts.get("samples", {})
    profiles = {
        name: facts["positions"]["profile"] for name, facts in found.items() if any(facts["positions"]["profile"])
    }
    if not profiles:
        return None
    factor, _ = main_factors(results)
    arms, of = levels(results, factor), results.samples.set_index("sample")[factor]
    figure, axes = new_axes()
    for i, arm in enumerate(arms):
        for k, profile in enumerate(profile for sample, profile in profiles.items() if of[sample] == arm):
            middle = (np.arange(len(profile)) + 0.5) / len(profile)
            colour, label = ARM_COLOURS[i % len(ARM_COLOURS)], None if k else arm
            axes.plot(middle, profile, color=colour, linewidth=1.1, label=label)
    axes.set_xlim(0, 1)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("place on the transcript (0 is 5', 1 is 3')")
    axes.set_ylabel("share of the fragments")
    axes.set_title("Fragments along transcripts", parse_math=False)
    legend = axes.legend(loc="lower center", ncols=4, columnspacing=0.9)
    plain(legend.get_texts())
    middle_place = float(np.median([found[name]["positions"]["place"] for name in profiles]))
    caption = (
        "Where the fragments of a part of the reads lie on transcripts of 1,000 nt or more: a line a sample, every "
        f"transcript with the same weight. The median sample has them at {middle_place:.2f} in the mean. A slope to "
        "one end tells of degraded RNA or of a library of one end."
    )
    alt = (
        f"Lines, one a sample ({len(profiles)}), of the share of fragments by place on the transcript, from 5' to 3'; "
        f"the median sample has its mean at {middle_place:.2f}."
    )
    return figure, caption, alt
