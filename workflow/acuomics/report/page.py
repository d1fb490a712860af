"""The HTML page of a run: one file that needs nothing but itself."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from markupsafe import Markup, escape

from acuomics.files import read_json, write_text
from acuomics.report.claims import with_claims
from acuomics.report.verdicts import read_verdicts, study_verdicts
from acuomics.report.words import count, fixed, fold, mean_count, number, percent

if TYPE_CHECKING:
    import pandas as pd

TEMPLATE = "page.html.j2"
STYLES = ("report.css",)
SCRIPTS = ("vendor/jquery.min.js", "vendor/dataTables.min.js", "report.js")


def write_page(
    studies: Sequence[str | Path],
    figures: Sequence[str | Path],
    assets: str | Path,
    settings: Mapping[str, Any],
    page: str | Path,
    verdicts: str | Path | None = None,
    mechanism_verdicts: str | Path | None = None,
    published: Sequence[str | Path] = (),
) -> None:
    """Write the page of all studies.

    Parameters
    ----------
    studies : sequence of path
        ``report/study.json`` of each study, in the order of the page.
    figures : sequence of path
        Folder of the figures of each study whose counts were modelled, in the same order.
    assets : path
        Folder with the template, the style sheet and the scripts.
    settings : mapping
        ``de``, ``reversal`` and ``seed`` of the configuration.
    page : path
        The file to write.
    verdicts, mechanism_verdicts : path, optional
        ``results/mechanisms/verdicts.tsv`` and ``mechanism_verdicts.tsv`` of all studies; what is not given is not
        shown.
    published : sequence of path
        ``claims/verdicts.tsv`` of each study, in the order of `studies`; none: no published claims are shown.
    """
    claims, mechanisms = read_verdicts(verdicts), read_verdicts(mechanism_verdicts)
    folders = iter(figures)
    described = [
        with_verdicts(with_figures(study, Path(next(folders))), claims, mechanisms) if study["counted"] else study
        for study in map(read_json, studies)
    ]
    if published:
        described = [with_claims(study, path) for study, path in zip(described, published, strict=True)]
    write_text(render_page(described, assets, settings), page)


def render_page(studies: Sequence[Mapping[str, Any]], assets: str | Path, settings: Mapping[str, Any]) -> str:
    """Render the page from studies that carry their figures (see `with_figures`)."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    assets = Path(assets)
    environment = Environment(
        loader=FileSystemLoader(assets),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        count=count, number=number, percent=percent, fold=fold, fixed=fixed, mean_count=mean_count,
        strong=strong, embed_json=embed_json, anchor=anchor,
    )  # fmt: skip
    return environment.get_template(TEMPLATE).render(
        studies=studies,
        settings=settings,
        versions=versions_of(studies),
        style=Markup("\n".join(inline(assets / name, "style") for name in STYLES)),
        scripts=[Markup(inline(assets / name, "script")) for name in SCRIPTS],
    )


def with_figures(study: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Put the SVG of every figure into the description of a study, as the address of an image."""
    figures = [
        {**figure, "source": svg_address((folder / f"{figure['name']}.svg").read_text(encoding="utf-8"))}
        for figure in study["figures"]
    ]
    return {**study, "figures": figures}


def with_verdicts(
    study: Mapping[str, Any], verdicts: pd.DataFrame | None, mechanisms: pd.DataFrame | None
) -> dict[str, Any]:
    """Put the verdicts of a study into its description (see `study_verdicts`)."""
    names = (study.get("mechanisms") or {}).get("names") or {}
    facts, tables = study_verdicts(str(study["study"]), verdicts, mechanisms, float(study["q"]), names)
    return {**study, "verdicts": facts, "tables": {**study["tables"], **tables}}


def svg_address(svg: str) -> Markup:
    """Write an SVG as a data address for a double-quoted attribute.

    As an image it cannot run scripts, and its names and styles stay apart from those of the page and of other figures.
    Percent encoding spares the pictures inside a second base64.
    """
    svg = svg[svg.index("<svg") :]
    return Markup("data:image/svg+xml," + quote(svg, safe=" !$'()*+,-./:;=?@[]^_`{|}~"))


def embed_json(value: Any) -> Markup:
    """Write JSON for the inside of a script element: without ``<``, ``>`` and ``&`` nothing can end it."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)


def strong(text: str) -> Markup:
    """Escape `text`, and set strong what stands between two pairs of asterisks."""
    return Markup(re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", str(escape(text))))


def anchor(*parts: str) -> str:
    """Make a name for an anchor of ASCII letters, digits, ``-`` and ``_``."""
    return "-".join(re.sub(r"[^A-Za-z0-9_]+", "-", part) for part in parts)


def inline(path: Path, element: str) -> str:
    """Read a style sheet or a script for the inside of its element.

    Raises
    ------
    ValueError
        When the text would end the element before its time.
    """
    text = path.read_text(encoding="utf-8").strip()
    if f"</{element}" in text.lower():
        raise ValueError(f"{path.name} contains </{element} and cannot stand inside a page")
    return text


def versions_of(studies: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Versions of all programs; where studies were made with different ones, all are named."""
    found: dict[str, set[str]] = {}
    for versions in [own_versions(), *(study["versions"] for study in studies)]:
        for name, version in versions.items():
            found.setdefault(str(name), set()).add(str(version))
    return {name: ", ".join(sorted(found[name])) for name in sorted(found)}


def own_versions() -> dict[str, str]:
    """Versions of what made the page; a program that is not installed as a package is left out."""
    versions = {"python": platform.python_version()}
    for name in ("jinja2", "snakemake"):
        with suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return versions
