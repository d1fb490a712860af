"""The words of the interface: both languages everywhere, none missing, none idle."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import acuomics.report
from acuomics.claims.vocabulary import NOT_TESTED
from acuomics.problems import InputError
from acuomics.report.claims import MEANING as CLAIM_MEANING
from acuomics.report.sentences import STRINGS, say, words
from acuomics.report.site.catalogue import STATUS_MEANING
from acuomics.report.site.language import Language, read_language
from acuomics.report.site.levels import TESTABILITY
from acuomics.report.site.write import CLASS_MEANING
from acuomics.report.study import ROLES
from acuomics.report.tables import Column
from acuomics.report.verdicts import MEANING
from tests.sites import TEMPLATES

PACKAGE = Path(acuomics.report.__file__).parent
KEY = re.compile(r"""["'@]([a-z_]+\.[A-Za-z0-9_]+)["' ]""")
CALL = re.compile(r"""(?:\bt\(|\bsay\(|\battr\("[a-z-]+",\s|caption_key=)"([A-Za-z0-9_.]+)[")]""")
#: Keys that are put together: what stands before the first place.
FAMILIES = ("recovery.", "mechanisms.", "frame.", "word.", "sign.", "cells.", "no_pair.", "answer.", "index.", "means.",
            "class_means.", "status_means.", "untested.", "untested_word.", "phrase.")  # fmt: skip


def columns() -> list[Column]:
    """Every column that a module of the report declares."""
    found = []
    for module in pkgutil.walk_packages([str(PACKAGE)], "acuomics.report."):
        for value in vars(importlib.import_module(module.name)).values():
            held = value if isinstance(value, tuple) else value.values() if isinstance(value, dict) else (value,)
            found += [column for column in held if isinstance(column, Column)]
    return found


def asked(pattern: re.Pattern[str]) -> set[str]:
    """Keys that templates, scripts and modules name in full."""
    files = [*TEMPLATES.glob("pages/*"), *TEMPLATES.glob("assets/*.js"), *PACKAGE.rglob("*.py")]
    return {key for file in files for key in pattern.findall(file.read_text(encoding="utf-8"))}


def test_every_key_has_both_languages_and_chinese_is_chinese() -> None:
    language = words()
    assert len(language.words) > 500
    same = {key for key, texts in language.words.items() if not re.search("[\u4e00-\u9fff]", texts["zh"])}
    # Names and symbols that are alike in both.
    assert {language.words[key]["en"] for key in same} <= {
        "log2FC", "p", "q", "p fry", "p camera", "miRNA", "miRNAs", "rRNA", "Q30", "p < 0.05", "q < 0.05", "DOI",
        "PMID", "UBERON", "SHA-256", "q Stouffer", "τ²", "Hz", "**{found}** of {tested}",
    }  # fmt: skip


def test_no_key_is_missing() -> None:
    called = asked(CALL)
    assert len(called) > 200
    # What ends in a dot is put together from a word.
    assert {key for key in called if not key.endswith(".")} <= words().words.keys()


def test_no_key_is_idle() -> None:
    named = asked(KEY)
    phrases = {column.title for column in columns()} | {column.tip for column in columns()}
    phrases |= {*MEANING.values(), *CLAIM_MEANING.values(), *NOT_TESTED.values(), *STATUS_MEANING.values()}
    phrases |= {*CLASS_MEANING.values(), *TESTABILITY.values(), *ROLES.values()}
    idle = {
        key
        for key, texts in words().words.items()
        if key not in named and not key.startswith(FAMILIES) and texts["en"] not in phrases
    }
    assert idle == set()


def test_columns_and_meanings_are_translated() -> None:
    known = words().by_english
    texts = {column.title for column in columns()} | {column.tip for column in columns()}
    texts |= {*MEANING.values(), *CLAIM_MEANING.values(), *NOT_TESTED.values(), *STATUS_MEANING.values()}
    texts |= {*CLASS_MEANING.values(), *TESTABILITY.values(), *ROLES.values()}
    texts |= {word.replace("_", " ") for word in (*MEANING, *CLAIM_MEANING, *CLASS_MEANING)}
    declared_here = {text for text in texts if text not in known}
    assert declared_here == set()


def test_scripts_explain_each_verdict_with_its_own_meaning() -> None:
    for word, meaning in MEANING.items():
        assert words().words[f"means.{word}"]["en"] == meaning
    for word, meaning in CLASS_MEANING.items():
        assert words().words[f"class_means.{word}"]["en"] == meaning


def test_sentences_are_text_and_can_be_said_again() -> None:
    sentence = say("answer.p", p="<b>", draws="20", smallest="0.048")
    assert sentence == "p = <b>, where the floor of 20 draws is 0.048"
    markup = words().said(sentence.as_json())
    assert "p = &lt;b&gt;, where" in markup and 'data-t="answer.p"' in markup and "&lt;b&gt;&#34;" in markup
    assert say("reversal.counted", word="@word.genes") == "genes counted"
    with pytest.raises(KeyError):
        say("answer.p")


def test_a_text_without_a_key_stays_and_is_escaped() -> None:
    assert str(words().phrase("<i>own factor</i>")) == "&lt;i&gt;own factor&lt;/i&gt;"
    assert 'data-t="phrase.symbol"' in str(words().phrase("Symbol"))


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("a.b\tone", "needs a key and both languages"),
        ("a.b\tone\t ", "needs a key and both languages"),
        ("ab\tone\t一", "not of the form"),
        ("x.y\tagain\t又", "stands twice"),
        ("a.b\t{n} of\t{m} 的", "different places"),
    ],
)
def test_faults_of_the_table_are_named_with_their_row(tmp_path: Path, row: str, fault: str) -> None:
    table = tmp_path / "strings.tsv"
    table.write_text(f"key\ten\tzh\nx.y\tok\t好\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError, match=fault) as caught:
        read_language(table)
    assert "row 2" in str(caught.value)


def test_the_table_reads_as_it_stands() -> None:
    assert isinstance(read_language(STRINGS), Language)
