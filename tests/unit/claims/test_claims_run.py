"""The files of the stage: what is read and written, and the study's answer in a sentence."""

from __future__ import annotations

import numpy as np

from acuomics.claims.run import run_claims
from acuomics.claims.vocabulary import NOT_TESTED, NOT_TESTED_BRIEFLY, VERDICT_COLUMNS
from acuomics.files import read_json, read_tsv, write_json, write_tsv
from tests.claims import SUMMARY, claim, count_claim, drawn, features, record


def run(folder, study, *, counted=True):
    """Write a study's files, run the stage, and give the bytes of the verdicts and the summary."""
    write_json(study, folder / "study.json")
    if counted:
        (folder / "tables").mkdir(exist_ok=True)
        write_tsv(drawn([3.0, -3.0, *np.zeros(40)], 0.3, 1), folder / "tables" / "ea_vs_rtx.tsv")
        write_tsv(features(42), folder / "features.tsv")
        write_tsv(SUMMARY, folder / "summary.tsv")
    run_claims(
        record=str(folder / "study.json"),
        tables=str(folder / "tables") if counted else None,
        features=str(folder / "features.tsv") if counted else None,
        summary=str(folder / "summary.tsv") if counted else None,
        reversals=[],
        settings={"rate": 0.05, "power": 0.8},
        verdicts=str(folder / "verdicts.tsv"),
        facts=str(folder / "claims.json"),
    )
    return (folder / "verdicts.tsv").read_bytes(), read_json(folder / "claims.json")


def test_verdicts_and_answer(tmp_path):
    rows = [claim("a", 0), claim("b", 1), claim("c", 0, kind="protein"), claim("d", None), claim("e", 0)]
    written, facts = run(tmp_path, record(*rows, count_claim("f", 1)))
    table = read_tsv(tmp_path / "verdicts.tsv")
    assert list(table.columns) == list(VERDICT_COLUMNS)
    assert table["claim"].tolist() == list("abcdef")
    assert facts["family_size"] == 2  # a and e are one test
    assert facts["n_judged"] == 4
    assert facts["by_verdict"]["contradicted"] == 1
    assert facts["answer"] == (
        "Of 6 published claims 4 could be held against the data: 3 reproduced, 1 contradicted; not tested: 1 with an "
        "unresolved name, 1 about protein."
    )
    assert run(tmp_path, record(*rows, count_claim("f", 1)))[0] == written


def test_made_from_the_same_data_is_said(tmp_path):
    _, facts = run(tmp_path, record(claim("a", 0), simulated=False))
    assert facts["same_data"] == 1
    assert facts["answer"].endswith("agreement is no independent evidence.")


def test_a_study_without_data(tmp_path):
    _, facts = run(tmp_path, record(claim("a", 0), claim("b", None), simulated=False), counted=False)
    assert facts["answer"] == (
        "None of 2 published claims could be held against data: 1 with an unresolved name, 1 without data."
    )
    assert facts["by_verdict"] == {"name_unresolved": 1, "not_tested:no_data": 1}


def test_a_study_without_claims(tmp_path):
    _, facts = run(tmp_path, record())
    assert facts["answer"] == "No published claim is recorded for this study."
    assert read_tsv(tmp_path / "verdicts.tsv").empty


def test_every_reason_has_its_brief_words():
    assert set(NOT_TESTED) == set(NOT_TESTED_BRIEFLY)
