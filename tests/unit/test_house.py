"""Rules of the house that a reader would otherwise have to watch over."""

import ast
import re
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
PACKAGE = REPO / "workflow" / "acuomics"
#: Data move down this list; a stage imports only stages above it. `recovery` also knows the simulated classes.
STAGES = ["catalogue", "acquire", "simulate", "smallrna", "rnaseq", "singlecell", "intake"]
STAGES += ["de", "reversal", "mechanisms", "claims", "recovery", "synthesis", "report", "provenance"]


def imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_no_stage_imports_a_later_one():
    for position, stage in enumerate(STAGES):
        later = {f"acuomics.{name}" for name in STAGES[position + 1 :]}
        for file in (PACKAGE / stage).rglob("*.py"):
            wrong = {name for name in imports(file) if any(name == x or name.startswith(f"{x}.") for x in later)}
            assert not wrong, f"{file.relative_to(REPO)} imports {wrong}"


def test_the_library_never_imports_snakemake():
    for file in PACKAGE.rglob("*.py"):
        assert not {name for name in imports(file) if name.split(".")[0] == "snakemake"}, file


def test_a_stage_wears_one_name():
    rules = {path.stem for path in (REPO / "workflow" / "rules").glob("*.smk")} - {"common"}
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()} - {"inputs"}
    assert rules == folders
    assert folders <= set(STAGES)
    for path in (REPO / "workflow" / "rules").glob("*.smk"):
        for rule in re.findall(r"^rule (\w+):", path.read_text(), re.M):
            assert (REPO / "workflow" / "scripts" / f"{rule}.py").exists(), rule


def test_scripts_are_short_and_hold_no_logic():
    for file in (REPO / "workflow" / "scripts").glob("*.py"):
        assert len(file.read_text().splitlines()) <= 35, file
        kinds = {type(node) for node in ast.walk(ast.parse(file.read_text()))}
        assert not kinds & {ast.FunctionDef, ast.For, ast.While}, file


def test_rules_find_the_workflow_also_as_a_module_of_another():
    """`workflow.basedir` is the folder of the outermost Snakefile; common.smk's ROOT is ours."""
    for file in (REPO / "workflow" / "rules").glob("*.smk"):
        assert "{workflow.basedir}" not in file.read_text(), file


def test_no_two_test_files_share_a_name():
    """pytest takes them for one module."""
    names = [path.name for path in (REPO / "tests").rglob("test_*.py")]
    assert sorted({name for name in names if names.count(name) > 1}) == []
