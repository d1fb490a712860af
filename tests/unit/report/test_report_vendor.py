"""The vendored scripts are the files that their README names."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

VENDOR = Path(__file__).parents[3] / "workflow" / "report" / "assets" / "vendor"


def test_files_have_the_hashes_of_the_readme() -> None:
    readme = (VENDOR / "README.md").read_text()
    stated = dict(re.findall(r"^\| `([^`]+)` \|[^|]*\|[^|]*`([0-9a-f]{64})` \|$", readme, re.MULTILINE))
    there = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.name != "README.md"
    }
    assert stated == there
    assert {"jquery.min.js", "dataTables.min.js", "LICENSE.jquery.txt", "LICENSE.datatables.txt"} == set(there)


def test_versions_of_the_readme_are_those_of_the_files() -> None:
    readme = (VENDOR / "README.md").read_text()
    for package, file, banner in (
        ("datatables.net", "dataTables.min.js", r"DataTables (\S+)"),
        ("jquery", "jquery.min.js", r"jQuery v(\S+)"),
    ):
        version = re.search(banner, (VENDOR / file).read_text()[:200]).group(1)
        assert f"| {package} | {version} | MIT |" in readme
