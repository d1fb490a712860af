"""Write the tables of one fitted study, all or none."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from acuomics.de.study import StudyResult
from acuomics.files import write_json, write_parquet, write_tsv


def write_study(
    result: StudyResult,
    *,
    tables: str | Path,
    summary: str | Path,
    fit: str | Path,
    dispersions: str | Path,
    covariance: str | Path,
    transformed: str | Path,
) -> None:
    """Write every output; the folder of contrast tables takes its name only when it is whole."""
    folder = Path(tables)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".part-") as name:
        whole = Path(name) / "tables"
        whole.mkdir()
        for contrast, table in result.tables.items():
            write_tsv(table, whole / f"{contrast}.tsv")
        if folder.exists():
            shutil.rmtree(folder)
        whole.replace(folder)
    write_tsv(result.summary, summary)
    write_json(result.fit, fit)
    write_parquet(result.dispersions, dispersions)
    write_parquet(result.covariance, covariance)
    write_parquet(result.transformed, transformed)
