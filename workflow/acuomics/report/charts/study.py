"""All interactive figures of one study: the content of ``report/charts.json``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from acuomics.report.charts.chart import ChartBook, write_charts
from acuomics.report.charts.contrasts import contrast_charts
from acuomics.report.charts.found import found_chart
from acuomics.report.charts.reversals import reversal_charts
from acuomics.report.charts.samples import sample_charts
from acuomics.report.read import StudyResults


def study_charts(results: StudyResults, settings: Mapping[str, Any]) -> ChartBook:
    """Draw every interactive figure of a study.

    Parameters
    ----------
    results : StudyResults
        What the stages wrote.
    settings : mapping
        The sections ``de`` and ``reversal`` of the configuration.

    Returns
    -------
    ChartBook
        Charts in the order of the page (samples, contrasts, pairs), and what was left out with the reason.
    """
    q, alpha = float(settings["de"]["q"]), float(settings["reversal"]["alpha"])
    book = sample_charts(results, q)
    book.extend(found_chart(results, q))
    for contrast in results.tables:
        book.extend(contrast_charts(results, contrast, q))
    if not results.reversals:
        book.leave_out(
            "reversal", "reversal", "Reversal", "The design has no pair of a model and a treatment contrast."
        )
    for pair in results.reversals:
        book.extend(reversal_charts(results, pair, float(settings["reversal"]["q"]), alpha))
    return book


def draw_study_charts(results: StudyResults, path: str | Path, settings: Mapping[str, Any]) -> None:
    """Write the interactive figures of a study to ``charts.json`` (see `study_charts`)."""
    write_charts(study_charts(results, settings), path)
