"""Sentences of the report that can be read in every language of the interface: a key, and what stands in its places."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from acuomics.report.site.language import Language, read_language

STRINGS = Path(__file__).resolve().parents[2] / "report" / "strings.tsv"


class Sentence(str):
    """The English text, with the key and the values from which a page makes it in another language.

    Attributes
    ----------
    key : str
        In ``strings.tsv``.
    given : dict of str to str
        What stands in its places; ``@key`` stands for the text of that key.
    """

    key: str
    given: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """As ``study.json`` holds it; ``text`` is for those who have no table of words."""
        return {"key": self.key, "given": self.given, "text": str(self)}


def say(key: str, **given: Any) -> Sentence:
    """Make the sentence of a key.

    Raises
    ------
    KeyError
        When there is no such key, or a place is not given.
    """
    sentence = Sentence(words().english(key, **given))
    sentence.key, sentence.given = key, {name: str(value) for name, value in given.items()}
    return sentence


def as_json(text: str) -> Any:
    """A text for JSON: a sentence with its key, any other text as it is."""
    return text.as_json() if isinstance(text, Sentence) else text


@cache
def words() -> Language:
    """The words of the interface, read once."""
    return read_language(STRINGS)
