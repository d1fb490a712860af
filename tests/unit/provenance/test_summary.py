"""The lines that end a run, of small results whose counts are plain to see."""

import pytest

from acuomics.files import write_json, write_text
from acuomics.provenance.summary import summarise


def table(path, columns, *rows):
    write_text("".join("\t".join(cells) + "\n" for cells in (columns.split(), *rows)), path)
    return path


@pytest.fixture
def run(tmp_path):
    """The results of one counted study and of one that is claims only."""
    for name, warnings in (("rats", ["few features"]), ("paper", [])):
        record = {"study": name, "simulated": name == "rats", "warnings": warnings}
        write_json(record, tmp_path / name / "catalogue" / "study.json")
    write_json({"warnings": ["2 samples an arm"]}, tmp_path / "rats" / "de" / "fit.json")
    pair = {"pair": "m__t", "reversed": 7, "n_tested": 90, "nominal_venn_opposite": 30, "warnings": []}
    write_json(pair | {"permutations": {"mean": 0.25}}, tmp_path / "rats" / "reversal" / "m__t.json")
    files = {
        "records": [tmp_path / name / "catalogue" / "study.json" for name in ("rats", "paper")],
        "facts": [tmp_path / "rats" / "de" / "fit.json"],
        "reversals": [tmp_path / "rats" / "reversal" / "m__t.json"],
    }
    files["published"] = [
        table(tmp_path / "rats/claims/verdicts.tsv", "claim verdict", ("c1", "reproduced"), ("c2", "reproduced")),
        table(tmp_path / "paper/claims/verdicts.tsv", "claim verdict", ("c1", "not_tested:no_data")),
    ]
    files["verdicts"] = table(
        tmp_path / "mechanisms/verdicts.tsv",
        "study contrast_role verdict",
        ("rats", "treatment", "concordant"),
        ("rats", "model", "discordant"),
        ("rats", "treatment", "not_testable:no_gene"),
        ("rats", "specificity", "not_testable:release"),
    )
    files["contrasts"] = [
        table(tmp_path / "rats/de/summary.tsv", "contrast warning", ("a_vs_b", "no power"), ("c_vs_d", ""))
    ]
    files["quality"] = [
        table(
            tmp_path / "rats/smallrna/qc.tsv",
            "sample verdict reasons",
            ("s1", "good", ""),
            ("s2", "reject", "5 % have the adapter"),
        )
    ]
    return files


def test_verdicts_are_counted_and_reasons_left_to_the_tables(run):
    text = summarise(**run)
    assert "  rats: 2 reproduced\n" in text
    assert "  paper: 1 not tested\n" in text
    # A verdict in the model's contrast does not speak to the treatment.
    assert "  rats: 2 not testable, 1 concordant\n" in text and "discordant" not in text


def test_reversal_stands_beside_chance(run):
    assert "  rats: 7 of 90 in m__t (0.2 on average with permuted labels" in summarise(**run)


def test_every_warning_is_told_once(run):
    text = summarise(**run)
    for line in (
        "  rats: few features\n",
        "  rats: 2 samples an arm\n",
        "  rats: a_vs_b: no power\n",
        "  rats: sample s2 is rejected by its reads (5 % have the adapter)\n",
    ):
        assert text.count(line) == 1, text
    assert "s1" not in text and "c_vs_d" not in text
    assert text.endswith("Simulated, and so no evidence of anything: rats.\n")


def test_many_warnings_are_cut_and_counted(run):
    write_json({"warnings": [f"warning {i}" for i in range(20)]}, run["facts"][0])
    text = summarise(**run)
    assert "warning 4\n" in text and "warning 5\n" not in text
    assert "and 17 more, in the report" in text


def test_a_run_of_claims_only_says_that_nothing_was_tested(run):
    only = {"records": run["records"][1:], "published": run["published"][1:]}
    text = summarise(**only, verdicts=table(run["verdicts"], "study contrast_role verdict"))
    assert "no study has counts" in text
    assert "Be warned" not in text and "reversal" not in text
