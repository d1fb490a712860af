"""The reference path: bowtie finds where inserts lie on the hairpins, the same rules decide what that means."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from acuomics.problems import InputError, Problem
from acuomics.smallrna.inserts import MAX_PACKED, Inserts, unpack
from acuomics.smallrna.templates import I64, TemplateIndex

#: One substitution, all places of the best stratum, the hairpin's own strand.
OPTIONS = ("-v", "1", "-a", "--best", "--strata", "--norc")


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:1])} ended with status {done.returncode}: {done.stderr.strip()[-500:]}")
    return done.stdout


def bowtie_pairs(inserts: Inserts, index: TemplateIndex, *, threads: int = 1) -> tuple[I64, I64]:
    """Find (insert, entry) pairs with bowtie 1 (Langmead et al. 2009, doi:10.1186/gb-2009-10-3-r25).

    Inserts are aligned end to end against the hairpins (matures without a hairpin stand for themselves), whole and with
    1, 2 ... last bases cut off, as many as may be added. Every place that begins where a window may begin is a pair for
    `count_sample(pairs=...)`.

    Raises
    ------
    InputError
        bowtie or bowtie-build is not on PATH.
    RuntimeError
        bowtie failed; its last words are in the message.
    """
    tools = [shutil.which(name) for name in ("bowtie", "bowtie-build")]
    if None in tools:
        fix = "install bowtie 1.3, or take the default engine"
        raise InputError([Problem("engine: bowtie", "bowtie or bowtie-build is not on PATH", fix)])
    bowtie, build = map(str, tools)
    reference, s = index.reference, index.settings
    possible = np.flatnonzero((inserts.lengths >= s.shortest) & (inserts.lengths <= MAX_PACKED))
    # A window begins at a place: hairpins by number, lone matures after them.
    lone = len(reference.hairpins)
    loci = [(x.hairpin if x.hairpin >= 0 else lone + x.mature, x.start) for x in reference.loci]
    where = np.array(loci, np.int64).reshape(-1, 2)
    begin = (where[index.locus, 0] << 20) + where[index.locus, 1] + index.shift
    order = np.argsort(begin, kind="stable")
    begin = begin[order]
    texts = {i: h.sequence for i, h in enumerate(reference.hairpins)}
    texts |= {lone + x.mature: reference.matures[x.mature].sequence for x in reference.loci if x.hairpin < 0}
    found: set[tuple[int, int]] = set()
    with TemporaryDirectory() as folder:
        fasta, reads = Path(folder) / "windows.fa", Path(folder) / "inserts.fa"
        fasta.write_text("".join(f">{i}\n{text}\n" for i, text in texts.items()))
        names = zip(possible.tolist(), inserts.keys[possible].tolist(), strict=True)
        reads.write_text("".join(f">{i}\n{unpack(key)}\n" for i, key in names))
        _run([build, "--quiet", str(fasta), f"{folder}/windows"])
        for cut in range(s.additions + 1):
            sam = ["-S", "--sam-nohead", "-p", str(threads), "-3", str(cut), "--quiet"]
            text = _run([bowtie, *OPTIONS, *sam, "-x", f"{folder}/windows", "-f", str(reads)])
            for line in text.splitlines():
                read, flag, name, at, _ = line.split("\t", 4)
                if not int(flag) & 4:
                    found.add((int(read), (int(name) << 20) + int(at) - 1))
    hits = np.array(sorted(found), np.int64).reshape(-1, 2)
    low = np.searchsorted(begin, hits[:, 1])
    number = np.searchsorted(begin, hits[:, 1], side="right") - low
    within = np.arange(int(number.sum())) - np.repeat(np.cumsum(number) - number, number)
    return np.repeat(hits[:, 0], number), order[np.repeat(low, number) + within]
