"""All figures of one study, in the order of the page, with what the page says about each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acuomics.report.figures_de import draw_ma, draw_p_values, draw_volcano
from acuomics.report.figures_reversal import draw_restoration, draw_reversal
from acuomics.report.figures_samples import draw_dispersions, draw_distances, draw_pca
from acuomics.report.read import StudyResults
from acuomics.report.style import figure_style, save_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_study_figures(
    results: StudyResults, folder: str | Path, settings: Mapping[str, Any]
) -> list[dict[str, str]]:
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
        ``name, group, title, caption, alt`` of each figure; ``group`` is ``samples``, a contrast or a pair. A figure that
        cannot be drawn (no called feature has a restoration fraction) is not in the list.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    q, alpha = float(settings["de"]["q"]), float(settings["reversal"]["alpha"])
    q_reversal = float(settings["reversal"]["q"])
    plan: list[tuple[str, str, str, Callable[[], tuple[Figure, str, str] | None]]] = [
        ("pca", "samples", "Principal components", lambda: draw_pca(results)),
        ("distances", "samples", "Distances between samples", lambda: draw_distances(results)),
        ("dispersions", "samples", "Dispersions", lambda: draw_dispersions(results)),
    ]
    for contrast in results.tables:
        plan += [
            (f"volcano_{contrast}", contrast, "Volcano plot", lambda c=contrast: draw_volcano(results, c, q)),  # type: ignore[misc]
            (f"ma_{contrast}", contrast, "MA plot", lambda c=contrast: draw_ma(results, c, q)),  # type: ignore[misc]
            (f"pvalues_{contrast}", contrast, "p-values", lambda c=contrast: draw_p_values(results, c)),  # type: ignore[misc]
        ]
    for pair in results.reversals:
        plan += [
            (f"reversal_{pair}", pair, "Reversal", lambda p=pair: draw_reversal(results, p, q_reversal)),  # type: ignore[misc]
            (
                f"restoration_{pair}",
                pair,
                "Restoration fractions",
                lambda p=pair: draw_restoration(results, p, alpha),
            ),  # type: ignore[misc]
        ]
    notes = []
    with figure_style():
        for name, group, title, draw in plan:
            drawn = draw()
            if drawn is None:
                continue
            figure, caption, alt = drawn
            save_figure(figure, folder, name)
            notes.append({"name": name, "group": group, "title": title, "caption": caption, "alt": alt})
    return notes
