"""Names that a slip of the pen turns into a given one, and which slip it would be."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

# Characters that printers and readers take for each other.
_ALIKE = str.maketrans({"l": "1", "i": "1", "o": "0", "‐": "-", "‑": "-", "–": "-", "−": "-", "_": "-"})
_RUN = re.compile(r"(.)\1+")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789-.*"

#: Kinds of slips, the narrowest first; a suggestion needs a kind with exactly one name, and no narrower kind with any.
#: A doubled digit (223 for 233) comes before an exchange (323): substitutions are the commoner slip (Damerau 1964).
KINDS = (
    "only letter case differs",
    "characters that look alike are taken for each other (l and 1, O and 0, dashes)",
    "another digit is doubled",
    "two neighbouring characters are exchanged",
    "one character differs",
)


@dataclass(frozen=True)
class Slip:
    """A known name near the one asked for, and the kind of slip (an index of `KINDS`)."""

    name: str
    kind: int


def fold(name: str) -> str:
    """Take letter case off: the form in which slips are looked for."""
    return name.casefold()


def kind_of(asked: str, known: str) -> int | None:
    """Say which slip leads from `known` to `asked` (folded, not equal); None when none does.

    The distance is that of Damerau (1964): one substitution, insertion, deletion or exchange of neighbours.
    """
    if asked == known:
        return 0
    if asked.translate(_ALIKE) == known.translate(_ALIKE):
        return 1
    if len(asked) == len(known):
        differ = [at for at, (a, b) in enumerate(zip(asked, known, strict=True)) if a != b]
        if (
            len(differ) == 2
            and differ[1] == differ[0] + 1
            and asked[differ[0]] + asked[differ[1]] == (known[differ[1]] + known[differ[0]])
        ):
            return 3
        if len(differ) == 1:
            at = differ[0]
            doubled = asked[at].isdigit() and known[at].isdigit() and _RUN.sub(r"\1", asked) == _RUN.sub(r"\1", known)
            return 2 if doubled else 4
        return None
    short, long = sorted((asked, known), key=len)
    if len(long) == len(short) + 1 and any(long[:at] + long[at + 1 :] == short for at in range(len(long))):
        return 4
    return None


def slips(asked: str, known: Mapping[str, Sequence[str]]) -> list[Slip]:
    """Look for the names that a slip turns into `asked`.

    Parameters
    ----------
    asked : str
        The name that nobody knows.
    known : mapping
        Folded name to the names as they are written.

    Returns
    -------
    list of Slip
        Narrowest kind first, then by name. Short names (under three characters) have no slips: anything is near them.
    """
    if len(asked) < 3:
        return []
    folded = fold(asked)
    found = {
        Slip(name, kind)
        for form in _near(folded, known)
        if (kind := kind_of(folded, form)) is not None
        for name in known[form]
    }
    return sorted(found, key=lambda slip: (slip.kind, slip.name))


def _near(name: str, known: Container[str]) -> Iterator[str]:
    """Give the known forms at a distance of one edit, and those that look alike."""
    cuts = [(name[:at], name[at:]) for at in range(len(name) + 1)]
    forms = {name, *_look_alikes(name)}
    for left, right in cuts:
        if right:
            forms.add(left + right[1:])
            forms.update(left + letter + right[1:] for letter in _ALPHABET)
        if len(right) > 1:
            forms.add(left + right[1] + right[0] + right[2:])
        forms.update(left + letter + right for letter in _ALPHABET)
    return (form for form in sorted(forms) if form in known)


def _look_alikes(name: str) -> set[str]:
    """Give all readings of characters that look alike (of names with few of them)."""
    readings = {"l": "l1i", "1": "1li", "i": "i1l", "o": "o0", "0": "0o"}
    plain = "".join("-" if char.translate(_ALIKE) == "-" else char for char in name)
    forms = {""}
    for char in plain:
        forms = {form + other for form in forms for other in readings.get(char, char)}
        if len(forms) > 2000:
            return {plain}
    return forms


def narrowest(found: Sequence[Slip]) -> Slip | None:
    """Give the one name of the narrowest kind; None when that kind has several."""
    best = [slip for slip in found if slip.kind == found[0].kind]
    return best[0] if len(best) == 1 else None
