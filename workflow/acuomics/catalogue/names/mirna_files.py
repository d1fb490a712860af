"""Readers of miRBase's names: history by release, old names, aliases.txt, mature FASTA."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from acuomics.inputs.table import Table, has_columns, read_table
from acuomics.inputs.text import read_text
from acuomics.problems import Problems

HISTORY = ("accession", "type", "version", "name")
OLD_NAMES = ("accession", "type", "old_name", "current")
WITHDRAWN = ("accession", "type", "name", "last_version")
GROUPS = ("prefix", "species", "group")
_ACCESSION = re.compile(r"MI(?:MAT)?\d{7}")
_HEADER = re.compile(r">(\S+)\s+(MIMAT\d{7})\s+(.+)")


@dataclass
class Entries:
    """What the files say, collected; every name of an accession with the last release known to have it (or '')."""

    files: list[str] = field(default_factory=list)
    #: Whether a file has all names in use, and the file that has some of them only.
    whole: bool = False
    partial: str = ""
    #: Mature accession to today's name.
    today: dict[str, str] = field(default_factory=dict)
    #: Name to the mature accessions that have borne it, each with the last release that says so.
    borne: dict[str, dict[str, str]] = field(default_factory=dict)
    #: Withdrawn mature accession to its last name and release.
    dead: dict[str, tuple[str, str]] = field(default_factory=dict)
    #: Hairpin names of any release to the accession.
    hairpins: dict[str, str] = field(default_factory=dict)
    #: Prefix to scientific name.
    species: dict[str, str] = field(default_factory=dict)

    def bear(self, name: str, accession: str, release: str = "") -> None:
        """Note that an accession has borne a name."""
        bearers = self.borne.setdefault(name, {})
        bearers[accession] = max(bearers.get(accession, ""), release, key=release_order)


def release_order(version: str) -> tuple[int, ...]:
    """Order of a release: ``v9_1`` is (9, 1); empty when it is no release."""
    parts = version.removeprefix("v").replace(".", "_").split("_")
    return tuple(map(int, parts)) if all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts) else ()


def read_names(path: str | Path, entries: Entries, problems: Problems) -> None:
    """Read one table of names, whichever of the four it is (told by its first line).

    A history (``accession, type, version, name``), old names (``accession, type, old_name, current``), withdrawn
    entries (``accession, type, name, last_version``), or miRBase's ``aliases.txt`` (accession, tab, names parted by
    ``;``, today's last).
    """
    text = read_text(path, problems)
    if text is None:
        return
    entries.files.append(str(path))
    first = text.split("\n", 1)[0]
    if _ACCESSION.match(first):
        _aliases(str(path), text, entries, problems)
        return
    table = read_table(path, "\t", problems)
    if table is None:
        return
    columns = set(first.split("\t"))
    if "old_name" in columns:
        if has_columns(table, OLD_NAMES, problems):
            _old_names(table, entries)
    elif "last_version" in columns:
        if has_columns(table, WITHDRAWN, problems):
            _withdrawn(table, entries)
    elif has_columns(table, HISTORY, problems):
        _history(table, entries, problems)


def _history(table: Table, entries: Entries, problems: Problems) -> None:
    known: dict[str, tuple[int, ...]] = {}
    rows: list[tuple[str, str, str]] = []
    for row, (accession, kind, version, name) in enumerate(zip(*map(table.column, HISTORY), strict=True), start=1):
        if version not in known:
            known[version] = release_order(version)
            if not known[version]:
                fix = "write it as v22 or v9_1"
                text = "a release that is not understood"
                problems.add(table.file, text, fix, row=row, column="version", value=version)
        if kind == "mature":
            rows.append((accession, version, name))
        else:
            entries.hairpins[name] = accession
    if not rows:
        fix = "give the history of mature names"
        problems.add(table.file, "no row is of the type mature", fix, column="type")
        return
    entries.whole = True
    rows.sort(key=lambda row: known[row[1]])
    newest = rows[-1][1]
    last = {accession: (name, version) for accession, version, name in rows}
    for accession, version, name in rows:
        entries.bear(name, accession, version)
    entries.today |= {accession: name for accession, (name, version) in last.items() if version == newest}
    entries.dead |= {accession: facts for accession, facts in last.items() if facts[1] != newest}


def _old_names(table: Table, entries: Entries) -> None:
    entries.partial = table.file
    for accession, kind, old, current in zip(*map(table.column, OLD_NAMES), strict=True):
        if kind == "mature":
            entries.bear(old, accession)
            entries.bear(current, accession)
            entries.today.setdefault(accession, current)
        else:
            entries.hairpins[old] = entries.hairpins[current] = accession


def _withdrawn(table: Table, entries: Entries) -> None:
    entries.partial = table.file
    for accession, kind, name, version in zip(*map(table.column, WITHDRAWN), strict=True):
        if kind == "mature":
            entries.bear(name, accession, version)
            entries.dead[accession] = (name, version)


def _aliases(file: str, text: str, entries: Entries, problems: Problems) -> None:
    entries.whole = True
    for row, line in enumerate(text.splitlines(), start=1):
        if not line:
            continue
        accession, _, rest = line.partition("\t")
        names = [name.strip() for name in rest.split(";") if name.strip()]
        if not _ACCESSION.fullmatch(accession) or not names:
            fix = "a line of miRBase's aliases.txt is an accession, a tab, and names that end with ;"
            problems.add(file, "not a line of aliases.txt", fix, row=row, value=line)
            return
        if accession.startswith("MIMAT"):
            entries.today.setdefault(accession, names[-1])
            for name in names:
                entries.bear(name, accession)
        else:
            entries.hairpins.update(dict.fromkeys(names, accession))


def read_mature(path: str | Path, entries: Entries, problems: Problems) -> None:
    """Read names, accessions and species of a mature FASTA (``>name accession species name``; sequences are no matter).

    What it says of today's names wins over every table; an entry of its species that it lacks is taken as withdrawn.
    """
    text = read_text(path, problems)
    if text is None:
        return
    entries.files.append(str(path))
    found: dict[str, str] = {}
    for row, line in enumerate(text.splitlines(), start=1):
        if not line.startswith(">"):
            continue
        match = _HEADER.fullmatch(line)
        if match is None:
            fix = "a header of mature.fa is >name, accession, species and name"
            problems.add(path, "not a header of miRBase's mature FASTA", fix, row=f"line {row}", value=line)
            return
        name, accession, rest = match.groups()
        found[accession] = name
        entries.species.setdefault(name.partition("-")[0], rest.rpartition(" ")[0])
    if not found:
        fix = "give miRBase's mature.fa"
        problems.add(path, "no sequence has a header", fix)
        return
    entries.whole = True
    prefixes = {name.partition("-")[0] for name in found.values()}
    for accession, name in sorted(entries.today.items()):
        if accession not in found and name.partition("-")[0] in prefixes:
            del entries.today[accession]
            entries.dead.setdefault(accession, (name, ""))
    for accession, name in found.items():
        entries.today[accession] = name
        entries.dead.pop(accession, None)
        entries.bear(name, accession)


def bodies(names: Iterable[str]) -> dict[str, set[str]]:
    """Give, for names without their prefix, the prefixes that have them."""
    found: dict[str, set[str]] = {}
    for name in names:
        prefix, _, body = name.partition("-")
        found.setdefault(body, set()).add(prefix)
    return found
