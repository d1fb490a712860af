"""Text from data on its way into a page: nothing that stands in it may be read as markup or as code."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from markupsafe import Markup, escape

# Longer names are cut where they make an anchor or a file name; the hash keeps them apart.
LONGEST = 80


def embed_json(value: Any) -> Markup:
    """Write JSON for the inside of a script element: without ``<``, ``>`` and ``&`` nothing can end it."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)  # nosec B704


def strong(text: str) -> Markup:
    """Escape `text`, and set strong what stands between two pairs of asterisks."""
    return Markup(re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", str(escape(text))))  # nosec B704


def anchor(*parts: str) -> str:
    """Make a name for an anchor or a file of ASCII letters, digits, ``-`` and ``_``."""
    name = "-".join(re.sub(r"[^A-Za-z0-9_]+", "-", str(part)) for part in parts)
    if len(name) <= LONGEST:
        return name
    return f"{name[: LONGEST - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def shorten(text: str, longest: int = 400) -> str:
    """Cut a text that no page has room for; what was cut is counted."""
    return text if len(text) <= longest else f"{text[:longest]}… [{len(text) - longest:,} more letters]"
