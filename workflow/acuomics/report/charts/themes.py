"""How interactive figures look on a light and on a dark page: what the page gives to vega-embed as ``config``.

Specifications name no ink of their own: what is black on white here is nearly white on dark there. The colours with a
meaning are those of `acuomics.report.style`, which stand out on both.
"""

from __future__ import annotations

from typing import Any

FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Noto Sans SC', 'DejaVu Sans', Arial, sans-serif"


def theme(page: str, ink: str, soft: str, line: str, grid: str, quiet: str) -> dict[str, Any]:
    """Make a Vega-Lite configuration.

    Parameters
    ----------
    page : str
        Colour of the page, for the rim of text that lies on marks.
    ink, soft : str
        Colours of text and of secondary text.
    line, grid : str
        Colours of axes and of grid lines.
    quiet : str
        Colour of marks that only make the background.
    """
    return {
        "background": "transparent",
        "font": FONT,
        "padding": {"left": 4, "right": 12, "top": 6, "bottom": 4},
        "view": {"stroke": None},
        "axis": {
            "domainColor": line, "gridColor": grid, "gridOpacity": 0.7, "tickColor": line, "labelColor": soft,
            "labelFontSize": 12, "labelLimit": 160, "titleColor": ink, "titleFontSize": 12.5,
            "titleFontWeight": "normal", "titlePadding": 8, "titleLimit": 640,
        },
        "legend": {
            "orient": "top", "title": None, "labelColor": ink, "titleColor": ink, "labelFontSize": 12,
            "labelLimit": 260, "titleFontSize": 12, "titleFontWeight": "normal", "symbolSize": 70, "columnPadding": 14,
            "padding": 2, "offset": 6,
        },
        "text": {"color": ink, "fontSize": 12},
        "rule": {"color": ink},
        "line": {"color": ink},
        "style": {
            # Lines to measure against: zero, a threshold, chance.
            "reference": {"color": ink, "strokeWidth": 1.2},
            "threshold": {"color": ink, "strokeWidth": 1.2, "strokeDash": [5, 3]},
            "faint": {"color": line, "strokeWidth": 1},
            "quiet": {"color": quiet},
            "band": {"color": quiet, "opacity": 0.16},
            "note": {"color": soft, "fontSize": 11.5},
            "label": {"color": ink, "fontSize": 12.5, "fontWeight": "bold"},
            "rim": {"stroke": page, "strokeWidth": 3.5, "strokeJoin": "round", "strokeOpacity": 0.9},
            "ring": {"color": ink, "strokeWidth": 2.4},
        },
    }  # fmt: skip


LIGHT = theme(page="#ffffff", ink="#1b1f24", soft="#4b5259", line="#8a9199", grid="#e4e7ea", quiet="#8c8c8c")
DARK = theme(page="#1a2127", ink="#eceff2", soft="#b8c0c8", line="#7d8791", grid="#2f363d", quiet="#9aa2aa")
THEMES = {"light": LIGHT, "dark": DARK}
