"""Templates and what they may call: numbers, names of anchors, words in two languages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from acuomics.report.site.language import Language
from acuomics.report.site.safe import anchor, embed_json, shorten, strong
from acuomics.report.words import count, fixed, fold, mean_count, number, percent

if TYPE_CHECKING:
    from jinja2 import Environment


def make_environment(pages: Path, language: Language) -> Environment:
    """Make the environment of the templates in `pages`; everything that comes from data is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(pages), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        count=count, number=number, percent=percent, fold=fold, fixed=fixed, mean_count=mean_count, strong=strong,
        embed_json=embed_json, anchor=anchor, shorten=shorten, spaced=spaced, said=language.said,
        below_results=below_results,
    )  # fmt: skip
    environment.globals.update(
        t=language.text, attr=language.attribute, phrase=language.phrase, phrase_attr=language.phrase_attribute
    )
    return environment


def spaced(word: Any) -> str:
    """A word of a closed vocabulary as a person reads it."""
    return str(word).replace("_", " ")


def below_results(path: str) -> str:
    """The address of a file of the results, seen from the folder of the results."""
    return quote(path.removeprefix("results/"))


def depth(page: str) -> str:
    """From a page (``studies/x.html``) back to the folder of the report."""
    return "../" * page.count("/")
