"""A run of many studies: the embedded ones and simulated copies, whose true effects scatter as planted."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from acuomics.simulate.classes import class_of
from tests.realdata import REPO

EMBEDDED = REPO / "resources" / "studies"
TEMPLATE = EMBEDDED / "demo_phn_mrna"
#: Of ten copies six are of 2 Hz and four of 100 Hz: two pools that must not meet.
LOW_SHARE = 0.6


@dataclass(frozen=True)
class ManyStudies:
    """What was written.

    Parameters
    ----------
    studies : list of str
        Names of all studies of the run, the embedded ones first.
    copies : list of str
        Names of the simulated copies.
    folder : Path
        ``study_folders`` of the configuration.
    config : Path
        A configuration file for `tests.workflow.snakemake`.
    truth : DataFrame
        ``feature, symbol, mean, tau``: the true mean effect of EA and its standard deviation between studies.
    effects : DataFrame
        True effects of EA, features x copies.
    frequency_hz : dict
        Of every copy.
    """

    studies: list[str]
    copies: list[str]
    folder: Path
    config: Path
    truth: pd.DataFrame
    effects: pd.DataFrame
    frequency_hz: dict[str, float]


def write_many_studies(
    root: Path,
    n_copies: int = 10,
    *,
    n_features: int = 2000,
    n_shared: int = 150,
    samples: int = 4,
    tau: float = 0.3,
    n_low: int | None = None,
    seed: int = 20190523,
    embedded: Sequence[str] = ("demo_phn_mirna", "demo_phn_mrna"),
    **config: Any,
) -> ManyStudies:
    """Write study folders below ``root/studies`` and ``root/config.yaml``; keywords change the configuration.

    The listed genes of the copies are those of the embedded mRNA study, whose planted effects of EA are taken as means
    of all studies, and `n_shared` invented genes: a third without any effect, a third with one that is the same in all
    studies, a third with one that scatters. The library size grows with `n_features`, so that a gene has as many
    counts as in the embedded study. The first `n_low` copies (by default the share `LOW_SHARE`) are of 2 Hz, the others
    of 100 Hz.
    """
    n_low = round(LOW_SHARE * n_copies) if n_low is None else n_low
    rng = np.random.default_rng(seed)
    folder = root / "studies"
    copies = [f"many_{number:02d}" for number in range(1, n_copies + 1)]
    listed = pd.read_csv(TEMPLATE / "features.tsv", sep="\t", dtype={"feature": str}, keep_default_na=False)
    shared = pd.DataFrame({"feature": [f"SimShared{at:04d}" for at in range(n_shared)]})
    shared["symbol"], shared["base_mean"] = shared["feature"], rng.lognormal(6.0, 0.7, n_shared).round(1)
    kinds = np.arange(n_shared) % 3
    way = np.where(rng.random(n_shared) < 0.5, -1.0, 1.0)
    shared["log2fc_treatment"] = np.where(kinds == 0, 0.0, way * rng.uniform(0.5, 1.2, n_shared)).round(3)
    shared["log2fc_model"] = 0.0
    features = pd.concat([listed, shared.assign(why="shared by the copies")], ignore_index=True)
    mean = features["log2fc_treatment"].to_numpy(float)
    planted = mean != 0.0
    spread = np.where(planted, tau, 0.0)
    spread[len(listed) :] = np.where(kinds == 2, tau, 0.0)
    true = mean[:, None] + spread[:, None] * rng.standard_normal((len(features), n_copies))
    true = np.where((mean[:, None] == 0.0) & (spread[:, None] == 0.0), 0.0, true.round(3))
    frequencies = {name: 2.0 if at < n_low else 100.0 for at, name in enumerate(copies)}
    template = yaml.safe_load((TEMPLATE / "study.yaml").read_text())
    for at, name in enumerate(copies):
        content = _study(template, name, frequencies[name], n_features)
        _write(folder / name, content, _features(features, true[:, at]), samples)
    names = [*embedded, *copies]
    path = root / "config.yaml"
    path.write_text(yaml.safe_dump({"studies": names, "study_folders": [str(folder)], **config}))
    truth = pd.DataFrame({"feature": features["feature"], "symbol": features["symbol"], "mean": mean, "tau": spread})
    effects = pd.DataFrame(true, index=features["feature"], columns=copies)
    return ManyStudies(names, copies, folder, path, truth, effects, frequencies)


def _study(template: dict[str, Any], name: str, frequency: float, n_features: int) -> dict[str, Any]:
    content = copy.deepcopy(template)
    content |= {
        "study": name,
        "title": f"SIMULATED: copy {name} of the embedded mRNA study",
        "facts": _facts(frequency),
    }
    content["facts"]["row"] = f"D{40 + int(name.rsplit('_', 1)[1]) % 60:02d}"
    share = n_features / content["simulation"]["n_features"]
    content["simulation"]["n_features"] = n_features
    content["simulation"]["depth"]["mean"] *= share
    return content


def _facts(frequency: float) -> dict[str, Any]:
    """Facts of a study that nobody made: only what the stimulation is said to be."""
    nothing = {"accession": [], "doi": None, "pmid": None, "pmcid": None, "other": "simulated"}
    intervention: dict[str, Any] = {"kind": "electroacupuncture", "acupoints": ["ST36"], "frequency_hz": [frequency]}
    intervention |= {"intensity": None, "side": "both", "sham": None, "schedule": "simulated"}
    facts: dict[str, Any] = {"status": "ready", "status_reason": "Simulated.", "identifiers": nothing}
    facts |= {"first_author": None, "year": None, "strain": None, "intervention": intervention}
    facts |= {"data_class": "sequencing", "assay_as_printed": "simulated", "platform": None, "arms": None}
    facts |= {"deposited": None, "admits": ["negative_binomial"], "published": None, "thresholds": None}
    return facts | {"evidence": {"read": "nothing", "accession": "none"}}


def _features(features: pd.DataFrame, treatment: np.ndarray) -> pd.DataFrame:
    table = features.assign(log2fc_treatment=treatment)
    model = table["log2fc_model"].to_numpy(float)
    return table.assign(**{"class": [class_of(m, t) for m, t in zip(model, treatment, strict=True)]})


def _write(folder: Path, content: dict[str, Any], features: pd.DataFrame, samples: int) -> None:
    folder.mkdir(parents=True)
    (folder / "study.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    (folder / "contrasts.tsv").write_bytes((TEMPLATE / "contrasts.tsv").read_bytes())
    arms = content["simulation"]["arms"].values()
    rows = "".join(f"{arm}_{n}\t{arm}\n" for arm in arms for n in range(1, samples + 1))
    (folder / "samples.tsv").write_text(f"sample\tcondition\n{rows}")
    features.to_csv(folder / "features.tsv", sep="\t", index=False, na_rep="NA", float_format="%.6g")
