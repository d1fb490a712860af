"""limma's frozen answers (tests/fixtures/limma) and ours beside them, for tests and the benchmark."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from acuomics.designs import build_design, contrast_vector
from acuomics.linear_model import contrast_effects, moderated_t
from acuomics.mechanisms.settests.camera import camera, camera_input
from acuomics.mechanisms.settests.expression import expressed, library_sizes
from acuomics.mechanisms.settests.fry import fry, standardise
from acuomics.mechanisms.settests.voom import voom

FIXTURES = Path(__file__).resolve().parent / "fixtures" / "limma"
CASES = ("2arms_n3", "2arms_n4_even", "3arms_n3", "3arms_n3_mixed", "3arms_n4_b2")
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
                    "tag": tag,
                    "set": name,
                    "n": at.size,
                    "direction": "Up" if ours.t > 0 else "Down",
                    "p": ours.p,
                    "p_mixed": ours.p_mixed,
                    "camera_direction": "Up" if beside.t > 0 else "Down",
                    "camera_p": beside.p,
                    "correlation": beside.correlation,
                }
            )
        return pd.DataFrame(rows)


def relative(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Relative differences where limma has a value; it must be that ours has one there too."""
    a, b = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    assert (np.isnan(a) == np.isnan(b)).all(), "values are missing in different places"
    there = ~np.isnan(b)
    a, b = a[there], b[there]
    with np.errstate(invalid="ignore"):  # inf - inf, where both are infinite
        return np.where(a == b, 0.0, np.abs(a - b) / np.maximum(np.abs(b), 1e-300))


def disagreement(case: LimmaCase) -> dict[str, float]:
    """Largest relative differences of each quantity, where limma's answer is a matter of the data.

    Left out, and tested otherwise: sets of a weighted contrast in which limma's residual axes differ between genes by
    the sign of numbers near zero (`coherent`), and the mixed p of sets smaller than the number of effects, in which
    limma forgets the eigenvalues that are zero.
    """
    limma = case.limma
    samples = [column[2:] for column in limma.columns if column.startswith("E.")]
    worst = {
        "log_cpm": _largest(case.voom.log_cpm.T, limma[[f"E.{s}" for s in samples]]),
        "weights": _largest(case.voom.weights.T, limma[[f"w.{s}" for s in samples]]),
    }
    for tag in case.tags:
        scalars = case.limma_scalars.loc[tag]
        fit = case.fit(tag)
        tests = moderated_t(fit)
        n_effects = fit.df + 1
        found = {
            "t": _largest(tests.t, limma[f"t.{tag}"]),
            "p": _largest(tests.p, limma[f"p.{tag}"]),
            "s2_post": _largest(tests.variances, limma[f"s2.{tag}"]),
            "df_prior": _largest([tests.prior.df], [scalars["df_prior"]]),
            "s2_prior": _largest([tests.prior.variance], [scalars["s2_prior"]]),
            "df_total": _largest([tests.df], [scalars["df_total"]]),
        }
        if scalars["coherent"]:
            ours = case.tested_sets(tag)
            theirs = case.limma_sets[case.limma_sets["tag"] == tag].reset_index(drop=True)
            for column in ("set", "n", "direction", "camera_direction"):
                assert (ours[column] == theirs[column]).all(), f"{case.name}, {tag}: {column} differs"
            enough = ((ours["n"] >= n_effects) | (ours["n"] == 1)).to_numpy()
            found["fry"] = _largest(ours["p"], theirs["p"])
            found["fry_mixed"] = _largest(ours["p_mixed"][enough], theirs["p_mixed"][enough])
            found["camera"] = _largest(ours["camera_p"], theirs["camera_p"])
            found["correlation"] = _largest(ours["correlation"], theirs["correlation"])
        for key, value in found.items():
            worst[key] = max(worst.get(key, 0.0), value)
    return worst


def _largest(ours: object, theirs: object) -> float:
    return float(relative(np.asarray(ours), np.asarray(theirs)).max())
