"""limma's frozen answers (tests/fixtures/limma) and ours beside them, for tests and the benchmark."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from acuomics.designs import build_design, contrast_vector
from acuomics.mechanisms.settests.camera import camera, camera_input
from acuomics.mechanisms.settests.effects import contrast_effects, moderated_t
from acuomics.mechanisms.settests.expression import expressed, library_sizes
from acuomics.mechanisms.settests.fry import fry, standardise
from acuomics.mechanisms.settests.voom import voom

FIXTURES = Path(__file__).resolve().parent / "fixtures" / "limma"
CASES = ("2arms_n3", "2arms_n4_even", "3arms_n3", "3arms_n4_b2")
#: This case holds all genes, those without any count too; the others those that are expressed.
UNFILTERED = "2arms_n3"
#: This case has size factors.
WITH_SIZE_FACTORS = "3arms_n4_b2"


def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(FIXTURES / name, sep="\t")


def median_of_ratios(counts: np.ndarray) -> np.ndarray:
    """Size factors of a samples x genes matrix; the median of the ratios themselves, as edgeR takes it."""
    logs = np.log(counts[:, (counts > 0).all(axis=0)])
    return np.median(np.exp(logs - logs.mean(axis=0)), axis=1)


@dataclass
class LimmaCase:
    """One frozen table: our fit of it and limma's."""

    name: str

    def __post_init__(self) -> None:
        table = _read(f"{self.name}.counts.tsv.gz").set_index("gene")
        samples = _read(f"{self.name}.samples.tsv").astype(str).to_dict("records")
        several = len({sample["batch"] for sample in samples}) > 1
        self.design = build_design("~ batch + condition" if several else "~ condition", samples)
        self.counts = table.T.to_numpy(dtype=float)
        factors = median_of_ratios(self.counts) if self.name == WITH_SIZE_FACTORS else None
        self.sizes = library_sizes(self.counts, factors)
        self.expressed = expressed(self.counts, self.design.matrix, self.sizes)
        used = np.ones(len(table), dtype=bool) if self.name == UNFILTERED else self.expressed
        self.genes = table.index[used]
        self.keep = _read(f"{self.name}.keep.tsv.gz")["keep"].to_numpy()
        self.limma = _read(f"{self.name}.genes.tsv.gz").set_index("gene").loc[self.genes]
        self.limma_sets = _read(f"{self.name}.sets.tsv.gz")
        self.limma_scalars = _read(f"{self.name}.scalars.tsv.gz").set_index("tag")
        self.voom = voom(self.counts[:, used], self.design.matrix, self.sizes)

    @property
    def tags(self) -> list[str]:
        return list(self.limma_scalars.index)

    def sets(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Positions among the genes used, and signs."""
        sheet = _read("sets.tsv")
        sheet["at"] = self.genes.get_indexer(sheet["gene"])
        sheet = sheet[sheet["at"] >= 0]
        return {
            name: (part["at"].to_numpy(), part["sign"].to_numpy(dtype=float))
            for name, part in sheet.groupby("set", sort=False)
        }

    def fit(self, tag: str):
        """Effects of the contrast that `tag` (``voom.b_vs_a``) names."""
        kind, contrast = tag.split(".")
        numerator, denominator = contrast.split("_vs_")
        vector = contrast_vector(
            self.design,
            {"contrast": contrast, "factor": "condition", "numerator": numerator, "denominator": denominator},
        )
        weights = self.voom.weights if kind == "voom" else None
        return contrast_effects(self.voom.log_cpm, self.design.matrix, vector, weights)

    def tested_sets(self, tag: str) -> pd.DataFrame:
        """Our answers for limma's table of sets, same rows; camera without signs, which limma's has not."""
        fit = self.fit(tag)
        tests = moderated_t(fit)
        standardised, genes = standardise(fit, tests.prior), camera_input(fit, tests)
        rows = []
        for name, (at, signs) in self.sets().items():
            ours, beside = fry(standardised, at, signs), camera(genes, at, np.ones(at.size))
            rows.append(
                {
                    "tag": tag, "set": name, "n": at.size, "direction": "Up" if ours.t > 0 else "Down", "p": ours.p,
                    "p_mixed": ours.p_mixed, "camera_direction": "Up" if beside.t > 0 else "Down",
                    "camera_p": beside.p, "correlation": beside.correlation,
                }  # fmt: skip
            )
        return pd.DataFrame(rows)


def relative(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Relative differences where limma has a value; it must be that ours has one there too."""
    a, b = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    assert (np.isnan(a) == np.isnan(b)).all(), "values are missing in different places"
    there = ~np.isnan(b)
    a, b = a[there], b[there]
    return np.where(a == b, 0.0, np.abs(a - b) / np.maximum(np.abs(b), 1e-300))
