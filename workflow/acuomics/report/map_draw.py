"""How the map of mechanisms is drawn: panels, marks, the paths between levels, and the legend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from acuomics.report.map_states import ARROW_WORDS, ORDER, State

# Pixels of the drawing: height of a panel's head and of a row, space between bands and between stacked panels, and
# above the brain, where its paths run.
HEAD, ROW, GAP, STACK, DOME = 52, 22, 46, 16, 78
# Widths of letters of a label, in pixels: what does not fit is cut.
LETTER = 6.9
#: Outlines of the marks about their centre, a shape a verdict.
SHAPES: Mapping[str, str] = {
    "mixed": "M0 -6.5L1.9 -2L6.5 -1.8L2.8 1.2L4.1 6L0 3.3L-4.1 6L-2.8 1.2L-6.5 -1.8L-1.9 -2Z",
    "concordant": "M5.5 0A5.5 5.5 0 1 1 -5.5 0A5.5 5.5 0 1 1 5.5 0Z",
    "discordant": "M0 -6.5L6.5 0L0 6.5L-6.5 0Z",
    "no_change_supported": "M-5 -5H5V5H-5Z",
    "two_sided_change": "M-5 -6L6 0L-5 6Z",
    "conflicted_claim": "M-2 -6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z",
    "inconclusive": "M3.8 0A3.8 3.8 0 1 1 -3.8 0A3.8 3.8 0 1 1 3.8 0Z",
    "no_power": "M-6 -5H6L0 6Z",
    "not_expressed": "M-5 -5H5V5H-5ZM-5 5L5 -5",
    "no_data": "M5 0A5 5 0 1 1 -5 0A5 5 0 1 1 5 0Z",
    "not_testable": "M5 0A5 5 0 1 1 -5 0A5 5 0 1 1 5 0Z",
}
WORDS: Mapping[str, str] = {
    "mixed": "mixed: genes of it say opposite things",
    "no_data": "no study at this level",
    "not_testable": "not testable by RNA",
}


@dataclass(frozen=True)
class Panel:
    """A level: where it stands, what is above it, and its marks (address, label, state, what is told of it)."""

    level: str
    name: str
    band: int
    x: float
    width: float
    columns: int
    icon: str
    spot: tuple[float, float]
    address: str
    n_studies: int
    marks: Sequence[tuple[str, str, State, str]]

    @property
    def rows(self) -> int:
        """Rows of marks."""
        return -(-len(self.marks) // self.columns)

    @property
    def height(self) -> float:
        """Height in pixels."""
        return HEAD + ROW * self.rows + (8 if self.rows else 2)


@dataclass(frozen=True)
class Picture:
    """One layout of the map."""

    layout: str
    width: float
    panels: Sequence[Panel]
    icons: pd.DataFrame
    paths: pd.DataFrame
    simulated: bool
    keys: Mapping[str, str]


def number(value: float) -> str:
    """A coordinate with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def place(picture: Picture) -> tuple[dict[str, float], float]:
    """The upper edge of every panel, by level, and the height of the picture."""
    top = DOME if picture.layout == "wide" else 34.0
    tops: dict[str, float] = {}
    for band in sorted({panel.band for panel in picture.panels}):
        ends: dict[float, float] = {}
        for panel in picture.panels:
            if panel.band == band:
                tops[panel.level] = ends.get(panel.x, top)
                ends[panel.x] = tops[panel.level] + panel.height + STACK
        top = max(ends.values()) - STACK + (GAP if picture.layout == "wide" else 30)
    return tops, top - GAP + 24 if picture.layout == "wide" else top - 14


