"""Fixtures for all tests: the real data, and a small valid study that a test can break."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from acuomics.catalogue.load import Catalogue, load_catalogue
from acuomics.problems import InputError

REPO = Path(__file__).resolve().parents[1]
ARMS = ("control", "model", "EA")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data, or a skip that says why."""
    folder = Path(os.environ.get("ACUOMICS_REAL_DATA", REPO.parent / "shared" / "data"))
    if not (folder / "MANIFEST.tsv").is_file():
        pytest.skip(f"no real data: ACUOMICS_REAL_DATA or {folder} has no MANIFEST.tsv")
    return folder.resolve()


@pytest.fixture
def default_config() -> dict[str, Any]:
    """A copy of the committed configuration."""
    content: dict[str, Any] = yaml.safe_load((REPO / "config.yaml").read_text())
    return content


class StudyFolder:
    """A valid three-arm study of 40 genes; tests change its parts, then `write` or `load` it."""

    def __init__(self, root: Path, name: str) -> None:
        self.name, self.root = name, root
        self.folder, self.data = root / "studies" / name, root / "data"
        self.counts_path = self.data / f"{name}.tsv"
        self.study: dict[str, Any] = {
            "study": name,
            "title": "A small study",
            "summary": "Three arms of three rats.",
            "species": "Rattus norvegicus",
            "taxon": 10116,
            "tissue": {"name": "spinal cord", "uberon": "UBERON:0002240", "level": "spinal"},
            "assay": "mrna",
            "source": "made for a test",
            "model": "none",
            "intervention": "none",
            "design": "~ condition",
            "feature_id": "symbol",
            "counts": {"format": "tsv", "layout": "matrix", "path": f"{name}.tsv"},
        }
        self.samples = [{"sample": f"{arm}_{i}", "condition": arm} for arm in ARMS for i in (1, 2, 3)]
        self.contrasts = [
            ["model_vs_control", "condition", "model", "control", "", "model"],
            ["ea_vs_model", "condition", "EA", "model", "", "treatment"],
        ]
        self.features = [f"Gene{i:02d}" for i in range(1, 41)]
        # Every library has its own size; row 1 + gene i, column j is known to the tests.
        self.counts: list[list[Any]] = [[(7 * i + 3 * j) % 11 * (i + 1) + 10 * j for j in range(9)] for i in range(40)]
        self.separator = "\t"

    @property
    def sheet_path(self) -> Path:
        return self.folder / "samples.tsv"

    @property
    def contrasts_path(self) -> Path:
        return self.folder / "contrasts.tsv"

    @property
    def study_path(self) -> Path:
        return self.folder / "study.yaml"

    def matrix_text(self) -> str:
        """The count matrix as text, with the samples of the sheet as columns."""
        lines = [["gene", *(row["sample"] for row in self.samples)]]
        lines += [[name, *map(str, row)] for name, row in zip(self.features, self.counts, strict=True)]
        return "\n".join(self.separator.join(line) for line in lines) + "\n"

    def write(self, *, matrix: bool = True) -> StudyFolder:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data.mkdir(parents=True, exist_ok=True)
        self.study_path.write_text(yaml.safe_dump(self.study, sort_keys=False))
        columns = list(self.samples[0])
        rows = [columns, *([row[name] for name in columns] for row in self.samples)]
        self.sheet_path.write_text("".join("\t".join(row) + "\n" for row in rows))
        head = ["contrast", "factor", "numerator", "denominator", "covariates", "role"]
        self.contrasts_path.write_text("".join("\t".join(row) + "\n" for row in [head, *self.contrasts]))
        if matrix:
            self.counts_path.write_text(self.matrix_text())
        return self


@pytest.fixture
def make_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., StudyFolder]]:
    """Make valid study folders under one root; the working directory is that root."""
    monkeypatch.chdir(tmp_path)
    yield lambda name="small": StudyFolder(tmp_path, name)


@pytest.fixture
def load(default_config: dict[str, Any], tmp_path: Path) -> Callable[..., Catalogue]:
    """Load the catalogue of the studies given; keywords change the configuration."""

    def run(*studies: StudyFolder | str, **changes: Any) -> Catalogue:
        config = copy.deepcopy(default_config) | {
            "studies": [s if isinstance(s, str) else s.name for s in studies],
            "study_folders": [str(tmp_path / "studies")],
            "data_root": str(tmp_path / "data"),
        }
        return load_catalogue(config | changes, tmp_path / "none_embedded")

    return run


@pytest.fixture
def faults(load: Callable[..., Catalogue]) -> Callable[..., list[str]]:
    """Load studies that must be refused; give the problems as the user reads them."""

    def run(*studies: StudyFolder | str, **changes: Any) -> list[str]:
        with pytest.raises(InputError) as caught:
            load(*studies, **changes)
        return [str(problem) for problem in caught.value.problems]

    return run


@pytest.fixture
def the_fault(faults: Callable[..., list[str]]) -> Callable[..., str]:
    """As `faults`, where there must be exactly one."""

    def run(*studies: StudyFolder | str, **changes: Any) -> str:
        found = faults(*studies, **changes)
        assert len(found) == 1, "\n".join(found)
        return found[0]

    return run
