"""A copy of the workflow that made the results, as one ZIP file with the same bytes for the same files."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from acuomics.files import atomic_path

#: Files and folders of the workflow; the studies of a run are among its inputs.
PARTS = (
    "Snakefile",
    "config.yaml",
    "Makefile",
    "LICENSE",
    "README.md",
    "pyproject.toml",
    "envs",
    "workflow",
    "resources",
)
#: Folders that hold no source: caches of Python, and the studies.
_LEFT_OUT = ("__pycache__", "resources/studies")
#: The least date that a ZIP can hold; a copy has no date of its own.
_NO_DATE = (1980, 1, 1, 0, 0, 0)


def workflow_files(root: str | Path) -> Iterator[str]:
    """Give the files of the workflow by path below `root`, sorted."""
    top = Path(root)
    for part in sorted(PARTS):
        paths = sorted((top / part).rglob("*")) if (top / part).is_dir() else [top / part]
        for path in paths:
            name = path.relative_to(top).as_posix()
            hidden = any(word.startswith(".") for word in path.relative_to(top).parts)
            left_out = hidden or any(left in f"{name}/" for left in _LEFT_OUT)
            # Machine code that numba keeps beside a module belongs to the machine.
            if path.is_file() and not left_out and path.suffix not in (".pyc", ".nbi", ".nbc"):
                yield name


def write_snapshot(root: str | Path, path: str | Path) -> None:
    """Write the copy: sorted names, no dates, no owners.

    Parameters
    ----------
    root : str or Path
        The folder of the Snakefile.
    path : str or Path
        The ZIP file.
    """
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as out:
        for name in workflow_files(root):
            entry = zipfile.ZipInfo(f"acuomics/{name}", _NO_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            # The system that wrote an entry is named in it: Unix, wherever this runs.
            entry.create_system = 3
            out.writestr(entry, (Path(root) / name).read_bytes())
