"""The index of a transcriptome; whether it is there already is the workflow's to know."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acuomics.files import read_json, write_json, write_tsv
from acuomics.problems import InputError, Problem, Problems
from acuomics.rnaseq.decoys import read_decoys
from acuomics.rnaseq.engines import Engine, find_engine, run_program
from acuomics.rnaseq.fasta import WORD, fasta_files, fasta_lines
from acuomics.rnaseq.transcripts import read_transcripts

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
    decoys, decoys_sha256 : str
        Names and hash, as of the transcripts; empty without decoys.
    """

    folder: str
    fasta: str
    sha256: str
    table_sha256: str
    engine: str
    version: str
    n_transcripts: int
    n_genes: int
    decoys: str = ""
    decoys_sha256: str = ""

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


def _digest(files: Sequence[Path]) -> str:
    """Hash of a file, or of the hashes of several; empty without any."""
    each = [_sha256(path) for path in files]
    return "".join(each) if len(each) < 2 else hashlib.sha256(" ".join(each).encode()).hexdigest()


def _names(files: Sequence[Path]) -> str:
    return " + ".join(path.name for path in files)


def write_index(
    fasta: str | Path | Sequence[str | Path],
    table: str | Path | None,
    folder: str | Path,
    *,
    engine: str = "kallisto",
    threads: int = 1,
    decoys: Sequence[str | Path] = (),
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
    decoys : sequence of path
        The genome, as `decoys.read_decoys` has it.

    Raises
    ------
    InputError
        Files that are not there, what `read_transcripts` and `read_decoys` find, no program, or a program that did not
        make an index of it.
    """
    files, others, place = fasta_files(fasta), fasta_files(decoys), Path(folder)
    problems = Problems()
    for path in (*files, *others, *([] if table is None else [Path(table)])):
        if not path.exists():
            problems.add(path, "the file does not exist", "mend the path or put the file there")
    problems.raise_if_any()
    program = find_engine(engine)
    transcripts = read_transcripts(files, table, problems)
    names = read_decoys(others, transcripts["transcript"], problems)
    problems.raise_if_any()
    place.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=place.parent, prefix=".part-"))
    try:
        part.chmod(0o755)
        with tempfile.TemporaryDirectory(dir=part) as scratch:
            done = _run_engine(program, files, others, names, part / INDEX, Path(scratch), threads)
        if done.returncode or not (part / INDEX).exists():
            said = " ".join((done.stderr or done.stdout).split())[-300:]
            message = f"{program.name} {program.version} made no index of it (status {done.returncode}): {said}"
            raise InputError([Problem(_names([*files, *others]), message, "mend the FASTA files; are they whole?")])
        write_tsv(transcripts, part / TRANSCRIPTS)
        about: dict[str, Any] = {
            "fasta": _names(files),
            "sha256": _digest(files),
            "table_sha256": "" if table is None else _sha256(table),
            "engine": program.name,
            "version": program.version,
            "n_transcripts": len(transcripts),
            "n_genes": int(transcripts["gene"].nunique()),
            "decoys": _names(others),
            "decoys_sha256": _digest(others),
        }
        write_json(about, part / ABOUT)
        shutil.rmtree(place, ignore_errors=True)
        part.replace(place)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return load_index(place / ABOUT)


def _run_engine(
    program: Engine,
    files: Sequence[Path],
    decoys: Sequence[Path],
    names: Sequence[str],
    target: Path,
    scratch: Path,
    threads: int,
) -> subprocess.CompletedProcess[str]:
    """Let the program index; what it needs besides goes to `scratch`."""
    if program.name == "kallisto":
        options = ["-i", target.resolve(), "-t", threads, "-T", "tmp"]
        if decoys:
            # kallisto takes a blank in this name for its end, and a comma for the next file's begin.
            (scratch / "decoys.fa").symlink_to(_joined(decoys, scratch / "joined.fa").resolve())
            options += ["-d", "decoys.fa"]
        command = [program.path, "index", *options, _joined(files, scratch / "all.fa").resolve()]
    else:
        # Identical transcripts keep their own rows, as kallisto's do. Without --gencode names keep all their fields, as
        # in the table of the transcripts.
        options = ["--keepDuplicates", "-k", WORD, "-p", threads]
        if decoys:
            (scratch / "decoys.txt").write_text("".join(f"{name}\n" for name in names))
            options += ["-d", scratch / "decoys.txt"]
        # Decoys stand last, as salmon wants them.
        command = [program.path, "index", "-t", _joined([*files, *decoys], scratch / "all.fa"), "-i", target, *options]
    # kallisto's names are of files here; salmon's hold where they stand.
    return run_program([str(word) for word in command], cwd=scratch if program.name == "kallisto" else None)


def _joined(files: Sequence[Path], target: Path) -> Path:
    """Give the one file, or write several as one."""
    if len(files) == 1:
        return files[0]
    with target.open("w", encoding="ascii") as whole:
        for path in files:
            whole.writelines(f"{line.rstrip()}\n" for line in fasta_lines(path))
    return target


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
