"""The map of mechanisms: periphery to cortex as one picture (SVG), every curated mechanism at its level."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from acuomics.files import read_tsv
from acuomics.mechanisms.curated import CuratedSet
from acuomics.report.map_draw import Panel, Picture, draw_picture, legend_words
from acuomics.report.map_states import ARROW_WORDS, State, mechanism_states
from acuomics.report.words import listing

TABLES = ("panels", "levels", "icons", "labels", "paths")
LAYOUTS = {"wide": 1000, "narrow": 372}


@dataclass(frozen=True)
class MapTables:
    """Where and how things are drawn: the tables of ``workflow/report/map``.

    Attributes
    ----------
    panels : DataFrame
        ``layout, level, band, x, width, columns``: a row a level and layout. Panels of one band and x stand on top of
        each other; bands follow each other downwards.
    levels : DataFrame
        ``level, name, icon, spot_x, spot_y``: what stands above a panel, and where its icon has its mark.
    icons : DataFrame
        ``icon, part, path``: strokes in a box of 40 x 38.
    labels : DataFrame
        ``mechanism_id, label``: names that fit.
    paths : DataFrame
        ``from, to, kind, name``: what leads from level to level (``afferent``, ``ascending``, ``descending``).
    style : str
        ``map.css``: the look, for light and dark alike.
    """

    panels: pd.DataFrame
    levels: pd.DataFrame
    icons: pd.DataFrame
    labels: pd.DataFrame
    paths: pd.DataFrame
    style: str


def read_map_tables(folder: str | Path) -> MapTables:
    """Read the tables of the drawing (``<folder>/<name>.tsv``)."""
    numbers = {"band": int, "x": float, "width": float, "columns": int, "spot_x": float, "spot_y": float}
    tables = {}
    for name in TABLES:
        table = read_tsv(Path(folder) / f"{name}.tsv", dtype=str)
        tables[name] = table.astype({column: kind for column, kind in numbers.items() if column in table})
    return MapTables(**tables, style=(Path(folder) / "map.css").read_text(encoding="utf-8"))


def draw_map(
    curated: CuratedSet,
    verdicts: pd.DataFrame | None,
    study_levels: Mapping[str, str],
    tables: MapTables,
    link: Callable[[str, str | None], str],
    simulated: Collection[str] = (),
    keys: Mapping[str, str] | None = None,
) -> str:
    """Draw the map.

    Parameters
    ----------
    curated : CuratedSet
    verdicts : DataFrame or None
        ``results/mechanisms/verdicts.tsv``; None or empty draws every mechanism in outline.
    study_levels : mapping of str to str
        Study to the level of its tissue.
    tables : MapTables
    link : callable
        Gives the address of a level and mechanism, or of a level (mechanism None).
    simulated : collection of str
        Studies that are simulated. They count only where there is no other, and the map says so.
    keys : mapping of str to str, optional
        English words to their keys in the page's table of words; elements with such words carry ``data-t``.

    Returns
    -------
    str
        An element with two pictures, of which the page shows the one that fits its width (the stylesheet is inside).
        Text and lines have the colour of the text around (``currentColor``); marks tell verdicts by colour and shape.
    """
    real = set(study_levels) - set(simulated)
    only_simulated = not real and bool(study_levels)
    states = mechanism_states(curated, verdicts, study_levels, real or set(study_levels))
    names = dict(zip(curated.mechanisms["mechanism_id"], curated.mechanisms["name"], strict=True))
    labels = dict(zip(tables.labels["mechanism_id"], tables.labels["label"], strict=True))
    studies = {level: sorted(s for s, at in study_levels.items() if at == level and (s in real or only_simulated))
               for level in curated.levels["level"]}  # fmt: skip
    pictures = []
    for layout, width in LAYOUTS.items():
        panels = []
        for row in tables.panels[tables.panels["layout"] == layout].to_dict("records"):
            level = str(row["level"])
            look = tables.levels.set_index("level").loc[level]
            marks = []
            for (at, mechanism), state in states.items():
                if at == level:
                    name = spaced(names.get(mechanism, mechanism))
                    label = labels.get(mechanism) or name
                    marks.append((link(level, mechanism), label, state, told(label, str(look["name"]), state)))
            panels.append(
                Panel(
                    level=level,
                    name=str(look["name"]),
                    band=int(row["band"]),
                    x=float(row["x"]),
                    width=float(row["width"]),
                    columns=int(row["columns"]),
                    icon=str(look["icon"]),
                    spot=(float(look["spot_x"]), float(look["spot_y"])),
                    address=link(level, None) if marks else "",
                    n_studies=len(studies.get(level, [])),
                    marks=marks,
                )
            )
        picture = Picture(layout, width, panels, tables.icons, tables.paths, only_simulated, dict(keys or {}))
        pictures.append(draw_picture(picture, describe(states, only_simulated)))
    legend = legend_words(states.values(), dict(keys or {}))
    return f'<div class="mechanism-map"><style>{tables.style}</style>{"".join(pictures)}{legend}</div>'


def spaced(name: str) -> str:
    """A name of the curated table as words."""
    return name.replace("_", " ")


def told(name: str, level: str, state: State) -> str:
    """What a mark says on hover and to a screen reader."""
    parts = [f"{name}, {level}: {state.word.replace('_', ' ')}", ARROW_WORDS[state.arrow]]
    claims = f"{state.n_claims} claim{'s' if state.n_claims != 1 else ''}, {state.n_testable} testable by RNA"
    if state.counts:
        counts = ", ".join(f"{n} {word.replace('_', ' ')}" for word, n in state.counts.items())
        claims += f"; {listing([s[:60] for s in state.studies])}: {counts}"
    return f"{'; '.join(parts)}; {claims}"


def describe(states: Mapping[tuple[str, str], State], only_simulated: bool) -> str:
    """The description of the whole picture for those who do not see it."""
    levels = len({level for level, _ in states})
    words: dict[str, int] = {}
    for state in states.values():
        words[state.word] = words.get(state.word, 0) + 1
    counts = ", ".join(f"{n} {word.replace('_', ' ')}" for word, n in sorted(words.items(), key=lambda item: -item[1]))
    note = "All verdicts are of simulated studies. " if only_simulated else ""
    return (
        f"{note}From the acupoint over the dorsal root ganglion, the spinal cord and the brainstem to the cortex: "
        f"{len(states)} places of curated mechanisms at {levels} levels. {counts}. Each is a link to its claims."
    )


def check_map_tables(tables: MapTables, curated: CuratedSet) -> Sequence[str]:
    """What the drawing lacks for this curated set: levels with mechanisms that no panel shows, in any layout."""
    with_mechanism = curated.claims[curated.claims["mechanism_id"] != ""]
    needed = {level for cell in with_mechanism["level"] for level in str(cell).split("|")}
    lacking = []
    for layout in LAYOUTS:
        shown = set(tables.panels.loc[tables.panels["layout"] == layout, "level"])
        lacking += [f"{layout}: {level}" for level in sorted(needed - shown)]
    lacking += [f"levels: {level}" for level in sorted(set(tables.panels["level"]) - set(tables.levels["level"]))]
    return lacking
