"""What jobs wrote, remembered by size and hash, so that damage from outside is found before anything rests on it.

Results take their final names whole. What happens to them later nobody tells Snakemake: a table that lost its last rows
is newer than what was made of it, and the next run would take it for a change and build on it. So every job notes what
it wrote. A run compares the sizes of all that is noted when it starts, and a job the hashes of what it reads.

The notes lie beside Snakemake's own in the directory (``.snakemake``): results that move without it are trusted.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from acuomics.problems import Problems

#: Where the notes are, relative to the working directory; one a result.
FOLDER = Path(".snakemake") / "acuomics" / "seals"
#: Snakemake's own mark in folders that rules make.
_MARK = ".snakemake_timestamp"


def _name(path: str | Path) -> str:
    """The path relative to the working directory, which is what a result is known by."""
    return os.path.relpath(path)


def _seal_of(path: str | Path) -> Path:
    return FOLDER / f"{hashlib.sha256(_name(path).encode()).hexdigest()[:32]}.json"


def _files(path: Path) -> Iterator[tuple[str, Path]]:
    """Give what a result consists of: itself, or all files of the folder, by the path within."""
    if not path.is_dir():
        yield "", path
        return
    for file in sorted(path.rglob("*")):
        if file.is_file() and file.name != _MARK:
            yield file.relative_to(path).as_posix(), file


def _hash(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def forget(paths: Iterable[str | Path]) -> None:
    """Drop what is noted of these results, because they are about to be written anew."""
    if not FOLDER.is_dir():
        return
    for path in paths:
        _seal_of(path).unlink(missing_ok=True)


def seal(paths: Iterable[str | Path]) -> None:
    """Note sizes and hashes of results; folders by their files, what is not there is passed over."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in map(Path, paths):
        if not path.exists():
            continue
        parts = {name: [file.stat().st_size, _hash(file)] for name, file in _files(path)}
        target = _seal_of(path)
        temporary = target.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps({"path": _name(path), "files": parts}, sort_keys=True), encoding="utf-8")
        temporary.replace(target)


def _read(file: Path) -> dict[str, Any] | None:
    """Read a note; None when it is damaged itself (a machine that lost power may leave it empty)."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return {"path": str(content["path"]), "files": dict(content["files"])}
    except (ValueError, KeyError, TypeError):
        return None


def how_to_mend(path: str | Path) -> str:
    """Say how a result is made again.

    It must be asked for by name: Snakemake makes no missing file whose own products are there.
    """
    return (
        f"delete it, make it again, and run on: rm {'-r ' if Path(path).is_dir() else ''}{path} && make run ARGS={path}"
    )


def _compare(path: Path, files: dict[str, Any], problems: Problems, *, contents: bool) -> None:
    """Report every file of a result that is not as its job wrote it; one that is gone altogether is no damage."""
    if not path.exists() or path.is_symlink():  # a link leads into the cache between workflows
        return
    fix = how_to_mend(path)
    for name, (size, digest) in sorted(files.items()):
        file = path / name if name else path
        if not file.exists():
            problems.add(file, "the file is gone from a folder that the run wrote", fix)
            continue
        found = file.stat().st_size
        if found != size:
            message = f"damaged or changed since the run wrote it: {found} bytes, where there were {size}"
            problems.add(file, message, fix)
        elif contents and _hash(file) != digest:
            problems.add(file, "damaged or changed since the run wrote it: the same size, other contents", fix)


def check_sizes(problems: Problems) -> None:
    """Compare all results that are noted in the working directory with their sizes.

    Parameters
    ----------
    problems : Problems
        Takes every file of another size than when its job ended, every file gone from a folder, and every damaged note.
    """
    if not FOLDER.is_dir():
        return
    for note in sorted(FOLDER.glob("*.json")):
        content = _read(note)
        if content is None:
            fix = f"delete {FOLDER} and results, and run again; what is in results cannot be vouched for"
            problems.add(note, "the note of what a job wrote is damaged itself", fix)
            continue
        _compare(Path(content["path"]), content["files"], problems, contents=False)


def check_contents(paths: Iterable[str | Path], problems: Problems) -> None:
    """Compare results with their hashes; paths of which nothing is noted (the user's own files) are passed over."""
    if not FOLDER.is_dir():
        return
    for path in dict.fromkeys(map(Path, paths)):
        note = _seal_of(path)
        if note.exists() and (content := _read(note)) is not None:
            _compare(path, content["files"], problems, contents=True)
