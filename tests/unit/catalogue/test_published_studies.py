"""The published studies as committed: complete, honest about what nobody has read, and free of mirrors."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from acuomics.catalogue.contrasts import read_contrasts
from acuomics.catalogue.pairs import find_pairs
from acuomics.catalogue.published import Published, read_published
from acuomics.problems import Problems

STUDIES = Path(__file__).resolve().parents[3] / "resources" / "studies"
#: What was collected: 42 studies of the acupuncture family, 9 comparators, 106 claims.
ROWS = [f"D{i:02d}" for i in range(1, 43)] + [f"C{i:02d}" for i in range(1, 10)]
COLLECTED = set(range(1, 107))
#: Rows of the collected claims that are of papers without a study here.
OF_OTHERS = {*range(9, 15), *range(99, 107)}
MIRRORS = re.compile(
    r"wilddata|ouci\.|synapsesocial|ogka\.at|biocloudy|bohrium|researcher\.life|sparrho|mendeley|booksci|pdfdrive|"
    r"jxxfw|arietiform|qigonginstitute|omicsdi|vercel|ebusca|\b[0-9]{1,3}(\.[0-9]{1,3}){3}\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def published() -> Published:
    problems = Problems()
    found = read_published(STUDIES, problems)
    assert problems.found == [], "\n".join(map(str, problems.found))
    return found


@pytest.fixture(scope="module")
def by_name(published):
    return {study.study: study for study in published.studies}


def numbers(claim) -> list[int]:
    return [int(number) for number in claim["collected"].split(";")]


def contrasts_of(study: str):
    problems = Problems()
    contrasts = read_contrasts(str(STUDIES / study / "contrasts.tsv"), None, [], 2, problems, [])
    assert problems.found == []
    return {row["contrast"]: row["role"] for row in contrasts}, [row["pair"] for row in find_pairs(contrasts)]


def test_every_row_of_the_catalogue_has_its_study(published):
    assert [study.facts["row"] for study in published.studies] == ROWS


def test_every_collected_claim_is_accounted_for(published):
    of_studies = {n for study in published.studies for claim in study.claims for n in numbers(claim)}
    of_others = {n for claim in published.others for n in numbers(claim)}
    assert of_others == OF_OTHERS
    assert of_studies == COLLECTED - OF_OTHERS


def test_a_collected_claim_belongs_to_one_paper(published):
    owners: dict[int, set[str]] = {}
    for name, claims in [*((s.study, s.claims) for s in published.studies), ("others", published.others)]:
        for claim in claims:
            for number in numbers(claim):
                owners.setdefault(number, set()).add(name)
    assert {number: names for number, names in owners.items() if len(names) > 1} == {}


def test_status_says_what_can_be_done(published):
    for study in published.studies:
        status, facts = study.facts["status"], study.facts
        assert (status == "not_acupuncture") == facts["row"].startswith("C"), study.study
        if facts["row"].startswith("D"):
            assert (status == "not_sequencing") == (facts["data_class"] != "sequencing"), study.study
        if facts["data_class"] == "unknown":
            assert "platform is not stated" in facts["status_reason"], study.study
        if status == "needs_accession":
            assert facts["identifiers"]["accession"] == [], study.study
        # Counts are claimed to be testable only where a deposit of counts or reads is known.
        if "negative_binomial" in facts["admits"]:
            assert facts["deposited"] and facts["data_class"] == "sequencing", study.study
    assert Counter(study.facts["status"] for study in published.studies) == {
        "needs_accession": 27,
        "not_sequencing": 13,
        "not_acupuncture": 9,
        "statistics_only": 1,
        "ready": 1,
    }


def test_only_accessions_that_somebody_has_read(published):
    seen = {study.facts["row"]: study.facts["identifiers"]["accession"] for study in published.studies}
    assert {row: found for row, found in seen.items() if found} == {
        "D02": ["GSE198274"],
        "D13": ["GSE21258"],
        "D28": ["SRP048215"],
        "C06": ["PRJEB40032"],
        "C07": ["E-MTAB-13397"],
    }


def test_sources_cite_identifiers_or_say_that_none_was_seen(published):
    for study in published.studies:
        ids, source = study.facts["identifiers"], study.content["source"]
        cited = [ids["doi"], ids["pmid"], ids["pmcid"], *ids["accession"]]
        if any(cited):
            assert all(text in source for text in cited if text), study.study
        else:
            assert re.search(r"accession was seen in what was read|counts by ReCount", source), study.study


def test_no_mirror_no_address_no_machine_path():
    for path in sorted(STUDIES.rglob("*")):
        if path.is_file() and not path.parent.name.startswith("demo"):
            text = path.read_text(encoding="utf-8")
            assert not MIRRORS.search(text), path
            assert not re.search(r"(?<![\w.])/(work|tmp|home|root)/", text), path
            if path.name != "files.tsv":
                assert "http" not in text, path


def test_the_facts_of_comparators_name_no_acupuncture(published):
    for study in published.studies:
        if study.facts["row"].startswith("C"):
            assert study.facts["intervention"]["kind"] == "none" and study.content["intervention"] == "none"
            assert study.claims == []


def test_printed_counts_are_those_of_the_study_in_words(published):
    """The numbers of the claims and of facts.published were written apart from each other."""
    checked = 0
    for study in published.studies:
        for claim in study.claims:
            if claim["kind"] == "count" and claim["evidence"] == "abstract":
                words = re.findall(r"\d+", study.facts["published"])
                assert claim["count"] in words, (study.study, claim["claim"])
                checked += 1
    assert checked == 58


def test_a_claim_about_a_contrast_fits_its_words(published):
    """A claim of EA against the model is of a contrast of that role, and so on."""
    for study in published.studies:
        if not any(claim["contrast"] for claim in study.claims):
            continue
        roles, pairs = contrasts_of(study.study)
        for claim in study.claims:
            name = claim["contrast"]
            if name is None or name in pairs:
                continue
            printed = claim["contrast_as_printed"]
            where = (study.study, claim["claim"], printed, roles[name])
            treated = re.search(r"\b(EA|AP|TE|moxa|acupuncture|after)\b", printed) is not None
            assert treated == (roles[name] in ("treatment", "baseline", "residual")), where


def test_the_anchor_is_complete_but_for_its_data(by_name):
    zou = by_name["zou2019"]
    assert zou.content["design"] == "~ condition" and zou.content["feature_id"] == "mirbase_name"
    assert not {"counts", "reads", "statistics", "simulation"} & set(zou.content)
    assert not (STUDIES / "zou2019" / "samples.tsv").exists()
    roles, pairs = contrasts_of("zou2019")
    assert roles == {"rtx_vs_sham": "model", "ea_vs_rtx": "treatment", "ea_vs_sham": "residual"}
    assert pairs == ["rtx_vs_sham__ea_vs_rtx"]
    counts = Counter()
    for claim in zou.claims:
        if claim["kind"] == "count":
            counts[claim["contrast"], claim["direction"]] += int(claim["count"])
    assert counts == {
        ("rtx_vs_sham", "up"): 1,
        ("rtx_vs_sham", "down"): 5,
        ("ea_vs_rtx", "up"): 2,
        ("ea_vs_rtx", "down"): 0,
        ("ea_vs_sham", "up"): 7,
        ("ea_vs_sham", "down"): 2,
    }


@pytest.mark.parametrize(
    ("study", "printed", "feature", "status"),
    [
        ("zou2019", "miR-233-3p", "MIMAT0000892", "emended"),
        ("liu2023_migraine", "has-miR-378a-5p", "MIMAT0000731", "emended"),
        ("pmc11194526", "Esp8l1", "67425", "emended"),
        ("wu2022", "cAMP", None, "not_a_feature"),
        (None, "miR-81", None, "other_species"),
        (None, "miR-142", None, "ambiguous"),
    ],
)
def test_names_that_a_computer_gets_wrong(published, by_name, study, printed, feature, status):
    claims = by_name[study].claims if study else published.others
    found = [claim for claim in claims if claim["feature_as_printed"] == printed]
    assert found and {(claim["feature"], claim["name_status"]) for claim in found} == {(feature, status)}
    assert all(claim["note"] for claim in found)


def test_the_embedded_studies_are_no_publications(published):
    assert published.without_facts == ["demo_phn_mirna", "demo_phn_mrna", "demo_phn_sc"]


@pytest.mark.parametrize("name", ["catalogue", "literature"])
def test_folders_of_results_are_no_names_of_studies(make_study, the_fault, name):
    assert "folder of the workflow's own" in the_fault(make_study(name).write())