def draw_picture(picture: Picture, description: str) -> str:
    """One layout as an SVG element."""
    tops, height = place(picture)
    name = f"mechanism-map-{picture.layout}"
    parts = [
        f'<svg class="map-picture map-{picture.layout}" viewBox="0 0 {number(picture.width)} {number(height)}" '
        f'role="group" aria-labelledby="{name}-title" aria-describedby="{name}-desc" '
        'xmlns="http://www.w3.org/2000/svg">',
        f'<title id="{name}-title">Map of mechanisms, periphery to cortex</title>',
        f'<desc id="{name}-desc">{escape(description)}</desc>',
    ]
    if picture.simulated:
        x = number(picture.width - 16)
        parts.append(f'<text class="stamp" x="{x}" y="20" text-anchor="end">SIMULATED</text>')
    if picture.layout == "wide":
        parts += brain(picture, tops)
    parts += paths(picture, tops)
    parts += [draw_panel(panel, tops[panel.level], picture) for panel in picture.panels]
    return "".join([*parts, "</svg>"])


def brain(picture: Picture, tops: Mapping[str, float]) -> list[str]:
    """The outline of a brain behind the first band: a dome with convolutions."""
    here = [panel for panel in picture.panels if panel.band == 0]
    left, right = min(p.x for p in here) - 9, max(p.x + p.width for p in here) + 9
    bottom = max(tops[p.level] + p.height for p in here) + 12
    n = 9
    step = (right - left) / n
    lift = [0.0, 22, 34, 40, 42, 40, 35, 27, 14, 0.0]
    base = DOME - 22.0
    curve = f"M{number(left)} {number(bottom - 26)}V{number(base)}"
    for i in range(n):
        x, y = left + step * (i + 1), base - lift[i + 1]
        middle = (left + step * (i + 0.5), min(base - lift[i], y) - 15)
        curve += f"Q{number(middle[0])} {number(middle[1])} {number(x)} {number(y)}"
    curve += f"V{number(bottom - 26)}Q{number(right)} {number(bottom)} {number(right - 26)} {number(bottom)}"
    curve += f"H{number(left + 26)}Q{number(left)} {number(bottom)} {number(left)} {number(bottom - 26)}Z"
    return [f'<path class="region" d="{curve}"/>', word("Brain", "region-name", left + 22, base + 12, picture.keys)]


def paths(picture: Picture, tops: Mapping[str, float]) -> list[str]:
    """What leads from level to level, with an arrowhead and its name where there is room."""
    panels = {panel.level: panel for panel in picture.panels}
    drawn = []
    for row in picture.paths.to_dict("records"):
        start, end = panels.get(str(row["from"])), panels.get(str(row["to"]))
        if start is None or end is None:
            continue
        kind, text = str(row["kind"]), "" if pd.isna(row["name"]) else str(row["name"])
        step = start.band - end.band
        if step == 0 and picture.layout == "wide" and start.band == 0:
            drawn += over(start, end, tops, kind)
        elif step == 0 and picture.layout == "wide":
            drawn += across(start, end, tops, kind, text, picture.keys)
        elif abs(step) == 1:
            drawn += between(start, end, tops, kind, text, picture)
    return drawn


def stroke(curve: str, kind: str, tip: tuple[float, float], towards: tuple[float, float]) -> list[str]:
    """A line and its arrowhead at `tip`, which points along `towards` (a unit vector)."""
    (x, y), (dx, dy) = tip, towards
    side = (-dy * 6, dx * 6)
    head = [(x, y), (x - dx * 11 + side[0], y - dy * 11 + side[1]), (x - dx * 11 - side[0], y - dy * 11 - side[1])]
    points = "L".join(f"{number(a)} {number(b)}" for a, b in head)
    return [f'<path class="path {kind}" d="{curve}"/>', f'<path class="head {kind}" d="M{points}Z"/>']


def over(start: Panel, end: Panel, tops: Mapping[str, float], kind: str) -> list[str]:
    """An arc above two panels of the brain."""
    away = 1 if end.x > start.x else -1
    a, b = start.x + start.width / 2 + 24 * away, end.x + end.width / 2 - 24 * away
    y = tops[start.level] - 2
    rise = min(50.0, 22 + 0.05 * abs(a - b))
    control = f"{number(a)} {number(y - rise)} {number(b)} {number(y - rise)}"
    curve = f"M{number(a)} {number(y)}C{control} {number(b)} {number(y - 9)}"
    return stroke(curve, kind, (b, y), (0, 1))


