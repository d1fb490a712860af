"""The index of a transcriptome; whether it is there already is the workflow's to know."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acuomics.files import read_json, write_json, write_tsv
from acuomics.problems import InputError, Problem, Problems
from acuomics.rnaseq.engines import Engine, find_engine, run_program
from acuomics.rnaseq.transcripts import fasta_files, fasta_lines, read_transcripts

#: Files of an index's folder.
INDEX, ABOUT, TRANSCRIPTS = "index", "index.json", "transcripts.tsv"


@dataclass(frozen=True)
class Index:
    """A finished index.

    Parameters
    ----------
    folder : str
        Holds ``index`` (a file of kallisto, a folder of salmon), ``transcripts.tsv`` and ``index.json``.
    fasta, sha256 : str
        The transcripts it was built of: name and hash of the file; of several, their names and the hash of their
        hashes.
    table_sha256 : str
        Of the transcript-to-gene table; empty when the headers named the genes.
    engine, version : str
    n_transcripts, n_genes : int
    """

    folder: str
    fasta: str
    sha256: str
    table_sha256: str
    engine: str
    version: str
    n_transcripts: int
    n_genes: int

    @property
    def path(self) -> Path:
        """What the program is given."""
        return Path(self.folder) / INDEX

    @property
    def transcripts(self) -> Path:
        """The table ``transcript, gene, symbol, biotype, length``."""
        return Path(self.folder) / TRANSCRIPTS


def _sha256(path: str | Path) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digests(fasta: Sequence[Path], table: str | Path | None) -> tuple[str, str]:
    """Hash of the transcripts, and of the table (empty without one); raises `InputError` for files that are not."""
    problems = Problems()
    for path in (*fasta, *([] if table is None else [table])):
        if not Path(path).is_file():
            problems.add(path, "the file does not exist", "mend the path or put the file there")
    problems.raise_if_any()
    each = [_sha256(path) for path in fasta]
    whole = each[0] if len(each) == 1 else hashlib.sha256(" ".join(each).encode()).hexdigest()
    return whole, "" if table is None else _sha256(table)


def write_index(
    fasta: str | Path | Sequence[str | Path],
    table: str | Path | None,
    folder: str | Path,
    *,
    engine: str = "kallisto",
    threads: int = 1,
) -> Index:
    """Build the index of a transcriptome in a folder of its own, in the place of what is there.

    Parameters
    ----------
    fasta, table
        As `transcripts.read_transcripts` has them.
    folder : path
        Takes ``index``, ``transcripts.tsv`` and ``index.json``; it appears whole or not at all.
    engine : {"kallisto", "salmon"}
    threads : int

    Raises
    ------
    InputError
        What `read_transcripts` finds, no program, or a program that did not make an index of it.
    """
    files, place = fasta_files(fasta), Path(folder)
    digests, program = _digests(files, table), find_engine(engine)
    _build(files, table, place, program, digests, threads)
    return load_index(place / ABOUT)


def _build(
    files: Sequence[Path],
    table: str | Path | None,
    folder: Path,
    program: Engine,
    digests: tuple[str, str],
    threads: int,
) -> None:
    problems = Problems()
    transcripts = read_transcripts(files, table, problems)
    problems.raise_if_any()
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".part-"))
    try:
        part.chmod(0o755)
        made, scratch, fasta = part / INDEX, part / "scratch", files[0]
        if len(files) > 1:
            fasta = part / "all.fa"
            with fasta.open("w", encoding="ascii") as whole:
                for path in files:
                    whole.writelines(f"{line.rstrip()}\n" for line in fasta_lines(path))
        if program.name == "kallisto":
            options = ["-t", str(threads), "-T", str(scratch)]
            done = run_program([program.path, "index", "-i", str(made), *options, str(fasta)])
        else:
            # Identical transcripts keep their own rows, as kallisto's do.
            options = ["--keepDuplicates", "-k", "31", "-p", str(threads)]
            options += ["--gencode"] if "|" in transcripts["transcript"].iloc[0] else []
            done = run_program([program.path, "index", "-t", str(fasta), "-i", str(made), *options])
        if done.returncode or not made.exists():
            said = " ".join((done.stderr or done.stdout).split())[-300:]
            message = f"{program.name} {program.version} made no index of it (status {done.returncode}): {said}"
            raise InputError([Problem(str(files[0]), message, "mend the FASTA file; is it whole?")])
        shutil.rmtree(scratch, ignore_errors=True)
        if len(files) > 1:
            fasta.unlink()
        write_tsv(transcripts, part / TRANSCRIPTS)
        about: dict[str, Any] = {
            "fasta": " + ".join(path.name for path in files),
            "sha256": digests[0],
            "table_sha256": digests[1],
            "engine": program.name,
            "version": program.version,
            "n_transcripts": len(transcripts),
            "n_genes": int(transcripts["gene"].nunique()),
        }
        write_json(about, part / ABOUT)
        shutil.rmtree(folder, ignore_errors=True)
        part.replace(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def load_index(about: str | Path) -> Index:
    """Read ``index.json`` of an index's folder.

    Raises
    ------
    InputError
        The index is no longer there.
    """
    path = Path(about)
    content = read_json(path)
    index = Index(folder=str(path.resolve().parent), **content)
    gone = [str(file) for file in (index.path, index.transcripts) if not file.exists()]
    if gone:
        fix = "run the rule that builds the index again (its folder was emptied)"
        raise InputError([Problem(gone[0], "the index is gone", fix)])
    return index
