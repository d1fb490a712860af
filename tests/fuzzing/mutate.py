"""Seeded mutations of a valid file that know of lines, cells, numbers, quotes and gzip."""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Callable

#: Cells and words that have broken readers of tables, YAML, FASTA or numbers somewhere.
WORDS = (
    "", " ", "NA", "nan", "inf", "-inf", "-1", "0", "1e400", "1e-400", "0x1F", "1_000", "1,5", "²", "٣", "½",
    "1" * 400, "9" * 5000, "true", "null", "~", "=cmd|' /C calc'!A0", "+1+1", "@SUM(A1)", "../../etc/passwd",
    "/dev/zero", "a/b", "\u0000", "\ufeff", "\u2028", "\u0085", "\u000b", "\u001c", "\u202e", "é", "💥", "\"",
    "\"a\n b\"", "'", "\\", "#", ";", "|", "%s", "{x}", "{", "}", "[", "]", ":", ": ", "- ", "? ", "!", "&a",
    "*a", "<<: *a", "!!int x", "!!float x", "!!map x", "!!timestamp x", "!!binary é", "!!set {a}", "!!omap [a]",
    "!!python/object/apply:os.system [id]", "0b", "0o9", "1:99", "[" * 3000, "{a: " * 400, "&a [*a]", "|+", ">-",
    "---", "...", "%YAML 9.9", "\t", "\t\t\t", ",", "^SAMPLE = ", "!x = y", ">", ">x", "@", "+",
    "@r\nACGT\n+\nIIII\n", "MIMAT0000000", "MI", "v", "v9_", "2020-13-45", "N" * 700, "U", "gene:", "|||",
    "http://[::1", "http://a:99999/x", "file://h/x", "ftp://x", "a" * 300,
    "%%MatrixMarket matrix coordinate real general",
)  # fmt: skip
_RAW = (
    b"\xff",
    b"\xfe\xff",
    b"\xc3",
    b"\x1f\x8b",
    b"PK\x03\x04",
    b"\r",
    b"\r\n",
    b"\n\n",
    b"\x89HDF\r\n\x1a\n",
    b"<html>",
)
_NUMBER = re.compile(rb"\d+")


def _cells(data: bytes, draw: random.Random) -> bytes:
    """Replace, drop, double or exchange a cell of one line."""
    lines = data.split(b"\n")
    at = draw.randrange(len(lines))
    separator = draw.choice([b"\t", b"\t", b"\t", b",", b" ", b";", b": "])
    cells = lines[at].split(separator)
    k = draw.randrange(len(cells))
    match draw.randrange(5):
        case 0:
            del cells[k]
        case 1:
            cells.insert(k, cells[k])
        case 2:
            other = draw.randrange(len(cells))
            cells[k], cells[other] = cells[other], cells[k]
        case _:
            cells[k] = draw.choice(WORDS).encode()
    lines[at] = separator.join(cells)
    return b"\n".join(lines)


def _lines(data: bytes, draw: random.Random) -> bytes:
    """Drop, double, exchange or indent lines."""
    lines = data.split(b"\n")
    a, b = draw.randrange(len(lines)), draw.randrange(len(lines))
    match draw.randrange(5):
        case 0:
            del lines[a]
        case 1:
            lines.insert(b, lines[a])
        case 2:
            lines[a], lines[b] = lines[b], lines[a]
        case 3:
            lines[a] = b" " * draw.randint(1, 5) + lines[a]
        case _:
            lines = lines[:a] + lines[b:]
    return b"\n".join(lines)


def _insert(data: bytes, draw: random.Random) -> bytes:
    at = draw.randint(0, len(data))
    word = draw.choice(_RAW) if draw.random() < 0.3 else draw.choice(WORDS).encode()
    return data[:at] + word + data[at:]


def _flip(data: bytes, draw: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.choice([1, 1, 2, 8])):
        if changed:
            changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)


def _cut(data: bytes, draw: random.Random) -> bytes:
    a, b = sorted((draw.randint(0, len(data)), draw.randint(0, len(data))))
    return draw.choice([data[:a], data[a:], data[:a] + data[b:], data[:b] + data[a:]])


def _number(data: bytes, draw: random.Random) -> bytes:
    """Put another number in the place of one."""
    found = list(_NUMBER.finditer(data))
    if not found:
        return data
    match = draw.choice(found)
    other = draw.choice([b"0", b"-1", b"999999999999", b"1.5", b"1e9", b"4294967296", b"18446744073709551616", b""])
    return data[: match.start()] + other + data[match.end() :]


def _pack(data: bytes, draw: random.Random) -> bytes:
    """Compress, whole, in two members, cut short, damaged or with something after it."""
    packed = gzip.compress(data, 1, mtime=0)
    match draw.randrange(5):
        case 0:
            return packed + gzip.compress(data[len(data) // 2 :], 1, mtime=0)
        case 1:
            return packed[: draw.randint(1, len(packed))]
        case 2:
            return _flip(packed, draw)
        case 3:
            return packed + draw.choice([b"\0" * 20, b"rest", b"\x1f\x8b"])
        case _:
            return packed


_KINDS: tuple[Callable[[bytes, random.Random], bytes], ...] = (_cells, _cells, _lines, _insert, _flip, _cut, _number)


def mutate(data: bytes, draw: random.Random) -> bytes:
    """Change `data` once to four times, and at times pack it."""
    for _ in range(draw.choice([1, 1, 1, 2, 4])):
        data = draw.choice(_KINDS)(data, draw)
    return _pack(data, draw) if draw.random() < 0.1 else data
