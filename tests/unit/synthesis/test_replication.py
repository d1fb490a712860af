"""The replication matrix, the moderators and the counts of reporting practice."""

import pytest

from acuomics.catalogue.published import read_published
from acuomics.mechanisms.verdicts.vocabulary import VERDICTS
from acuomics.problems import Problems
from acuomics.synthesis.moderators import moderator_table
from acuomics.synthesis.replication import cell_of
from acuomics.synthesis.reporting import reporting_table
from acuomics.synthesis.vocabulary import MATRIX_ORDER, MATRIX_WORDS, MODERATOR_COLUMNS, REPORTING_COLUMNS, Settings
from tests.realdata import REPO
from tests.synthesis import trait


def cell(*words, **changes):
    row = {"identifier": "1", "symbol": "X", "test": "one_sided", "circular": False}
    return cell_of([row | {"verdict": word, "reason": f"because {word}"} | changes for word in words])


@pytest.mark.parametrize(
    "words,verdict",
    [
        (["inconclusive", "concordant", "no_power"], "concordant"),
        (["discordant", "inconclusive"], "discordant"),
        (["concordant", "discordant"], "mixed"),
        (["no_power", "not_expressed"], "no_power"),
        (["not_testable:gating", "not_expressed"], "not_expressed"),
        (["not_testable:soma_absent", "not_testable:gating"], "not_testable:gating"),
        (["out_of_scope_level"], "out_of_scope_level"),
    ],
)
def test_a_cell_has_the_most_telling_word(words, verdict):
    found = cell(*words)
    assert found["verdict"] == verdict and found["n_genes"] == len(words)
    expected = "concordant" if verdict == "mixed" else verdict.partition(":")[0]
    assert found["reason"].startswith(f"because {expected}")


def test_every_word_of_the_verdict_table_has_a_place():
    assert set(MATRIX_ORDER) == {*VERDICTS, *MATRIX_WORDS, "not_testable"}
    for word in VERDICTS:
        assert cell(word)["verdict"] == word


def test_counts_and_circularity_are_kept():
    found = cell("concordant", "concordant", "no_change_supported", circular=True)
    assert (found["n_concordant"], found["n_no_change"], found["n_tested"], found["circular"]) == (2, 1, 3, True)
    assert found["genes"].startswith("X: concordant; ")


def moderator(study, **changes):
    return dict.fromkeys(MODERATOR_COLUMNS, "") | trait(study, **changes)


@pytest.mark.parametrize("k", [1, 9, 10])
def test_no_moderator_is_regressed_on(k):
    table = moderator_table([moderator(f"s{at}") for at in range(k)], Settings())
    assert list(table.columns) == list(MODERATOR_COLUMNS)
    assert not table["regressed"].any() and (table["k_pool"] == k).all()
    assert table["why"].str.contains("below which no moderator" if k < 10 else "no regression was declared").all()


def test_what_is_not_taken_does_not_count():
    table = moderator_table([moderator("a"), moderator("b", taken=False)], Settings())
    assert table["k_pool"].tolist() == [1, 1]


def test_reporting_practice_is_counted_from_the_catalogue():
    problems = Problems()
    published = read_published(REPO / "resources" / "studies", problems)
    table = reporting_table(published).set_index("practice")
    assert list(reporting_table(published).columns) == list(REPORTING_COLUMNS)
    stimulated = [s for s in published.studies if s.facts["intervention"]["kind"] != "none"]
    rule = table.loc["rule for calling a feature changed stated"]
    assert rule["of"] == len(stimulated) and rule["stated"] == sum(bool(s.facts["thresholds"]) for s in stimulated)
    small = table.loc["smallest arm has 3 libraries or fewer"]
    sized = [s for s in stimulated if s.facts["arms"] and all(arm["n"] for arm in s.facts["arms"])]
    assert small["of"] == len(sized)
    assert small["stated"] == sum(min(arm["n"] for arm in s.facts["arms"]) <= 3 for s in sized)
    assert set(small["studies"].split(";")) <= {s.study for s in sized}
    assert (table["share"] * table["of"]).round(9).tolist() == table["stated"].tolist()