def across(
    start: Panel, end: Panel, tops: Mapping[str, float], kind: str, text: str, keys: Mapping[str, str]
) -> list[str]:
    """A nerve from the side of one panel to the side of another, at the same band."""
    a, b = start.x + start.width, end.x
    y1 = tops[start.level] + start.height / 2
    y2 = tops[end.level] + min(end.height / 2, 170) + (30 if start.level == "pain_site" else 0)
    middle = (a + b) / 2
    control = f"{number(middle)} {number(y1)} {number(middle)} {number(y2)}"
    curve = f"M{number(a)} {number(y1)}C{control} {number(b - 9)} {number(y2)}"
    parts = stroke(curve, kind, (b, y2), (1, 0))
    if text and start.level != "pain_site":
        lines = text.split(" ")
        for i, part in enumerate(lines):
            at = min(y1, y2) - 26 + 13 * (i - len(lines) + 2)
            parts.append(
                f'<text class="small" text-anchor="middle" x="{number(middle)}" y="{number(at)}">{escape(part)}</text>'
            )
    return parts


def between(start: Panel, end: Panel, tops: Mapping[str, float], kind: str, text: str, picture: Picture) -> list[str]:
    """A tract from one band to the next, up or down."""
    up = start.band > end.band
    low, high = (start, end) if up else (end, start)
    left, right = max(low.x, high.x), min(low.x + low.width, high.x + high.width)
    if right <= left:
        return []
    # A third of the way: the names beside the tracts need room.
    x = left + (right - left) / 3 + (-20 if up else 20)
    y1, y2 = tops[low.level] - 2, tops[high.level] + high.height + 2
    start_at, tip = (y1, y2) if up else (y2, y1)
    curve = f"M{number(x)} {number(start_at)}V{number(tip + (9 if up else -9))}"
    parts = stroke(curve, kind, (x, tip), (0, -1 if up else 1))
    if text and picture.layout == "wide":
        anchor, at = ("end", x - 10) if up else ("start", x + 10)
        y = (y1 + y2) / 2 + 10
        parts.append(
            f'<text class="small" text-anchor="{anchor}" x="{number(at)}" y="{number(y)}">{escape(text)}</text>'
        )
    return parts


