"""A made-up results tree of one study by the data contracts: what the report is developed and tested against."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from acuomics.files import write_json, write_parquet, write_tsv

ARMS = ("control", "RTX", "RTX_EA")
CONTRASTS = (
    ("rtx_vs_control", "RTX", "control", "model"),
    ("ea_vs_rtx", "RTX_EA", "RTX", "treatment"),
    ("ea_vs_control", "RTX_EA", "control", "residual"),
)
PAIR = "rtx_vs_control__ea_vs_rtx"
SETTINGS: dict[str, Any] = {
    "de": {"engine": "deseq2", "inference": "batched", "q": 0.05, "power": 0.8},
    "reversal": {"q": 0.05, "equivalence_log2fc": 0.585, "alpha": 0.05, "permutations": 20},
    "seed": 20190523,
}


@dataclass
class FakeStudy:
    """What to make: sizes, and which pieces are to be missing."""

    study: str = "demo_phn_mrna"
    assay: str = "mrna"
    n_features: int = 12000
    n: int = 6
    seed: int = 1
    signal: bool = True
    pairs: bool = True
    contrasts: tuple[tuple[str, str, str, str], ...] = CONTRASTS
    mechanisms: bool = True
    simulated: bool = True
    hostile: str = ""
    record: dict[str, Any] = field(default_factory=dict)


def two_sided(z: np.ndarray) -> np.ndarray:
    return np.array([math.erfc(abs(value) / math.sqrt(2)) for value in z])


def upper(z: np.ndarray) -> np.ndarray:
    return np.array([0.5 * math.erfc(value / math.sqrt(2)) for value in z])


def benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    q = np.full(p.shape, np.nan)
    seen = np.flatnonzero(~np.isnan(p))
    order = seen[np.argsort(p[seen], kind="stable")]
    ranked = p[order] * len(order) / np.arange(1, len(order) + 1)
    q[order] = np.minimum(1, np.minimum.accumulate(ranked[::-1])[::-1])
    return q


def write_fake_study(root: Path, fake: FakeStudy) -> dict[str, Any]:
    """Write `root`/results/<study>/... and return the files as the rule `draw_figures` names them."""
    rng = np.random.default_rng(fake.seed)
    results = root / "results" / fake.study
    names = [f"{arm}_{i}" for arm in ARMS for i in range(1, fake.n + 1)]
    conditions = [arm for arm in ARMS for _ in range(fake.n)]
    n = fake.n_features
    if fake.assay == "mirna":
        feature = [f"MIMAT{i:07d}" if i < n // 2 else f"sim-miR-{i:04d}" for i in range(n)]
        symbol = [f"rno-miR-{i}-5p" if i < n // 2 else f"sim-miR-{i:04d}" for i in range(n)]
    else:
        feature = [str(24000 + i) if i < 400 else f"SimGene{i:05d}" for i in range(n)]
        symbol = [f"Gene{i}" if i < 400 else f"SimGene{i:05d}" for i in range(n)]
    if fake.hostile:
        symbol[3] = fake.hostile
        feature[3] = fake.hostile
    _write_record(results, fake, names, conditions)

    base_mean = np.exp(rng.normal(4.5, 2.2, n))
    all_zero = rng.random(n) < 0.04
    base_mean[all_zero] = 0.0
    dispersion = (0.04 + 3.0 / np.maximum(base_mean, 0.5)) * np.exp(rng.normal(0, 0.6, n))
    se = np.sqrt((1 / np.maximum(base_mean, 0.5) + dispersion) / fake.n) / math.log(2)
    model = np.where(rng.random(n) < 0.1, rng.uniform(0.6, 2.5, n) * rng.choice([-1, 1], n), 0.0)
    kind = rng.choice(["full", "partial", "overcorrected", "untouched", "aggravated"], n)
    share = {"full": -1.0, "partial": -0.6, "overcorrected": -1.5, "untouched": 0.0, "aggravated": 0.5}
    treatment = model * np.array([share[name] for name in kind])
    if not fake.signal:
        model = treatment = np.zeros(n)
    error = {arm: rng.normal(0, 1, n) * se for arm in ARMS}
    truth = {"control": np.zeros(n), "RTX": model, "RTX_EA": model + treatment}
    estimate = {arm: truth[arm] + error[arm] for arm in ARMS}

    tables, summary = {}, []
    for contrast, numerator, denominator, role in fake.contrasts:
        log2fc = estimate[numerator] - estimate[denominator]
        log2fc_se = se * math.sqrt(2)
        log2fc[all_zero] = log2fc_se[all_zero] = np.nan
        status = np.where(all_zero, "all_zero", "tested").astype(object)
        outlier = ~all_zero & (rng.random(n) < 0.004)
        status[outlier] = "outlier"
        low = ~all_zero & ~outlier & (base_mean < 3)
        status[low] = "low_count"
        stat = log2fc / log2fc_se
        p = two_sided(stat)
        p[outlier] = np.nan
        q = benjamini_hochberg(np.where(low, np.nan, p))
        at_q = float(np.nanmax(np.where(q < 0.05, p, np.nan))) if np.any(q < 0.05) else math.nan
        shrunk = log2fc * 4 / (4 + log2fc_se**2)
        detectable = (1.96 + 0.84) * log2fc_se
        tables[contrast] = pd.DataFrame(
            {
                "feature": feature,
                "symbol": symbol,
                "base_mean": base_mean,
                "log2fc": log2fc,
                "log2fc_se": log2fc_se,
                "stat": stat,
                "p": p,
                "q": q,
                "log2fc_shrunk": shrunk,
                "log2fc_shrunk_se": log2fc_se * 0.9,
                "status": status,
                "detectable_log2fc": detectable,
            }
        )
        write_tsv(tables[contrast], results / "de" / "tables" / f"{contrast}.tsv")
        tested = int(np.sum(~np.isnan(p)))
        summary.append(
            {
                "contrast": contrast,
                "role": role,
                "numerator": numerator,
                "denominator": denominator,
                "n_numerator": fake.n,
                "n_denominator": fake.n,
                "n_features": n,
                "n_tested": tested,
                "n_p05": int(np.sum(p < 0.05)),
                "expected_p05": 0.05 * tested,
                "n_p05_lfc1": int(np.sum((p < 0.05) & (np.abs(log2fc) >= 1))),
                "expected_p05_lfc1": 0.01 * tested,
                "n_q": int(np.sum(q < 0.05)),
                "n_q_up": int(np.sum((q < 0.05) & (log2fc > 0))),
                "n_q_down": int(np.sum((q < 0.05) & (log2fc < 0))),
                "expected_false_q": 0.05 * int(np.sum(q < 0.05)),
                "filter_threshold": 3.0,
                "p_at_q": at_q,
                "median_detectable_log2fc": float(np.nanmedian(detectable)),
                "warning": "",
            }
        )
    write_tsv(pd.DataFrame(summary), results / "de" / "summary.tsv")
    _write_fit(results, fake, names, feature, base_mean, dispersion, truth, se, conditions, rng)
    if fake.pairs:
        _write_reversal(results, feature, symbol, tables, se)
    _write_mechanisms(results, fake, feature, symbol, tables)
    if fake.simulated:
        _write_recovery(results, fake)
    return files_of(results, fake)


def files_of(results: Path, fake: FakeStudy) -> dict[str, Any]:
    """The inputs of the rule `draw_figures`, by their names there."""
    pairs = [str(results / "reversal" / f"{PAIR}.{suffix}") for suffix in ("tsv", "json")]
    recovery = [str(results / "recovery" / f"recovery.{suffix}") for suffix in ("tsv", "json")]
    return {
        "record": str(results / "catalogue" / "study.json"),
        "intake": str(results / "intake" / "intake.json"),
        "samples": str(results / "intake" / "samples.tsv"),
        "tables": str(results / "de" / "tables"),
        "summary": str(results / "de" / "summary.tsv"),
        "fit": str(results / "de" / "fit.json"),
        "dispersions": str(results / "de" / "dispersions.parquet"),
        "transformed": str(results / "de" / "transformed.parquet"),
        "annotations": str(results / "mechanisms" / "annotations.tsv"),
        "mechanisms": str(results / "mechanisms" / "mechanisms.json"),
        "reversal": pairs if fake.pairs else [],
        "recovery": recovery if fake.simulated else [],
    }


def _write_record(results: Path, fake: FakeStudy, names: list[str], conditions: list[str]) -> None:
    prefix = "SIMULATED: " if fake.simulated else ""
    record: dict[str, Any] = {
        "study": fake.study,
        "title": f"{prefix}electroacupuncture in resiniferatoxin neuralgia, rat spinal cord, {fake.assay}",
        "simulated": fake.simulated,
        "summary": "Three arms modelled on the postherpetic-neuralgia design, with effects planted at known places.",
        "species": "Rattus norvegicus",
        "taxon": 10116,
        "tissue": {"name": "spinal cord", "uberon": "UBERON:0002240", "level": "spinal"},
        "assay": fake.assay,
        "source": "Design after Zou et al. 2019, doi:10.1007/s12640-019-00052-8; the counts are invented.",
        "model": "resiniferatoxin, 250 ug/kg, one injection",
        "intervention": "electroacupuncture at GB30 and GB34",
        "caveats": [
            "Effect sizes are invented.",
            "There is no sham arm, so needling and current are not separable.",
        ],
        "design": "~ condition",
        "feature_id": "ncbi_gene" if fake.assay == "mrna" else "mimat",
        "counts": {"format": "tsv", "layout": "matrix", "path": "counts.tsv.gz", "rounding": "none"},
        "samples": [{"sample": s, "condition": c} for s, c in zip(names, conditions, strict=True)],
        "contrasts": [
            {
                "contrast": contrast,
                "factor": "condition",
                "numerator": numerator,
                "denominator": denominator,
                "covariates": [],
                "role": role,
            }
            for contrast, numerator, denominator, role in fake.contrasts
        ],
        "reversal_pairs": [
            {
                "pair": PAIR,
                "model": "rtx_vs_control",
                "treatment": "ea_vs_rtx",
                "factor": "condition",
                "control_level": "control",
                "model_level": "RTX",
                "treated_level": "RTX_EA",
            }
        ]
        if fake.pairs
        else [],
        "warnings": ["3 arms of 6: small effects are not detected at this power."],
    }
    record.update(fake.record)
    write_json(record, results / "catalogue" / "study.json")
    write_tsv(pd.DataFrame({"sample": names, "condition": conditions}), results / "intake" / "samples.tsv")
    write_json(
        {
            "inference": ["negative_binomial"],
            "n_in": fake.n_features,
            "n_out": fake.n_features,
            "n_ambiguous": 0,
            "dropped": {},
            "rounding": {"mode": "none", "share_fractional": 0.0},
            "samples": [
                {"sample": s, "library_size": 15_000_000 + 10_000 * i, "detected_features": 9000 + i,
                 "zero_share": 0.2}
                for i, s in enumerate(names)
            ],
            "warnings": [],
        },
        results / "intake" / "intake.json",
    )  # fmt: skip


def _write_fit(
    results: Path,
    fake: FakeStudy,
    names: list[str],
    feature: list[str],
    base_mean: np.ndarray,
    dispersion: np.ndarray,
    truth: dict[str, np.ndarray],
    se: np.ndarray,
    conditions: list[str],
    rng: np.random.Generator,
) -> None:
    fitted = 0.04 + 3.0 / np.maximum(base_mean, 0.5)
    genewise = dispersion * np.exp(rng.normal(0, 0.4, len(feature)))
    missing = base_mean == 0
    write_parquet(
        pd.DataFrame(
            {
                "feature": feature,
                "base_mean": base_mean,
                "genewise": np.where(missing, np.nan, genewise),
                "fitted": np.where(missing, np.nan, fitted),
                "final": np.where(missing, np.nan, np.sqrt(genewise * fitted)),
                "outlier": ~missing & (genewise > 6 * fitted),
            }
        ),
        results / "de" / "dispersions.parquet",
    )
    level = np.log2(base_mean + 4)
    columns = {
        name: level + truth[condition] * (~missing) + rng.normal(0, 1, len(feature)) * np.minimum(se, 0.6)
        for name, condition in zip(names, conditions, strict=True)
    }
    write_parquet(pd.DataFrame({"feature": feature, **columns}), results / "de" / "transformed.parquet")
    write_json(
        {
            "engine": "deseq2",
            "size_factors": {name: 0.8 + 0.02 * i for i, name in enumerate(names)},
            "dispersion_trend": {"type": "parametric", "a0": 0.04, "a1": 3.0},
            "prior_variance": 0.36,
            "design": "~ condition",
            "columns": ["intercept", "condition[RTX]", "condition[RTX_EA]"],
            "versions": {"acuomics": "0.1.0", "pydeseq2": "0.5.4", "numpy": "2.4.0", "pandas": "2.3.3"},
            "warnings": [],
            "residual_df": len(names) - 3,
        },
        results / "de" / "fit.json",
    )


def _write_reversal(
    results: Path, feature: list[str], symbol: list[str], tables: dict[str, pd.DataFrame], se: np.ndarray
) -> None:
    model, treated = tables["rtx_vs_control"], tables["ea_vs_rtx"]
    d1, d2 = model["log2fc"].to_numpy(), treated["log2fc"].to_numpy()
    s1, s2 = model["log2fc_se"].to_numpy(), treated["log2fc_se"].to_numpy()
    up = np.maximum(upper(d1 / s1), upper(-d2 / s2))
    down = np.maximum(upper(-d1 / s1), upper(d2 / s2))
    p = np.minimum(1, 2 * np.fmin(up, down))
    p[model["p"].isna() | treated["p"].isna()] = np.nan
    q = benjamini_hochberg(p)
    called = q < 0.05
    clear = np.abs(d1 / s1) > 3
    ratio = np.where(clear, -d2 / d1, np.nan)
    width = np.abs(2 * s2 / d1)
    grade = np.select(
        [called & (ratio > 1 + width), called & (ratio < 1 - width), called], ["overcorrected", "partial", "full"],
        default="inconclusive",
    )  # fmt: skip
    both = (model["p"] < 0.05) & (treated["p"] < 0.05)
    venn = both & (d1 * d2 < 0)
    table = pd.DataFrame(
        {
            "feature": feature,
            "symbol": symbol,
            "log2fc_model": d1,
            "se_model": s1,
            "p_model": model["p"],
            "q_model": model["q"],
            "log2fc_treatment": d2,
            "se_treatment": s2,
            "p_treatment": treated["p"],
            "q_treatment": treated["q"],
            "correlation": -0.5,
            "p_reversal": p,
            "q_reversal": q,
            "reversed": called,
            "aggravated": False,
            "restoration": ratio,
            "restoration_low": ratio - width,
            "restoration_high": np.where(width > 0.9, np.inf, ratio + width),
            "log2fc_residual": d1 + d2,
            "se_residual": s1,
            "p_equivalence": 0.2,
            "at_control": np.abs(d1 + d2) < 0.2,
            "class": grade,
            "reason": np.where(np.isnan(p), "not tested in both contrasts", ""),
            "nominal_venn": venn,
        }
    )
    write_tsv(table, results / "reversal" / f"{PAIR}.tsv")
    tested = ~np.isnan(p)
    write_json(
        {
            "pair": PAIR,
            "model": "rtx_vs_control",
            "treatment": "ea_vs_rtx",
            "n_tested": int(tested.sum()),
            "reversed": int(called.sum()),
            "by_class": {str(k): int(v) for k, v in table["class"].value_counts().sort_index().items()},
            "aggravated": 3,
            "nominal_venn_both": int(both.sum()),
            "nominal_venn_opposite": int(venn.sum()),
            "nominal_venn_opposite_lfc1": int(venn.sum()) // 4,
            "opposite_sign_share": float(np.mean(d1[tested] * d2[tested] < 0)),
            "observed_correlation": float(np.corrcoef(d1[tested], d2[tested])[0, 1]),
            "null_correlation": -0.5,
            "restored_equivalent": 12,
            "permutations": {
                "draws": 20,
                "distinct": 924,
                "exhaustive": False,
                "counts": [0] * 18 + [1, 2],
                "mean": 0.15,
                "p": 1 / 21,
                "smallest_p": 1 / 21,
                "nominal_venn_mean": 41.3,
                "nominal_venn_lfc1_mean": 9.6,
            },
            "rate": 0.05,
            "alpha": 0.05,
            "equivalence_log2fc": 0.585,
            "reversed_by_class": {"full": int((called & (grade == "full")).sum())},
            "warnings": ["20 relabelings were drawn: the permutation p cannot be smaller than 0.0476"],
        },
        results / "reversal" / f"{PAIR}.json",
    )


def _write_mechanisms(
    results: Path, fake: FakeStudy, feature: list[str], symbol: list[str], tables: dict[str, pd.DataFrame]
) -> None:
    columns = [
        "contrast",
        "feature",
        "symbol",
        "mechanism_id",
        "mechanism",
        "tier",
        "role",
        "direction_rule",
        "expected_sign",
        "member_evidence",
        "level",
        "level_in_scope",
        "log2fc",
        "log2fc_se",
        "p",
        "q",
        "significant",
        "direction_seen",
        "agrees",
        "note",
    ]
    rows = []
    for contrast, table in tables.items():
        for i in range(0, 200, 4) if fake.mechanisms else ():
            hit = table.iloc[i]
            significant = bool(hit["q"] < 0.05)
            rows.append(
                dict(
                    zip(
                        columns,
                        [contrast, feature[i], symbol[i], f"EAM:{i % 30:04d}", f"mechanism_{i % 30}", "seed",
                         "ligand_precursor", ["strong", "weak", "none"][i % 3], "up", "reviewed", "spinal",
                         "yes" if i % 5 else "no", hit["log2fc"], hit["log2fc_se"], hit["p"], hit["q"],
                         "yes" if significant else "no" if hit["q"] == hit["q"] else "not_tested",
                         ("up" if hit["log2fc"] > 0 else "down") if significant else "not_significant",
                         "yes" if significant and i % 3 == 0 else "not_scored",
                         "rule_none: the claim is not about abundance" if i % 3 == 2 else ""],
                        strict=True,
                    )
                )
            )  # fmt: skip
    write_tsv(pd.DataFrame(rows, columns=columns), results / "mechanisms" / "annotations.tsv")
    found = len({row["feature"] for row in rows})
    write_json(
        {
            "study": fake.study,
            "set_hash": "ab" * 32,
            "set_files": {"genes.tsv": "cd" * 32},
            "q": 0.05,
            "taxon": 10116,
            "species_covered": True,
            "level": "spinal",
            "identifier": "mimat" if fake.assay == "mirna" else "ncbi_gene",
            "n_curated": 180,
            "n_found": found,
            "n_features": fake.n_features,
            "n_ambiguous_not_joined": 0,
            "n_mechanisms_found": len({row["mechanism_id"] for row in rows}),
            "absent": [{"id": "1", "symbol": "Absent1"}],
            "contrasts": [
                {
                    "contrast": contrast,
                    "role": "treatment",
                    "n_rows": sum(row["contrast"] == contrast for row in rows),
                    "n_features": found,
                    "n_significant": 3 if rows else 0,
                    "n_not_tested": 1 if rows else 0,
                    "n_scored": 2 if rows else 0,
                    "n_agree": 1 if rows else 0,
                    "n_disagree": 1 if rows else 0,
                    "not_scored": {"rule_none": 10} if rows else {},
                }
                for contrast in tables
            ],
            "warnings": [],
        },
        results / "mechanisms" / "mechanisms.json",
    )


def _write_recovery(results: Path, fake: FakeStudy) -> None:
    rows = [
        {"test": "de", "contrast": contrast, "n_true": 1200, "n_called": 800, "n_found": 770, "recall": 770 / 1200,
         "false_discovery": 30 / 800}
        for contrast, *_ in fake.contrasts
    ]  # fmt: skip
    rows += [
        {**row, "test": "de_detectable", "n_true": 820, "recall": 770 / 820, "false_discovery": math.nan}
        for row in rows
    ]
    if fake.pairs:
        rows.append(
            {"test": "reversal", "contrast": PAIR, "n_true": 700, "n_called": 300, "n_found": 295,
             "recall": 295 / 700, "false_discovery": 5 / 300}
        )  # fmt: skip
    write_tsv(pd.DataFrame(rows), results / "recovery" / "recovery.tsv")
    reported = ("full", "partial", "inconclusive")
    planted = {"null": 10800, "full": 400, "partial": 400}
    confusion = {name: {label: 10 * i + j for j, label in enumerate(reported)} for i, name in enumerate(planted)}
    write_json(
        {
            "q_de": 0.05,
            "q_reversal": 0.05,
            "n_features": fake.n_features,
            "planted": planted,
            "tests": [],
            "confusion": {PAIR: confusion} if fake.pairs else {},
            "reported_classes": list(reported),
            "contrasts_not_scored": [],
        },
        results / "recovery" / "recovery.json",
    )
