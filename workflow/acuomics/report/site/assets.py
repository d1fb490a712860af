"""What all pages of a report share: style sheet, scripts, words, the libraries of charts and tables, licences."""

from __future__ import annotations

from pathlib import Path

from acuomics.files import write_text
from acuomics.report.charts.themes import THEMES
from acuomics.report.site.language import Language
from acuomics.report.site.safe import embed_json

STYLES = ("report.css",)
# In the order in which pages run them; early.js runs before the page is drawn.
SCRIPTS = ("strings.js", "language.js", "vendor/jquery.min.js", "vendor/dataTables.min.js", "tables.js", "page.js")
CHART_SCRIPTS = ("themes.js", "charts.js", "gene.js")
OWN = ("early.js", "language.js", "tables.js", "page.js", "charts.js", "gene.js")
VENDORED = ("vendor/jquery.min.js", "vendor/dataTables.min.js")
LICENCES = ("vendor/LICENSE.jquery.txt", "vendor/LICENSE.datatables.txt", "LICENSE.vega.txt")


def write_assets(templates: Path, root: Path, language: Language) -> None:
    """Put the shared files into ``assets/`` below `root`, the same bytes for the same version.

    Parameters
    ----------
    templates : path
        Folder of the report's templates (``assets/`` in it holds the files).
    root : path
        The folder of the report.
    language : Language
        The words of the interface.
    """
    for name in (*STYLES, *OWN, *VENDORED, *LICENCES):
        write_text((templates / "assets" / name).read_text(encoding="utf-8"), root / "assets" / name)
    write_text(language.script(), root / "assets" / "strings.js")
    write_text(f"window.acuomicsThemes = {embed_json(themes())};\n", root / "assets" / "themes.js")


def themes() -> dict[str, object]:
    """The looks of charts on a light and on a dark page."""
    return dict(THEMES)


def write_vega(script: str | Path) -> None:
    """Write Vega, Vega-Lite and Vega-Embed as one script that defines ``vegaEmbed`` and nothing else by accident."""
    import vl_convert

    bundle = vl_convert.javascript_bundle()  # type: ignore[call-arg]
    # The bundle's own names are those of its scope; in a function they meet no other script's.
    write_text(f"(() => {{\n{bundle}\n}})();\n", script)
