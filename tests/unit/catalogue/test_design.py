"""Formula formulas: the grammar, and what samples can answer."""

from __future__ import annotations

import itertools

import pytest

from acuomics.catalogue.design import check_design
from acuomics.catalogue.formula import Formula, parse_formula
from acuomics.problems import Problems


def parse(formula: str) -> tuple[Formula | None, str]:
    problems = Problems()
    return parse_formula(formula, "study.yaml", problems), "\n".join(map(str, problems.found))


@pytest.mark.parametrize(
    ("formula", "factors", "interactions", "written"),
    [
        ("~ condition", ("condition",), (), "~ condition"),
        ("~time+condition", ("time", "condition"), (), "~ time + condition"),
        ("~ a*b", ("a", "b"), (("a", "b"),), "~ a + b + a:b"),
        ("~ a + b + a : b", ("a", "b"), (("a", "b"),), "~ a + b + a:b"),
        ("~ batch + a*b", ("batch", "a", "b"), (("a", "b"),), "~ batch + a + b + a:b"),
        ("~ a*b + a*c", ("a", "b", "c"), (("a", "b"), ("a", "c")), "~ a + b + c + a:b + a:c"),
    ],
)
def test_formulas(formula, factors, interactions, written):
    design, problems = parse(formula)
    assert problems == ""
    assert design == Formula(factors, interactions)
    assert design.formula == written


@pytest.mark.parametrize(
    "formula",
    [
        "condition",
        "",
        "~",
        "~ a + ",
        "~ log(a)",
        "~ a - 1",
        "~ 0 + a",
        "~ a | b",
        "~ a*b*c",
        "y ~ a",
        "~ a:a + a",
        "~ __import__('os')",
    ],
)
def test_anything_else_shows_the_grammar(formula):
    design, problems = parse(formula)
    assert design is None
    assert "column design" in problems
    assert "write '~ a + b'" in problems


def test_an_interaction_needs_its_main_effects():
    design, problems = parse("~ a + a:b")
    assert design is None
    assert "a:b needs its main effect b" in problems
    assert "write a*b" in problems


@pytest.mark.parametrize("formula", ["~ a + a", "~ a*b + b:a"])
def test_a_term_is_there_once(formula):
    assert "twice" in parse(formula)[1]


def faults(formula: str, samples: list[dict[str, str]]) -> str:
    problems = Problems()
    design = parse_formula(formula, "study.yaml", problems)
    assert design is not None
    check_design(design, samples, "study.yaml", problems)
    return "\n".join(map(str, problems.found))


def cross(n: int, **levels: str) -> list[dict[str, str]]:
    cells = itertools.product(*[[(name, level) for level in text.split()] for name, text in levels.items()])
    return [{"sample": f"s{i}_{j}", **dict(cell)} for i, cell in enumerate(cells) for j in range(n)]


def test_designs_that_can_be_answered():
    assert faults("~ a*b", cross(2, a="x y", b="u v w")) == ""
    assert faults("~ subject + condition", cross(1, subject="1 2 3", condition="pre post")) == ""


def test_unknown_factor():
    text = faults("~ conditoin", cross(2, condition="x y"))
    assert "'conditoin', which is no factor" in text
    assert "did you mean 'condition'?" in text


def test_one_level():
    assert "one level only, 'x'" in faults("~ a + b", cross(3, a="x", b="u v"))


def test_nested_subject_is_collinear_with_its_arm():
    samples = [{"sample": f"s{i}", "subject": str(i // 2), "arm": "xy"[i // 4]} for i in range(8)]
    assert "collinear: arm is determined by subject" in faults("~ subject + arm", samples)


def test_collinearity_of_three_terms_names_what_comes_before():
    samples = [{"sample": str(i), "a": "xy"[i % 2], "b": "uv"[i // 2 % 2], "c": "pq"[i % 2]} for i in range(8)]
    assert "c is determined by a\n" in faults("~ a + b + c", samples)


def test_an_interaction_with_an_empty_cell():
    samples = [row for row in cross(3, a="x y", b="u v") if (row["a"], row["b"]) != ("y", "v")]
    assert "a:b cannot be estimated: no sample in y:v" in faults("~ a*b", samples)


@pytest.mark.parametrize("level", ["CFA - day 7", "CFA:7", "- 7", "7 -", "a : b"])
def test_levels_that_cells_cannot_hold(level):
    samples = [{**row, "a": row["a"].replace("x", level)} for row in cross(2, a="x y", b="u v")]
    text = faults("~ a*b", samples)
    assert f"column samples.values.a, value {level!r}: the level {level!r} of a holds ':' or ' - '" in text
    assert "give it another name in study.yaml: samples: values: a: {" in text
    assert text.count("mend:") == 1
    # Where no interaction asks for cells, any level will do.
    assert faults("~ a + b", samples) == ""


@pytest.mark.parametrize("level", ["CFA-day 7", "EA 2/100 Hz", "-7", "a.b"])
def test_levels_with_spaces_and_hyphens(level):
    assert faults("~ a*b", [{**row, "a": row["a"].replace("x", level)} for row in cross(2, a="x y", b="u v")]) == ""


def test_no_degrees_of_freedom():
    assert "4 samples and 4 coefficients leave no degrees of freedom" in faults("~ a*b", cross(1, a="x y", b="u v"))
    assert faults("~ a + b", cross(1, a="x y", b="u v")) == ""
