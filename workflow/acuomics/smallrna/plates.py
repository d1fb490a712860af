"""License plates of MINTplates, the identifiers (UID) of sequences that mirGFF3 prescribes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import product

#: Digits of a plate, from 0 to 31: no letter that is a base.
_DIGITS = "BD0EF1HI2JK3LM4NO5PQ6RS7UV8WX9YZ"
_PIECE = 5


def _digits(number: int) -> str:
    return (_digits(number // 32) if number >= 32 else "") + _DIGITS[number % 32]


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """The digits of every piece: 1,024 of five bases have two each; the 340 shorter ones are numbered through."""
    whole = ("".join(bases) for bases in product("ACGT", repeat=_PIECE))
    codes = {bases: _DIGITS[number // 32] + _DIGITS[number % 32] for number, bases in enumerate(whole)}
    shorter = ("".join(bases) for size in range(1, _PIECE) for bases in product("ACGT", repeat=size))
    return codes | {bases: _digits(number) for number, bases in enumerate(shorter)}


def plates(sequences: Iterable[str], prefix: str = "iso") -> list[str]:
    """Give the license plates of sequences (A, C, G, T): prefix, length, and the digits of every five bases.

    The scheme is that of MINTbase (Pliatsika et al. 2016, PMID 27153631); tests hold it to mirtop's own function.

    Raises
    ------
    KeyError
        Another letter than A, C, G, T.
    """
    codes = _codes()
    # Sequences of one miRNA share most of their pieces, ten bases at a time too.
    known: dict[str, str] = {}
    found = []
    for sequence in sequences:
        text = f"{prefix}-{len(sequence)}-"
        for at in range(0, len(sequence), 2 * _PIECE):
            two = sequence[at : at + 2 * _PIECE]
            if two not in known:
                known[two] = "".join(codes[piece] for piece in (two[:_PIECE], two[_PIECE:]) if piece)
            text += known[two]
        found.append(text)
    return found
