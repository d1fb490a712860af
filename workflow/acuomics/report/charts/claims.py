"""The interactive figure of the curated claims that a study tests: a forest plot coloured by verdict."""

from __future__ import annotations

from typing import Any

import pandas as pd

from acuomics.report.charts.chart import Chart, ChartBook
from acuomics.report.charts.parts import (
    HIGHLIGHT,
    ONE,
    chart_spec,
    highlight_layers,
    named,
    one_row,
    quantity,
    span_of,
    told_apart,
    tooltip,
)
from acuomics.report.style import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION
from acuomics.report.verdicts import is_true
from acuomics.report.words import count

# The verdicts that a test can end in, with the look that they have in every picture of the report.
LOOKS = {
    "concordant": (GREEN, "circle"),
    "discordant": (VERMILLION, "diamond"),
    "no_change_supported": (BLUE, "square"),
    "two_sided_change": (PURPLE, "triangle-right"),
    "conflicted_claim": (ORANGE, "cross"),
    "inconclusive": (GREY, "circle"),
    "no_power": (SKY, "triangle-down"),
}
ARROWS = {"up": "↑", "down": "↓", "absence": "=", "two_sided": "↕", "conditional": "↕"}
# Rows that one plot shows; a longer one is not read.
MOST = 80


def claim_charts(study: str, verdicts: pd.DataFrame) -> ChartBook:
    """Draw ``claims_<contrast>`` for every contrast that speaks to EA.

    Parameters
    ----------
    study : str
    verdicts : DataFrame
        ``results/mechanisms/verdicts.tsv`` or that of the study (`VERDICT_COLUMNS`), of any studies.

    Returns
    -------
    ChartBook
        Scored rows with an estimate, those of the strictest family and of the smallest q first, at most `MOST`.
    """
    book = ChartBook()
    title = "Curated claims"
    here = verdicts[(verdicts["study"] == study) & is_true(verdicts["scored"]) & verdicts["log2fc"].notna()]
    if len(here) == 0:
        reason = "No contrast of EA with the model or with sham tests a curated claim at this level."
        book.leave_out("claims", "mechanisms", title, reason)
        return book
    book.data[ONE] = one_row()
    for contrast in pd.unique(here["contrast"]):
        draw_claims(book, str(contrast), here[here["contrast"] == contrast], title)
    return book


def claim_rows(rows: pd.DataFrame, most: int = MOST) -> pd.DataFrame:
    """The rows of one plot: a claim and gene each, with the ``row`` that the axis names it by."""
    order = rows["verdict"].map({name: i for i, name in enumerate(LOOKS)}).fillna(len(LOOKS))
    ordered = rows.assign(order=order).sort_values(
        ["order", "q_family", "claim_id", "symbol", "feature"], kind="stable", na_position="last"
    )
    best = ordered.head(most)
    label = best["symbol"].where(best["symbol"].fillna("") != "", best["feature"]).astype(str).str.slice(0, 40)
    arrow = best["claimed_direction"].map(ARROWS).fillna("")
    name = label + " " + arrow + " · " + best["claim_id"].astype(str)
    again = name.duplicated(keep=False)
    return pd.DataFrame(
        {
            "row": name.where(~again, name + " · " + best["feature"].astype(str)),
            "symbol": label,
            "feature": best["feature"],
            "claim": best["claim_id"],
            "mechanism": best["mechanism_id"].fillna(""),
            "claimed": best["claimed_direction"],
            "verdict": best["verdict"],
            "log2fc": best["log2fc"],
            "low": best["ci_low"],
            "high": best["ci_high"],
            "q": best["q_family"],
            "family": best["family"],
            "reason": best["reason"].fillna("").astype(str).str.slice(0, 300),
        }
    ).reset_index(drop=True)


def draw_claims(book: ChartBook, contrast: str, rows: pd.DataFrame, title: str) -> None:
    """Add the forest plot of one contrast."""
    frame = claim_rows(rows)
    data = f"claims-{contrast}"
    book.data[data] = frame
    counts = {str(name): int(n) for name, n in frame["verdict"].value_counts().items()}
    looks = {name: LOOKS[name] for name in LOOKS if name in counts}
    looks |= {name: (GREY, "stroke") for name in sorted(counts) if name not in LOOKS}
    colour = told_apart("verdict", looks, counts)
    y = named("row", sort=frame["row"].to_list(), axis={"ticks": False, "domain": False, "labelLimit": 190})
    hover = tooltip(
        ("symbol", "Name"), ("claim", "Claim"), ("mechanism", "Mechanism"), ("claimed", "Claimed direction"),
        ("log2fc", "log2 fold change", ".3f"), ("low", "from", ".3f"), ("high", "to", ".3f"),
        ("q", "q in its family", ".3g"), ("family", "Family"), ("verdict", "Verdict"), ("reason", "Why"),
    )  # fmt: skip
    x_title = f"log2 fold change with its interval, {contrast}"
    scale = {"domain": span_of(frame["low"], frame["high"], [0])}
    layers: list[dict[str, Any]] = [
        {"data": {"name": ONE}, "mark": {"type": "rule", "style": "threshold"}, "encoding": {"x": {"datum": 0}}},
        {
            "mark": {"type": "rule", "strokeWidth": 2.2},
            "encoding": {
                "x": quantity("low", x_title, scale=scale), "x2": {"field": "high"}, "y": y, "color": colour["color"],
                "tooltip": hover,
            },
        },
        {
            "mark": {"type": "point", "filled": True, "size": 75, "opacity": 1},
            "encoding": {"x": quantity("log2fc", x_title), "y": y, **colour, "tooltip": hover},
        },
    ]  # fmt: skip
    ring, *_ = highlight_layers(
        ["symbol", "feature"], "symbol", {"encoding": {"x": quantity("log2fc", x_title), "y": y}}
    )
    spec = chart_spec([*layers, ring], 18 * max(len(frame), 4), data={"name": data}, params=HIGHLIGHT)
    shown = f"{count(len(frame))} of {count(len(rows))}" if len(frame) < len(rows) else count(len(frame))
    caption = (
        f"{shown} tests of curated claims by genes that stand for them, {contrast}: estimate with its interval. "
        "The arrow behind a name is the claimed direction (= means no change, ↕ either); colour and shape are the "
        "verdict. An interval across zero is not evidence of no change: only no_change_supported is. Claims whose "
        "sources contradict each other are conflicted_claim whatever the data say."
    )
    told = ", ".join(f"{n} {name}" for name, n in counts.items())
    alt = f"Forest plot of {len(frame)} tests of curated claims in {contrast}: {told}."
    book.charts.append(Chart(f"claims_{contrast}", "mechanisms", title, caption, alt, spec, "symbol"))
