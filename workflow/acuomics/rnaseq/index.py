"""The index of a transcriptome: built once for a file and a version of the program, and kept."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from acuomics.files import read_json, write_json, write_tsv
from acuomics.problems import InputError, Problem, Problems
from acuomics.rnaseq.engines import Engine, find_engine, run_program
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
        The transcripts it was built of.
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


def build_index(
    fasta: str | Path, table: str | Path | None, cache: str | Path, *, engine: str = "kallisto", threads: int = 1
) -> Index:
    """Build the index of a transcriptome, or take the one that is there.

    Parameters
    ----------
    fasta, table
        As `transcripts.read_transcripts` has them.
    cache : path
        Where indices are kept: a folder each, named by the program, its version and the SHA-256 of the input. It
        appears whole or not at all; two jobs that build the same one do not disturb each other.
    engine : {"kallisto", "salmon"}
    threads : int

    Raises
    ------
    InputError
        What `read_transcripts` finds, no program, or a program that did not make an index of it.
    """
    problems = Problems()
    for path in (fasta, table):
        if path is not None and not Path(path).is_file():
            problems.add(path, "the file does not exist", "mend the path or put the file there")
    problems.raise_if_any()
    program = find_engine(engine)
    digest, of_table = _sha256(fasta), "" if table is None else _sha256(table)
    key = hashlib.sha256(f"{digest} {of_table}".encode()).hexdigest()[:16]
    folder = Path(cache).resolve() / f"{program.name}-{program.version}-{key}"
    if not (folder / ABOUT).is_file():
        _build(Path(fasta), table, folder, program, (digest, of_table), threads)
    return load_index(folder / ABOUT)


def _build(
    fasta: Path, table: str | Path | None, folder: Path, program: Engine, digests: tuple[str, str], threads: int
) -> None:
    problems = Problems()
    transcripts = read_transcripts(fasta, table, problems)
    problems.raise_if_any()
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".part-"))
    try:
        part.chmod(0o755)
        made, scratch = part / INDEX, part / "scratch"
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
            raise InputError([Problem(str(fasta), message, "mend the FASTA file; is it whole?")])
        shutil.rmtree(scratch, ignore_errors=True)
        write_tsv(transcripts, part / TRANSCRIPTS)
        about: dict[str, Any] = {
            "fasta": fasta.name,
            "sha256": digests[0],
            "table_sha256": digests[1],
            "engine": program.name,
            "version": program.version,
            "n_transcripts": len(transcripts),
            "n_genes": int(transcripts["gene"].nunique()),
        }
        write_json(about, part / ABOUT)
        try:
            part.replace(folder)
        except OSError:
            # Another job was first; its index is of the same input.
            if not (folder / ABOUT).is_file():
                raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


def load_index(about: str | Path) -> Index:
    """Read ``index.json`` of an index's folder, or one that `save_index` wrote.

    Raises
    ------
    InputError
        The index is no longer there.
    """
    path = Path(about)
    content = read_json(path)
    index = Index(**{"folder": str(path.resolve().parent), **content})
    gone = [str(file) for file in (index.path, index.transcripts) if not file.exists()]
    if gone:
        fix = "run the rule that builds the index again (its folder was emptied)"
        raise InputError([Problem(gone[0], "the index is gone", fix)])
    return index


def save_index(index: Index, path: str | Path) -> None:
    """Write where an index is and what it is of: what a rule has as its output while the index stays in the cache."""
    write_json(asdict(index), path)
