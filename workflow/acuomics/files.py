"""Writing results: whole or not at all, and the same bytes for the same content.

Commands that start hundreds of times import this: what only some functions need is imported there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from acuomics.problems import InputError, Problem

if TYPE_CHECKING:
    import pandas as pd


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Give a temporary name beside `path`; on success it takes the final name, on error it goes.

    The temporary file has the same suffixes as `path`, so that writers that look at the suffix
    (gzip, matplotlib) do the right thing.
    """
    import tempfile

    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-", suffix="".join(path.suffixes))
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes files that only the owner may read; results are for the whole group.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    except OSError as error:
        # A full disk does not say which file; the user wants to know what was being written.
        error.filename = error.filename or str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)


def write_text(text: str, path: str | Path) -> None:
    """Write `text` as UTF-8 with the line ends it has."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(text.encode())


def write_json(content: Mapping[str, Any] | list[Any], path: str | Path) -> None:
    """Write JSON with sorted keys; NaN is refused, since JSON has none."""
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    write_text(text + "\n", path)


def _damaged(path: str | Path, kind: str, error: Exception) -> NoReturn:
    """Refuse a file of the workflow's own that cannot be what was written."""
    told = str(error).strip().split("\n", 1)[0]
    fix = f"delete it, make it again, and run on: rm {path} && make run ARGS={path}"
    message = f"the file is empty, cut short or damaged: no {kind} ({told})"
    raise InputError([Problem(str(path), message, fix)]) from None


def read_json(path: str | Path) -> Any:
    """Read a JSON file that `write_json` wrote; one that is damaged is an `InputError`."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        _damaged(path, "JSON", error)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open for writing; what ends in ``.gz`` is packed, without time and name: the same content, the same bytes."""
    with path.open("wb") as file:
        if path.suffix == ".gz":
            import gzip

            with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0) as packed:
                yield packed
        else:
            yield file


def write_tsv(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table for people: tab separated, no index, floats with ten significant digits, NA as ``NA``."""
    with atomic_path(path) as temporary, _opened(temporary) as file:
        table.to_csv(file, sep="\t", index=False, na_rep="NA", float_format="%.10g", lineterminator="\n", mode="wb")


def read_tsv(path: str | Path, **options: Any) -> pd.DataFrame:
    """Read a table that `write_tsv` wrote; only ``NA`` is missing, so a gene called NAN stays.

    A file that is empty, or no such table, is an `InputError`. Missing rows are not to be seen here; a job finds them
    by the hash of what it reads (`acuomics.seals`).
    """
    import zlib
    from gzip import BadGzipFile

    import pandas as pd

    try:
        table: pd.DataFrame = pd.read_csv(path, sep="\t", keep_default_na=False, na_values=["NA"], **options)
    except (ValueError, EOFError, BadGzipFile, zlib.error) as error:  # pandas' own errors are ValueErrors
        _damaged(path, "table", error)
    return table


def write_parquet(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table for programs: Parquet, no index, zstd."""
    with atomic_path(path) as temporary:
        table.to_parquet(temporary, index=False, compression="zstd")


def read_parquet(path: str | Path) -> pd.DataFrame:
    """Read a table that `write_parquet` wrote; one that is damaged is an `InputError`."""
    import pandas as pd

    try:
        table: pd.DataFrame = pd.read_parquet(path)
    except (ValueError, OSError) as error:
        # Arrow's errors are one or the other; those of the machine have a number.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        _damaged(path, "Parquet", error)
    return table
