"""What the crate of a run tells: the right files with the right hashes, and nothing of the machine or the day."""

import hashlib
import json
from pathlib import Path

import pytest

from acuomics.files import write_json
from acuomics.provenance.products import Plan, products
from acuomics.provenance.run import write_crate
from tests.crates import issues

STUDY = "(?P<study>[a-z_]+)"
PATTERNS = {
    "fit_study": [f"results/{STUDY}/de/tables$", f"results/{STUDY}/de/summary\\.tsv$"],
    "test_reversal": [f"results/{STUDY}/reversal/(?P<pair>[a-z_]+)\\.tsv$"],
    "fetch_file": [
        f"results/{STUDY}/acquire/(?P<file>reads\\.gz)$",
        f"results/{STUDY}/acquire/reads\\.gz\\.receipt\\.json$",
    ],
    "export_set": ["results/mechanisms/set\\.json$"],
}
RESULTS = ("one/de/tables/a_vs_b.tsv", "one/de/summary.tsv", "one/reversal/new.tsv")
#: Left by earlier runs, or about the run: no results of this one.
OTHERS = (
    "one/reversal/old.tsv",
    "two/de/summary.tsv",
    "logs/one/fit_study.log",
    "one/de/tables/.snakemake_timestamp",
    "one/notes.txt",
)


@pytest.fixture
def crate(tmp_path, monkeypatch):
    """Write the crate of a small run in a folder of the name given; give its entities by identifier."""

    def run(folder="run", **config):
        top = tmp_path / folder
        for name in (*RESULTS, *OTHERS):
            path = top / "results" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"content of {name}\n")
        sheet = top / "data" / "sheet.tsv"
        sheet.parent.mkdir(exist_ok=True)
        sheet.write_text("sample\tcondition\n")
        reads = top / "results/one/acquire/reads.gz"
        reads.parent.mkdir(exist_ok=True)
        reads.write_bytes(b"reads")
        receipt = {"file": "reads.gz", "url": "https://example.org/reads.gz", "final_url": "", "bytes": 5, "md5": ""}
        receipt |= {"sha256": hashlib.sha256(b"reads").hexdigest(), "retrieved_on": "2026-01-01"}
        write_json(receipt | {"hash_known": "deposited"}, f"{reads}.receipt.json")
        write_json({"version": "1.0.0", "sha256": "ab" * 32}, top / "results/mechanisms/set.json")
        monkeypatch.chdir(top)
        output = {name: f"results/provenance/{name}" for name in ("config.json", "Snakefile", "acuomics.zip")}
        write_crate(
            [str(sheet), "results/one/acquire/reads.gz"],
            {"seed": 1, "de": {"q": 0.05}, "gene_tables": {10116: str(top / "genes.tsv.gz")}, "studies": ["one"]}
            | config,
            Plan(PATTERNS, {"one": ["new"]}),
            "results/mechanisms/set.json",
            {
                "crate": "results/ro-crate-metadata.json",
                "config": output["config.json"],
                "workflow": output["Snakefile"],
                "snapshot": output["acuomics.zip"],
            },
        )
        graph = json.loads((top / "results/ro-crate-metadata.json").read_text())["@graph"]
        entities = {entity["@id"]: entity for entity in graph}
        assert len(entities) == len(graph), "an identifier stands twice"
        return entities

    return run


def ids(entities):
    return {entity["@id"] for entity in ([entities] if isinstance(entities, dict) else entities)}


def test_the_results_of_the_run_and_no_others_are_listed_with_their_hashes(crate):
    entities = crate()
    made = ids(entities["#run"]["result"])
    assert made == {*RESULTS, "mechanisms/set.json", "provenance/config.json"}
    for name in RESULTS:
        content = f"content of {name}\n".encode()
        assert entities[name]["sha256"] == hashlib.sha256(content).hexdigest()
        assert entities[name]["contentSize"] == str(len(content))
    assert entities["one/de/tables/a_vs_b.tsv"]["description"] == "made by the rule fit_study for one"


def test_a_folder_from_the_cache_of_snakemake_is_a_result_like_others(crate, tmp_path):
    crate()
    tables = tmp_path / "run" / "results" / "one" / "de" / "tables"
    tables.rename(tmp_path / "cached")
    tables.symlink_to(tmp_path / "cached")
    plan = Plan(PATTERNS, {"one": ["new"]})
    assert "one/de/tables/a_vs_b.tsv" in [product.path for product in products(tmp_path / "run" / "results", plan)]


def test_inputs_are_named_by_hash_and_fetched_ones_by_their_address(crate):
    entities = crate()
    read = [entities[name] for name in ids(entities["#run"]["object"]) if "File" in entities[name]["@type"]]
    assert {item["name"] for item in read} == {"data/sheet.tsv", "results/one/acquire/reads.gz"}
    fetched = entities["one/acquire/reads.gz"]
    assert fetched["url"] == "https://example.org/reads.gz"
    assert fetched["sha256"] == hashlib.sha256(b"reads").hexdigest()
    assert not any("receipt" in name for name in entities)


def test_parameters_versions_and_the_curated_set_stand_in_it(crate):
    entities = crate()
    assert entities["#value-de.q"]["value"] == 0.05
    assert entities["#input-de.q"]["additionalType"] == "Float"
    assert entities["#mechanism-set"]["version"] == "1.0.0"
    packages = {entities[name]["name"] for name in ids(entities["provenance/Snakefile"]["softwareRequirements"])}
    assert {"numpy", "pandas", "pydeseq2", "snakemake"} <= packages
    assert entities["https://pypi.org/project/pydeseq2/"]["softwareVersion"] == "0.5.4"


def test_two_runs_in_two_places_give_the_same_bytes_and_name_neither(crate, tmp_path):
    crate("here")
    crate("there")
    for name in ("ro-crate-metadata.json", "provenance/config.json", "provenance/acuomics.zip"):
        here, there = ((tmp_path / folder / "results" / name).read_bytes() for folder in ("here", "there"))
        assert here == there, name
        assert str(tmp_path).encode() not in here, name


def test_a_changed_result_or_setting_changes_the_crate(crate, tmp_path):
    before = crate()
    after = crate("other", de={"q": 0.1})
    assert before["#value-de.q"] != after["#value-de.q"]
    assert before["provenance/config.json"]["sha256"] != after["provenance/config.json"]["sha256"]


@pytest.mark.slow
def test_the_validator_accepts_it_and_would_not_accept_less(crate, tmp_path):
    entities = crate()
    folder = tmp_path / "run" / "results"
    assert issues(folder, tmp_path / "cache") == []
    path = Path(folder, "ro-crate-metadata.json")
    content = json.loads(path.read_text())
    for entity in content["@graph"]:
        if entity["@id"] == "#run":
            del entity["instrument"]
    path.write_text(json.dumps(content))
    found = issues(folder, tmp_path / "cache")
    assert any("instrument" in issue for issue in found), entities
