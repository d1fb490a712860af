"""License plates of MINTplates, the identifiers (UID) of sequences that mirGFF3 prescribes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from acuomics.smallrna.inserts import by_size

#: Digits of a plate, from 0 to 31: no letter that is a base.
_DIGITS = "BD0EF1HI2JK3LM4NO5PQ6RS7UV8WX9YZ"
_PIECE = 5
#: Five bases have two digits; shorter pieces, at the end, are numbered through: one base, then two, three and four.
_WHOLE = np.array([[ord(_DIGITS[n // 32]), ord(_DIGITS[n % 32])] for n in range(4**_PIECE)], dtype=np.uint8)
_RESTS = [(_DIGITS[n // 32] if n >= 32 else "") + _DIGITS[n % 32] for n in range(4 + 16 + 64 + 256)]


def plates(keys: NDArray[np.uint64], prefix: str = "iso") -> list[str]:
    """Give the license plates of sequences: prefix, length, and the digits of every five bases.

    The scheme is that of MINTbase (Pliatsika et al. 2016, PMID 27153631); tests hold it to mirtop's own function.

    Parameters
    ----------
    keys : uint64[n]
        The sequences (`inserts.Inserts`).
    prefix : str
        What a plate begins with.
    """
    found = [""] * len(keys)
    for size, rows in by_size(keys):
        pieces, rest = divmod(size, _PIECE)
        shifts = np.array([2 * (size - _PIECE * (piece + 1)) for piece in range(pieces)], dtype=np.uint64)
        numbers = (keys[rows][:, None] >> shifts & np.uint64(4**_PIECE - 1)).astype(np.int64)
        text = _WHOLE[numbers].tobytes().decode()
        shorter = (4**rest - 4) // 3 if rest else 0
        last = (keys[rows] & np.uint64(4**rest - 1)).astype(np.int64) + shorter
        head, width = f"{prefix}-{size}-", 2 * pieces
        for number, (row, end) in enumerate(zip(rows.tolist(), last.tolist(), strict=True)):
            tail = _RESTS[end] if rest else ""
            found[row] = f"{head}{text[number * width : (number + 1) * width]}{tail}"
    return found
