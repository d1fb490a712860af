"""The lock, the conda environments and the project file say the same."""

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
LOCK = (REPO / "envs" / "requirements.lock").read_text()

_spec = importlib.util.spec_from_file_location("conda_environments", REPO / "envs" / "conda.py")
assert _spec and _spec.loader
conda = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(conda)


def test_the_lock_has_hashes_and_no_index():
    assert "--index-url" not in LOCK and "--find-links" not in LOCK and "file:" not in LOCK
    entries = re.split(r"\n(?=[a-zA-Z0-9])", LOCK.strip())
    assert len(entries) > 100
    assert all("--hash=sha256:" in entry for entry in entries)


@pytest.mark.parametrize("stage", sorted(conda.STAGES))
def test_conda_environments_are_in_step_with_the_lock(stage):
    assert (REPO / "envs" / f"{stage}.yaml").read_text() == conda.environment(stage)


def test_every_rule_has_an_environment_of_its_stage():
    for rules in (REPO / "workflow" / "rules").glob("*.smk"):
        named = re.findall(r'conda:\s+"\.\./\.\./envs/(\w+)\.yaml"', rules.read_text())
        assert set(named) <= {rules.stem}
        assert len(named) == len(re.findall(r"^ *rule\b.*:$", rules.read_text(), re.M))


def test_every_import_of_the_project_is_locked():
    project = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]["dependencies"]
    for requirement in project:
        name = re.match(r"[a-z0-9_-]+", requirement)
        assert name and re.search(rf"^{name[0]}==", LOCK, re.M), requirement


def test_markers_cover_the_supported_pythons():
    """No package is pinned for a part of 3.11 to 3.13 only, unless another line covers the rest."""
    pins: dict[str, list[str]] = {}
    for name, marker in re.findall(r"^([A-Za-z0-9._-]+)==[^ ;\\]+ *;? *([^\\\n]*)", LOCK, re.M):
        pins.setdefault(name, []).append(marker)
    for name, markers in pins.items():
        halves = [m for m in markers if "python_full_version" in m]
        if len(markers) > 1 and halves:
            assert any("<" in m for m in halves) and any(">=" in m for m in halves), name
