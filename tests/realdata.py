"""The real studies with R's answers, for the tests in tests/real and for the benchmarks."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from acuomics.catalogue.load import load_catalogue
from acuomics.intake.take_in import take_in

REPO = Path(__file__).resolve().parents[1]
STUDIES = REPO / "tests" / "real" / "studies"

#: (study, contrast) -> R DESeq2 1.38.3's table in r_deseq2_reference/.
REFERENCES = {
    ("hammer", "snl_vs_control"): "hammer_all_SNL_vs_control_blocked_time",
    ("hammer_2weeks", "snl_vs_control"): "hammer_2weeks_SNL_vs_control",
    ("hammer_2months", "snl_vs_control"): "hammer_2months_SNL_vs_control",
    ("pasilla", "treated_vs_untreated"): "pasilla_treated_vs_untreated_blocked_type",
    ("gse188236_mrna", "tgfb1_vs_ctrl"): "GSE188236_15s_mRNA_TGFB1_vs_CTRL",
    ("gse188236_mrna", "sb_vs_tgfb1"): "GSE188236_15s_mRNA_SB_vs_TGFB1",
    ("gse188236_mirna", "tgfb1_vs_ctrl"): "GSE188236_15s_miRNA_rounded_TGFB1_vs_CTRL",
    ("gse188236_mirna", "sb_vs_tgfb1"): "GSE188236_15s_miRNA_rounded_SB_vs_TGFB1",
}
#: The rate of R's independent filtering in these tables (its default); features are called at 0.05.
REFERENCE_RATE = 0.1


def real_folder() -> Path | None:
    """The folder of real data, None where it is absent."""
    folder = Path(os.environ.get("ACUOMICS_REAL_DATA", REPO.parent / "shared" / "data")).resolve()
    return folder if (folder / "MANIFEST.tsv").is_file() else None


def real_config(folder: Path) -> dict[str, Any]:
    """The committed configuration, for the real studies."""
    config: dict[str, Any] = yaml.safe_load((REPO / "config.yaml").read_text())
    return config | {
        "studies": sorted(path.parent.name for path in STUDIES.glob("*/study.yaml")),
        "study_folders": [str(STUDIES)],
        "data_root": str(folder),
        "gene_tables": {
            9606: str(folder / "genes" / "annotables_grch38.tsv.gz"),
            10116: str(folder / "genes" / "annotables_rnor6.tsv.gz"),
        },
    }


@dataclass(frozen=True)
class RealStudy:
    """A study record and its counts as `intake` leaves them."""

    record: dict[str, Any]
    counts: pd.DataFrame

    @property
    def matrix(self) -> pd.DataFrame:
        """Samples x features."""
        table = self.counts.set_index("feature")
        return table[[sample["sample"] for sample in self.record["samples"]]].T


def real_study(name: str, folder: Path) -> RealStudy:
    """Load one real study the way the workflow does."""
    config = real_config(folder) | {"studies": [name]}
    study = load_catalogue(config, embedded="none").studies[name]
    intake = take_in(study.record, list(study.counts_files), gene_table=None, max_zero_share=0.999)
    return RealStudy(study.record, intake.counts)


def reference(study: str, contrast: str, folder: Path) -> tuple[pd.DataFrame, pd.Series]:
    """R's result table (index: feature) and its size factors (index: sample)."""
    at = folder / "r_deseq2_reference" / REFERENCES[study, contrast]
    factors = pd.read_csv(f"{at}.size_factors.tsv", sep="\t", index_col=0)["size_factor"]
    return pd.read_csv(f"{at}.tsv.gz", sep="\t", index_col=0), factors
