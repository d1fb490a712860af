"""The plan of the claims stage: each kind of data brings its own evidence, and no model where there are no counts."""

import re
from collections import Counter

import yaml

from tests.workflow import snakemake, write_config

STUDY = {
    "study": "pvalues",
    "title": "A table of p values",
    "summary": "Two arms, of which only p values are deposited.",
    "species": "Homo sapiens",
    "taxon": 9606,
    "tissue": {"name": "blood", "uberon": "UBERON:0000178", "level": "blood_systemic"},
    "assay": "mirna",
    "source": "made for a test",
    "model": "none",
    "intervention": "none",
    "statistics": {
        "path": "pvalues.tsv",
        "format": "tsv",
        "feature_column": "mirna",
        "log2fc_column": "lfc",
        "p_column": "p",
        "contrasts": {"ea_vs_sham": "all"},
    },
}


def jobs(folder, target, **config):
    changes = write_config(folder / "c.yaml", **config)
    result = snakemake(folder, "--dry-run", target, config=changes)
    assert result.returncode == 0, result.stdout
    table = re.search(r"^job\s+count\n[-\s]+\n(.*?)\n\n", result.stdout, re.M | re.S)
    assert table, result.stdout
    return Counter({line.split()[0]: int(line.split()[1]) for line in table[1].splitlines()})


def test_counts_bring_the_fit_and_the_reversal(tmp_path):
    planned = jobs(tmp_path, "results/demo_phn_mirna/claims/verdicts.tsv", studies=["demo_phn_mirna"])
    assert planned["judge_published"] == planned["fit_study"] == planned["test_reversal"] == 1
    assert planned["take_in_statistics"] == 0


def test_deposited_statistics_are_recounted_and_never_fitted(tmp_path):
    folder = tmp_path / "studies" / "pvalues"
    folder.mkdir(parents=True)
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY))
    header = "contrast\tfactor\tnumerator\tdenominator\tcovariates\trole\n"
    (folder / "contrasts.tsv").write_text(f"{header}ea_vs_sham\tcondition\tEA\tsham\t\tspecificity\n")
    (tmp_path / "pvalues.tsv").write_text("mirna\tlfc\tp\nhsa-miR-1-3p\t1\t0.5\n")
    config = {"studies": ["pvalues"], "study_folders": [str(tmp_path / "studies")], "data_root": str(tmp_path)}
    planned = jobs(tmp_path, "results/pvalues/claims/verdicts.tsv", **config)
    assert dict(planned) == {"record_study": 1, "take_in_statistics": 1, "judge_published": 1, "total": 3}


def test_claims_without_data_need_the_record_alone(tmp_path):
    planned = jobs(tmp_path, "results/zou2019/claims/claims.json", studies=["zou2019"])
    assert dict(planned) == {"record_study": 1, "judge_published": 1, "total": 2}
