"""The words of the interface in English and Chinese: ``strings.tsv``, and how they get into a page.

Pages are written in English; every word of the interface carries its key, by which ``language.js`` puts the other
language in its place. Words from data (names, sentences of a study's authors) have no key and stay as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from acuomics.problems import Problems
from acuomics.report.site.safe import embed_json, strong

LANGUAGES = ("en", "zh")
COLUMNS = ("key", *LANGUAGES)
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-zA-Z0-9_]+)+")
PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Language:
    """The words by key.

    Parameters
    ----------
    words : mapping of str to mapping of str to str
        Key to language (`LANGUAGES`) to text. ``{name}`` is a place for a number or a name, ``**`` sets strong.
    """

    words: Mapping[str, Mapping[str, str]]

    @cached_property
    def by_english(self) -> dict[str, str]:
        """English text to its key; of several keys the first."""
        found: dict[str, str] = {}
        for key, texts in self.words.items():
            found.setdefault(texts["en"], key)
        return found

    def english(self, key: str, **given: Any) -> str:
        """The English text of a key with its places filled; ``@key`` as a value stands for that key's text."""
        return PLACE.sub(lambda place: self._value(given[place.group(1)]), self.words[key]["en"])

    def _value(self, value: Any) -> str:
        text = str(value)
        return self.words[text[1:]]["en"] if text.startswith("@") and text[1:] in self.words else text

    def text(self, key: str, **given: Any) -> Markup:
        """An element with the text of `key`; ``language.js`` changes its language."""
        return Markup('<span data-t="{}"{}>{}</span>').format(key, _given(given), strong(self.english(key, **given)))

    def attribute(self, name: str, key: str, **given: Any) -> Markup:
        """An attribute (``title``, ``aria-label``, ``placeholder``) with the text of `key`."""
        plain = self.english(key, **given).replace("**", "")
        return Markup('{}="{}" data-t-{}="{}"{}').format(name, plain, name, key, _given(given))

    def phrase(self, text: str) -> Markup:
        """An element with a text that may have a key (the title of a column); else the text alone, escaped."""
        key = self.by_english.get(text)
        return self.text(key) if key else escape(text)

    def phrase_attribute(self, name: str, text: str) -> Markup:
        """As `attribute`, for a text that may have a key."""
        key = self.by_english.get(text)
        return self.attribute(name, key) if key else Markup('{}="{}"').format(name, text)

    def said(self, item: Any) -> Markup:
        """A sentence of `study.json`: a text, or a mapping with ``key`` and ``given``."""
        if isinstance(item, Mapping):
            return self.text(str(item["key"]), **item["given"])
        return strong(str(item))

    def script(self) -> str:
        """The text of ``strings.js``: what ``language.js`` reads, the same bytes for the same words."""
        table = {name: {key: texts[name] for key, texts in self.words.items()} for name in LANGUAGES}
        return f"window.acuomicsWords = {embed_json(table)};\n"


def _given(given: Mapping[str, Any]) -> Markup:
    if not given:
        return Markup("")
    return Markup(' data-given="{}"').format(json.dumps({k: str(v) for k, v in given.items()}, ensure_ascii=False))


def read_language(path: str | Path) -> Language:
    """Read ``strings.tsv``.

    Parameters
    ----------
    path : path
        Columns `COLUMNS`; a row a key.

    Returns
    -------
    Language

    Raises
    ------
    InputError
        With every row that has no key, a key twice, a language missing, or places that differ between the languages.
    """
    problems, words = Problems(), {}
    head, *lines = Path(path).read_text(encoding="utf-8").splitlines()
    if tuple(head.split("\t")) != COLUMNS:
        problems.add(path, f"the columns must be {', '.join(COLUMNS)}", "mend the first line")
    for number, line in enumerate(lines, start=1):
        cells = line.split("\t")
        key, texts = cells[0], dict(zip(LANGUAGES, cells[1:], strict=False))
        if len(cells) != len(COLUMNS) or not all(text.strip() for text in cells):
            problems.add(path, "a row needs a key and both languages", "fill the cell", row=number, value=key)
            continue
        if not KEY.fullmatch(key) or key in words:
            what = "the key stands twice" if key in words else "the key is not of the form part.part"
            problems.add(path, what, "give every text its own key", row=number, column="key", value=key)
        if len({frozenset(PLACE.findall(text)) for text in texts.values()}) > 1:
            problems.add(path, "the languages have different places", "name the same {places}", row=number, value=key)
        words[key] = texts
    problems.raise_if_any()
    return Language(words)
