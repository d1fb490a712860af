"""The map of mechanisms: every mechanism once a level, looks by verdict, nothing injected, links to follow."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree

import pandas as pd
import pytest

from acuomics.mechanisms.curated import CuratedSet, load_set
from acuomics.mechanisms.verdicts.vocabulary import NOT_TESTABLE, VERDICT_COLUMNS, VERDICTS
from acuomics.report.map_draw import SHAPES
from acuomics.report.map_states import ORDER, mechanism_states
from acuomics.report.mechanism_map import MapTables, check_map_tables, draw_map, read_map_tables
from tests.realdata import REPO

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def curated() -> CuratedSet:
    return load_set(REPO / "resources" / "mechanisms")


@pytest.fixture(scope="module")
def tables() -> MapTables:
    return read_map_tables(REPO / "workflow" / "report" / "map")


def link(level: str, mechanism: str | None) -> str:
    return f"levels/{level}.html" + (f"#{mechanism.replace(':', '-')}" if mechanism else "")


def verdict(mechanism: str, word: str, level: str = "spinal", **changes: object) -> dict[str, object]:
    row = dict.fromkeys(VERDICT_COLUMNS, "") | {
        "study": "one", "mechanism_id": mechanism, "level": level, "verdict": word, "contrast_role": "treatment",
        "circular": False, "scored": True,
    }  # fmt: skip
    return row | changes


def rows(*made: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(list(made), columns=list(VERDICT_COLUMNS))


def pictures(html: str) -> list[ElementTree.Element]:
    found = re.findall(r"<svg class=\"map-picture.*?</svg>(?=<svg class=\"map-picture|<ul)", html, re.S)
    return [ElementTree.fromstring(text) for text in found]


def marks(picture: ElementTree.Element) -> list[ElementTree.Element]:
    return [a for a in picture.iter(f"{SVG}a") if str(a.get("class")).startswith("mark ")]


def test_the_drawing_knows_every_level_and_mechanism_of_the_set(curated: CuratedSet, tables: MapTables) -> None:
    assert check_map_tables(tables, curated) == []
    assert set(tables.labels["mechanism_id"]) == set(curated.mechanisms["mechanism_id"])
    assert set(tables.levels["icon"]) <= set(tables.icons["icon"])
    assert (set(tables.paths["from"]) | set(tables.paths["to"])) <= set(tables.panels["level"])
    tissues = set(curated.levels.loc[curated.levels["kind"] == "tissue", "level"])
    assert tissues <= set(tables.panels["level"])
    lacking = replace(tables, panels=tables.panels[tables.panels["level"] != "DRG"])
    assert check_map_tables(lacking, curated) == ["wide: DRG", "narrow: DRG"]


def test_each_mechanism_is_drawn_once_a_level(curated: CuratedSet, tables: MapTables) -> None:
    expected = {
        link(level, mechanism)
        for row in curated.claims.to_dict("records")
        for level in row["level"].split("|")
        for mechanism in filter(None, row["mechanism_id"].split("|"))
    }
    drawn = pictures(draw_map(curated, None, {}, tables, link))
    assert len(drawn) == 2
    for picture in drawn:
        assert Counter(mark.get("href") for mark in marks(picture)) == Counter(expected)


def test_without_verdicts_all_are_outlines(curated: CuratedSet, tables: MapTables) -> None:
    empty = rows()
    for given in (None, empty):
        html = draw_map(curated, given, {"one": "spinal"}, tables, link)
        words = Counter(mark.get("class") for picture in pictures(html) for mark in marks(picture))
        assert set(words) == {"mark v-no_data", "mark v-not_testable"}
    style = tables.style
    assert re.search(r"\.v-no_data \.shape, [^{]*\.v-not_testable \.shape \{ fill: none", style)


def test_looks_are_told_apart_by_shape_and_colour(tables: MapTables) -> None:
    filled = [word for word in ORDER if word not in ("not_expressed", "no_data", NOT_TESTABLE)]
    colours = {word: re.search(rf"\.v-{word} \.shape \{{ fill: ([^;]+);", tables.style).group(1) for word in filled}
    assert len(set(colours.values())) == len(filled)
    assert len({SHAPES[word] for word in filled}) == len(filled)
    assert set(VERDICTS) - {"out_of_scope_level"} < set(ORDER) == set(SHAPES)


def test_the_word_of_a_mark(curated: CuratedSet, tables: MapTables) -> None:
    made = rows(
        verdict("EAM:0020", "concordant"),
        verdict("EAM:0020", "inconclusive"),
        verdict("EAM:0021", "concordant"),
        verdict("EAM:0021", "discordant"),
        verdict("EAM:0022", "concordant", circular=True),
        verdict("EAM:0023", "concordant", contrast_role="model"),
        verdict("EAM:0018|EAM:0019", "no_power", level="DRG|spinal"),
        verdict("EAM:0001", "out_of_scope_level", level="brainstem"),
        verdict("EAM:0013", "discordant", study="another"),
        verdict("EAM:0004", "not_testable:soma_absent"),
    )
    states = mechanism_states(curated, made, {"one": "spinal", "another": "DRG"}, {"one", "another"})
    word = {mechanism: states["spinal", mechanism].word for mechanism in curated.mechanisms["mechanism_id"]
            if ("spinal", mechanism) in states}  # fmt: skip
    assert word["EAM:0020"] == "concordant" and word["EAM:0021"] == "mixed"
    assert word["EAM:0022"] == word["EAM:0023"] == "no_data"
    assert word["EAM:0018"] == word["EAM:0019"] == "no_power"
    assert word["EAM:0004"] == NOT_TESTABLE
    # A study of the ganglion says nothing of the cord.
    assert word["EAM:0013"] == "no_data"
    assert states["spinal", "EAM:0020"].arrow == "↓" and states["spinal", "EAM:0023"].arrow == "↑"
    assert states["spinal", "EAM:0001"].arrow == "±" and states["DRG", "EAM:0024"].arrow == "↕"
    html = draw_map(curated, made, {"one": "spinal"}, tables, link)
    for picture in pictures(html):
        (il1b,) = [mark for mark in marks(picture) if mark.get("href") == link("spinal", "EAM:0020")]
        assert il1b.get("class") == "mark v-concordant"
        assert "concordant" in str(il1b.get("aria-label")) and "fall" in str(il1b.get("aria-label"))
        assert [text.text for text in il1b.iter(f"{SVG}text")] == ["↓", "IL-1β"]


def test_simulated_studies_count_only_alone_and_the_map_says_so(curated: CuratedSet, tables: MapTables) -> None:
    made = rows(verdict("EAM:0020", "concordant"), verdict("EAM:0020", "discordant", study="two"))
    both = draw_map(curated, made, {"one": "spinal", "two": "spinal"}, tables, link, simulated=["one"])
    assert "v-discordant" in both and 'class="mark v-concordant"' not in both and "SIMULATED" not in both
    alone = draw_map(curated, made, {"one": "spinal"}, tables, link, simulated=["one"])
    assert 'class="mark v-concordant"' in alone and alone.count(">SIMULATED<") == 2


def test_names_with_markup_are_escaped_and_the_picture_is_accessible(curated: CuratedSet, tables: MapTables) -> None:
    hostile = "<script>alert(1)</script>\"'" + "x" * 10_000
    mechanisms = curated.mechanisms.assign(name=hostile)
    study = "<img src=x onerror=alert(1)>"
    made = rows(verdict("EAM:0020", "concordant", study=study))
    bare = replace(tables, labels=tables.labels.iloc[:0])
    html = draw_map(replace(curated, mechanisms=mechanisms), made, {study: "spinal"}, bare, link)
    assert "<script" not in html and "<img" not in html
    ids = []
    for picture in pictures(html):
        assert picture.find(f"{SVG}title") is not None and picture.find(f"{SVG}desc") is not None
        ids += [str(element.get("id")) for element in picture.iter() if element.get("id")]
        for anchor in picture.iter(f"{SVG}a"):
            assert anchor.get("href") and (anchor.get("aria-label") or "".join(anchor.itertext()).strip())
        for text in picture.iter(f"{SVG}text"):
            assert len(text.text or "") <= 60
    assert len(ids) == len(set(ids)) == 4


def test_marks_stand_inside_their_panels_and_panels_clear_of_each_other(curated: CuratedSet, tables: MapTables) -> None:
    for picture in pictures(draw_map(curated, None, {}, tables, link)):
        boxes = [
            tuple(float(str(rect.get(key))) for key in ("x", "y", "width", "height"))
            for rect in picture.iter(f"{SVG}rect")
            if rect.get("class") == "panel"
        ]
        width, height = map(float, str(picture.get("viewBox")).split()[2:])
        for i, (x, y, w, h) in enumerate(boxes):
            assert x >= 0 and y >= 0 and x + w <= width and y + h <= height
            for a, b, c, d in boxes[:i]:
                assert x + w <= a or a + c <= x or y + h <= b or b + d <= y
        for mark in marks(picture):
            hit = mark.find(f"{SVG}rect")
            assert hit is not None
            x, y, w, h = (float(str(hit.get(key))) for key in ("x", "y", "width", "height"))
            assert sum(a <= x and x + w <= a + c and b <= y and y + h <= b + d for a, b, c, d in boxes) == 1


def test_words_carry_their_keys(curated: CuratedSet, tables: MapTables) -> None:
    html = draw_map(
        curated, None, {}, tables, link, keys={"Spinal cord": "level.spinal", "not testable by RNA": "w.no"}
    )
    assert html.count('data-t="level.spinal"') == 2 and html.count('data-t="w.no"') == 1
