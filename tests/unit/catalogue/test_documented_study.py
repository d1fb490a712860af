"""The how-to "add a study": what it shows is read from the page and must be valid as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from acuomics.catalogue.load import load_catalogue

SECTION = (Path(__file__).resolve().parents[3] / "docs" / "how-to" / "add-a-study.md").read_text()
BLOCKS = re.findall(r"```(?:yaml|text)\n(.*?)```", SECTION, re.S)
GENES = [f"ENSRNOG{i:011d}" for i in range(1, 61)]
ARMS = {"ctrl": "control", "cfa": "CFA", "ea": "CFA_EA"}


def block(*parts: str) -> str:
    """Give the one block that holds all `parts`."""
    (found,) = [text for text in BLOCKS if all(part in text for part in parts)]
    return found


def counts(samples: list[str]) -> np.ndarray:
    return np.random.default_rng(1).negative_binomial(4, 0.02, (len(GENES), len(samples)))


class Page:
    """The files of the page in a folder of one's own."""

    def __init__(self, root: Path) -> None:
        self.root, self.folder = root, root / "studies" / "my_study"
        self.study = yaml.safe_load(block("study: my_study"))
        self.contrasts = block("cfa_vs_control")
        self.sheet = block("ctrl_1\tcontrol").replace("...\n", "")
        for name in (f"{arm}_{i}" for arm in ARMS for i in (1, 2, 3, 4)):
            if name != "ctrl_1":
                self.sheet += f"{name}\t{ARMS[name.split('_')[0]]}\n"

    @property
    def samples(self) -> list[str]:
        return [line.split("\t")[0] for line in self.sheet.splitlines()[1:]]

    def load(self, config: dict) -> object:
        self.folder.mkdir(parents=True)
        (self.root / "data").mkdir()
        (self.folder / "study.yaml").write_text(yaml.safe_dump(self.study))
        (self.folder / "samples.tsv").write_text(self.sheet)
        (self.folder / "contrasts.tsv").write_text(self.contrasts)
        self.write_counts()
        (self.root / "data" / "rat_genes.tsv").write_text(
            "ensgene\tentrez\tsymbol\n" + "".join(f"{name}\t{i + 1}\tG{i}\n" for i, name in enumerate(GENES))
        )
        return load_catalogue(config | yaml.safe_load(block("# my.yaml")), "none").studies["my_study"]

    def write_counts(self) -> None:
        values, data = counts(self.samples), self.root / "data"
        lines = ["\t".join(["gene", *self.samples])]
        lines += ["\t".join([name, *map(str, row)]) for name, row in zip(GENES, values, strict=True)]
        (data / "my_counts.tsv.gz").write_text("\n".join(lines) + "\n")
        for at, sample in enumerate(self.samples):
            rows = "".join(f"{name}\t900\t{row[at]}\n" for name, row in zip(GENES, values, strict=True))
            (data / f"{sample}.tsv").write_text("gene\tlength\texpected_count\n" + rows + "__no_feature\t0\t7\n")
        entries = [f"{i + 1} {j + 1} {x}\n" for (i, j), x in np.ndenumerate(values) if x]
        head = f"%%MatrixMarket matrix coordinate integer general\n{len(GENES)} {len(self.samples)} {len(entries)}\n"
        (data / "matrix.mtx.gz").write_text(head + "".join(entries))
        (data / "features.tsv").write_text("\n".join(GENES) + "\n")
        (data / "barcodes.tsv").write_text("\n".join(self.samples) + "\n")


@pytest.fixture
def page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Page(tmp_path)


def test_the_study_of_the_page(page, default_config):
    found = page.load(default_config)
    assert found.pairs == ["cfa_vs_control__ea_vs_cfa"]
    assert found.record["warnings"] == []
    # Relative to the directory of the run, as the page says.
    assert found.counts_files == ["data/my_counts.tsv.gz"]


@pytest.mark.parametrize("form", ["layout: per_sample\n", "format: mtx"])
def test_other_forms_of_counts(page, default_config, form):
    page.study |= yaml.safe_load(block("counts: ", form))
    assert len(page.load(default_config).record["samples"]) == 12


def test_the_paired_study(page, default_config):
    page.study["design"] = "~ subject + condition"
    page.contrasts = block("pain_vs_pre")
    page.sheet = "sample\tsubject\tcondition\n" + "".join(
        f"r{i}_{arm}\tr{i}\t{arm}\n" for i in (1, 2, 3, 4) for arm in ("pre", "pain", "pain_EA")
    )
    assert page.load(default_config).pairs == ["pain_vs_pre__ea_vs_pain"]


def test_the_two_by_two_study(page, default_config):
    page.study["design"] = "~ treatment * model"
    page.contrasts = block("rtx_without_ea")
    page.sheet = "sample\ttreatment\tmodel\n" + "".join(
        f"{t}_{m}_{i}\t{t}\t{m}\n" for t in ("none", "EA") for m in ("control", "RTX") for i in (1, 2, 3, 4)
    )
    found = page.load(default_config)
    assert len(found.contrasts) == 4
    assert found.pairs == ["rtx_without_ea__ea_in_rtx"]