def draw_panel(panel: Panel, top: float, picture: Picture) -> str:
    """A level with its marks."""
    x, width = panel.x, panel.width
    box = f'x="{number(x)}" y="{number(top)}" width="{number(width)}" height="{number(panel.height)}" rx="9"'
    parts = [f'<rect class="under" {box}/>', f'<rect class="panel" {box}/>', icon(panel, x + 7, top + 7, picture.icons)]
    n = len(panel.marks)
    counts = f"{n} mechanism{'s' if n != 1 else ''}" if n else "no claim of the set"
    if panel.n_studies:
        counts += f", {panel.n_studies} stud{'ies' if panel.n_studies > 1 else 'y'}"
    room = int((width - 58) / 8.6)
    lines = wrap(panel.name, room)
    head = "".join(
        word(
            line if i == len(lines) - 1 else f"{line} ",
            "level",
            x + 54,
            top + (26 if len(lines) == 1 else 18) + 15 * i,
            picture.keys if len(lines) == 1 else {},
        )
        for i, line in enumerate(lines)
    )
    if panel.address:
        spot = f'x="{number(x + 2)}" y="{number(top + 2)}" width="{number(width - 4)}" height="{HEAD - 6}"'
        hit = f'<rect class="hit" {spot}/>'
        # Its name is its text, in whatever language that is.
        head = f'<a href="{escape(panel.address)}">{hit}{head}</a>'
    parts.append(head)
    at = top + 41 if len(lines) == 1 else top + 46
    parts.append(f'<text class="small" x="{number(x + 54)}" y="{number(at)}">{counts}</text>')
    column = width / panel.columns
    marks = []
    for i, mark in enumerate(panel.marks):
        left, row = x + column * (i // panel.rows), i % panel.rows
        marks.append(draw_mark(mark, left, top + HEAD + ROW * row, column))
    if marks:
        parts.append(f'<g role="list" aria-label="{escape(panel.name)}">{"".join(marks)}</g>')
    return f'<g class="map-level">{"".join(parts)}</g>'


def draw_mark(mark: tuple[str, str, State, str], x: float, y: float, width: float) -> str:
    """One mechanism: a shape for its verdict, an arrow for its direction, and its name, all of them a link."""
    address, label, state, told = mark
    most = max(4, int((width - 46) / LETTER))
    shown = label if len(label) <= most else label[: most - 1] + "…"
    middle = y + ROW / 2
    return (
        f'<g role="listitem"><a class="mark v-{state.word}" href="{escape(address)}" aria-label="{escape(told)}">'
        f"<title>{escape(told)}</title>"
        f'<rect class="hit" x="{number(x + 3)}" y="{number(y + 0.5)}" width="{number(width - 6)}" height="{ROW - 1}"/>'
        f'<path class="shape" transform="translate({number(x + 15)} {number(middle)})" d="{SHAPES[state.word]}"/>'
        f'<text class="arrow" x="{number(x + 30)}" y="{number(middle + 4.5)}">{state.arrow}</text>'
        f'<text class="label" x="{number(x + 40)}" y="{number(middle + 4.3)}">{escape(shown)}</text></a></g>'
    )


def icon(panel: Panel, x: float, y: float, icons: pd.DataFrame) -> str:
    """The pictogram of a level, with a spot where the level is."""
    strokes = "".join(
        f'<path class="{escape(str(row["part"]))}" d="{escape(str(row["path"]))}"/>'
        for row in icons[icons["icon"] == panel.icon].to_dict("records")
    )
    spot = f'<circle class="spot" cx="{number(panel.spot[0])}" cy="{number(panel.spot[1])}" r="3.6"/>'
    return f'<g class="icon" aria-hidden="true" transform="translate({number(x)} {number(y)})">{strokes}{spot}</g>'


def word(text: str, kind: str, x: float, y: float, keys: Mapping[str, str]) -> str:
    """A word of the interface; where the page has a key for it, it carries that."""
    key = f' data-t="{escape(keys[text])}"' if text in keys else ""
    return f'<text class="{kind}" x="{number(x)}" y="{number(y)}"{key}>{escape(text)}</text>'


def wrap(text: str, most: int) -> list[str]:
    """One line, or two that are cut to `most` letters each."""
    if len(text) <= most:
        return [text]
    words = text.split(" ")
    first = ""
    while words and len(f"{first} {words[0]}".strip()) <= most:
        first = f"{first} {words.pop(0)}".strip()
    rest = " ".join(words)
    return [line if len(line) <= most else line[: most - 1] + "…" for line in (first, rest) if line]


def legend_words(states: Iterable[State], keys: Mapping[str, str]) -> str:
    """The legend of the marks that occur, as a list."""
    states = list(states)
    items = []
    for name in ORDER:
        if any(state.word == name for state in states):
            outline = f'<path class="shape" d="{SHAPES[name]}"/>'
            shape = f'<svg viewBox="-8 -8 16 16" class="v-{name}" aria-hidden="true">{outline}</svg>'
            items.append(f"<li>{shape}{span(WORDS.get(name, name.replace('_', ' ')), keys)}</li>")
    for arrow, meaning in ARROW_WORDS.items():
        if arrow and any(state.arrow == arrow for state in states):
            items.append(f'<li><b aria-hidden="true">{arrow}</b>{span(meaning, keys)}</li>')
    return f'<ul class="map-legend">{"".join(items)}</ul>'


def span(text: str, keys: Mapping[str, str]) -> str:
    """A word of the legend."""
    key = f' data-t="{escape(keys[text])}"' if text in keys else ""
    return f"<span{key}>{escape(text)}</span>"
