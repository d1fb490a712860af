"""All figures of one study, in the order of the page, with what the page says about each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acuomics.report.figures_de import draw_ma, draw_p_values, draw_volcano
from acuomics.report.figures_reversal import draw_restoration, draw_reversal
from acuomics.report.figures_samples import draw_dispersions, draw_distances, draw_pca
from acuomics.report.read import StudyResults
from acuomics.report.reads import draw_classes, draw_places
from acuomics.report.style import figure_style, mark_simulated, save_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_study_figures(results: StudyResults, folder: str | Path, settings: Mapping[str, Any]) -> list[dict[str, str]]:
    """Draw every figure of a study as SVG and PDF.

    Parameters
    ----------
    results : StudyResults
        What the stages wrote.
    folder : path
        Where ``<name>.svg`` and ``<name>.pdf`` go.
    settings : mapping
        The sections ``de`` and ``reversal`` of the configuration.

    Returns
    -------
    list of dict
        ``name, group, title, caption, alt`` of each figure; ``group`` is ``samples``, ``reads``, a contrast or a pair.
        A figure that cannot be drawn (no called feature has a restoration fraction) is not in the list.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    q, alpha = float(settings["de"]["q"]), float(settings["reversal"]["alpha"])
    q_reversal = float(settings["reversal"]["q"])
    plan: list[tuple[str, str, str, Callable[[], tuple[Figure, str, str] | None]]] = [
        ("pca", "samples", "Principal components", partial(draw_pca, results)),
        ("distances", "samples", "Distances between samples", partial(draw_distances, results)),
        ("dispersions", "samples", "Dispersions", partial(draw_dispersions, results)),
    ]
    if results.read_classes is not None:
        plan.append(("classes", "reads", "What the inserts are", partial(draw_classes, results)))
    elif results.reads is not None:
        plan.append(("places", "reads", "Fragments along transcripts", partial(draw_places, results)))
    for contrast in results.tables:
        plan += [
            (f"volcano_{contrast}", contrast, "Volcano plot", partial(draw_volcano, results, contrast, q)),
            (f"ma_{contrast}", contrast, "MA plot", partial(draw_ma, results, contrast, q)),
            (f"pvalues_{contrast}", contrast, "p-values", partial(draw_p_values, results, contrast)),
        ]
    for pair in results.reversals:
        plan += [
            (f"reversal_{pair}", pair, "Reversal", partial(draw_reversal, results, pair, q_reversal)),
            (f"restoration_{pair}", pair, "Restoration fractions", partial(draw_restoration, results, pair, alpha)),
        ]
    simulated = bool(results.record.get("simulated"))
    notes = []
    with figure_style():
        for name, group, title, draw in plan:
            drawn = draw()
            if drawn is None:
                continue
            figure, caption, alt = drawn
            full_title = f"{title}, {results.study}" + (f", {group}" if group not in ("samples", "reads") else "")
            if simulated:
                mark_simulated(figure)
                full_title = f"SIMULATED: {full_title}"
            save_figure(figure, folder, name, full_title)
            notes.append({"name": name, "group": group, "title": title, "caption": caption, "alt": alt})
    return notes
