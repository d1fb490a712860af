"""An embedded study that is simulated as reads: its files come out of the workflow, where and as they were promised."""

import gzip
import shutil

import pytest
import yaml

from acuomics.catalogue.load import load_catalogue
from tests.realdata import REPO
from tests.workflow import digests, snakemake, write_config


@pytest.fixture
def small(tmp_path):
    """The demo with reads, few of them, under another name; gives the configuration file."""
    folder = tmp_path / "studies" / "few_reads"
    shutil.copytree(REPO / "resources" / "studies" / "demo_phn_mirna", folder)
    content = yaml.safe_load((folder / "study.yaml").read_text())
    content |= {"study": "few_reads", "reads": {"adapter": "auto"}}
    content["simulation"]["depth"]["mean"] = 8000
    (folder / "study.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    return write_config(tmp_path / "c.yaml", studies=["few_reads"], study_folders=[str(tmp_path / "studies")])


def test_files_are_where_the_catalogue_says(small, tmp_path):
    target = "results/few_reads/simulate/reads"
    result = snakemake(tmp_path, target, config=small)
    assert result.returncode == 0, result.stdout
    config = yaml.safe_load((REPO / "config.yaml").read_text()) | yaml.safe_load(small.read_text())
    promised = load_catalogue(config, REPO / "resources" / "studies").studies["few_reads"].reads_files
    assert len(promised) == 18
    for sample, (path,) in promised.items():
        with gzip.open(tmp_path / path, "rt") as file:
            assert file.readline() == f"@{sample}.00000001\n"
    for name in ("mature.fa", "hairpin.fa", "other/other.tsv"):
        assert (tmp_path / "results/few_reads/simulate/reference" / name).is_file()
    before = digests(tmp_path)
    assert "Nothing to be done" in snakemake(tmp_path, target, config=small).stdout
    assert digests(tmp_path) == before


def test_studies_without_reads_have_no_such_rule(tmp_path):
    config = write_config(tmp_path / "c.yaml", studies=["demo_phn_mrna"])
    result = snakemake(tmp_path, "results/demo_phn_mrna/simulate/reads", "--dry-run", config=config)
    assert result.returncode != 0 and "MissingRuleException" in result.stdout
