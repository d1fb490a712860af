"""`make new-study` and `make check`: a new study is good but for what is marked, and every fault is told at once."""

import re
import shutil

import pytest
import yaml

from acuomics import check
from acuomics.catalogue.configuration import merged
from acuomics.catalogue.scaffold import main as scaffold
from acuomics.catalogue.scaffold import new_study
from acuomics.problems import InputError, Problems
from tests.realdata import REPO


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def faults(*configs):
    problems = Problems()
    check.check(configs, problems)
    return [str(problem) for problem in problems.found]


def fill_in(folder, counts="ok"):
    """Do what the marks ask for."""
    for file in folder.iterdir():
        file.write_text(re.sub(r"TODO:? ?", "", file.read_text()))
    text = (folder / "study.yaml").read_text().replace("_counts.tsv", "counts.tsv")
    (folder / "study.yaml").write_text(text)
    samples = [line.split("\t")[0] for line in (folder / "samples.tsv").read_text().splitlines()[1:]]
    rows = [[f"ENSRNOG{i:011d}", *(str((7 * i + 3 * j) % 11 * i + 40) for j in range(9))] for i in range(1, 60)]
    text = "\n".join("\t".join(row) for row in [["gene", *samples], *rows])
    (folder.parent.parent / "counts.tsv").write_text(text + "\n")


def test_the_committed_configuration_and_the_catalogue_are_good(here, capsys):
    assert check.main([]) == 0
    told = capsys.readouterr().out
    assert "demo_phn_mirna: simulated, 18 samples, 3 contrasts, 1 reversal pair, 3 claims" in told
    assert "published studies: 51" in told and "curated mechanisms: version 1.0.0" in told
    assert not any(here.iterdir()), "a check writes nothing"


def test_a_new_study_lacks_only_what_is_marked(here):
    new_study("mine", "studies")
    found = faults()
    marked = [fault for fault in found if "still to be filled in" in fault]
    rest = [fault for fault in found if fault not in marked]
    assert len(marked) == 14
    # The one fault besides is the file that the mark names.
    assert len(rest) == 1 and "TODO_counts.tsv" in rest[0]


def test_a_new_study_that_is_filled_in_is_good(here, capsys):
    new_study("mine", "studies")
    fill_in(here / "studies" / "mine")
    assert faults() == []
    assert check.main([]) == 0
    assert "mine: counts, 9 samples, 3 contrasts, 1 reversal pair, 1 claim" in capsys.readouterr().out


def test_every_key_of_the_template_is_explained_and_known():
    text = (REPO / "resources" / "templates" / "study" / "study.yaml").read_text()
    lines = text.splitlines()
    explained = re.compile(r"#.*\w")
    for number, line in enumerate(lines):
        key = re.match(r"([a-z_]+):", line)
        if key and key[1] != "taxon":  # explained with the species
            above, own = lines[number - 1], line.split("#")[1:]
            assert explained.match(above) or own, line
    for column in ("sample", "condition", "contrast", "factor", "numerator", "denominator", "covariates", "role"):
        assert re.search(rf"^#   {column}  ", text, re.M), column
    assert set(yaml.safe_load(text)) < set(
        yaml.safe_load((REPO / "workflow/schemas/study.schema.json").read_text())["properties"]
    )


@pytest.mark.parametrize("name", ["My", "1st", "a-b", "../etc", "", "logs", "a b"])
def test_names_that_no_study_can_have_are_refused(here, name, capsys):
    assert scaffold([name]) == 1
    assert "mend:" in capsys.readouterr().err
    assert not any(here.iterdir())


def test_a_study_is_never_written_over(here):
    new_study("mine", "studies")
    (here / "studies/mine/samples.tsv").write_text("mine\n")
    with pytest.raises(InputError, match="already"):
        new_study("mine", "studies")
    assert (here / "studies/mine/samples.tsv").read_text() == "mine\n"


def test_faults_of_all_kinds_are_told_together(here, monkeypatch):
    """Configuration, a configured study, one that is not configured, a published claim, the curated set."""
    copy = here / "resources"
    shutil.copytree(REPO / "resources", copy)
    claims = copy / "studies" / "zou2019" / "claims.tsv"
    claims.write_text(claims.read_text().replace("\tup\t", "\tupwards\t", 1))
    curated = copy / "mechanisms" / "claims.tsv"
    curated.write_text(curated.read_text().replace("EAA:A002", "EAA:A001", 1))
    monkeypatch.setattr(check, "RESOURCES", copy)
    new_study("mine", "studies")
    (here / "my.yaml").write_text("de: {q: 2}\nsead: 1\nstudies: [demo_phn_mrna, nowhere]\n")
    found = "\n".join(faults("my.yaml"))
    for part in ("de.q", "sead", "nowhere", "still to be filled in", "upwards", "EAA:A001"):
        assert part in found, part


def test_a_configuration_is_laid_over_as_snakemake_does():
    base = {"de": {"q": 0.05, "power": 0.8}, "studies": ["a"]}
    assert merged(base, {"de": {"q": 0.1}, "studies": ["b"]}) == {
        "de": {"q": 0.1, "power": 0.8},
        "studies": ["b"],
    }
    assert base["de"]["q"] == 0.05


def test_a_configuration_that_cannot_be_read_is_a_fault(here):
    (here / "my.yaml").write_text("de: {q: [")
    assert any("my.yaml" in fault for fault in faults("my.yaml"))
    assert any("none.yaml" in fault for fault in faults("none.yaml"))
