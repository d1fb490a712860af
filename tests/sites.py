"""A site of made-up studies: what the tests of the report and its benchmark look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from acuomics.files import write_json
from acuomics.report.read import StudyResults, read_study
from acuomics.report.site.write import SiteFiles, write_site
from acuomics.report.study import describe_study
from tests.unit.report.fake_results import SETTINGS, FakeStudy, write_fake_study

REPO = Path(__file__).resolve().parents[1]
TEMPLATES = REPO / "workflow" / "report"
CURATED = REPO / "resources" / "mechanisms"
SVG = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><text>a &amp; "b" #1 100% é</text></svg>'


@dataclass
class Page(HTMLParser):
    """Collects ids, links, images and text outside scripts of one page."""

    source: str
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    alts: list[str | None] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    silent: int = 0

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.silent += tag in ("script", "style")
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "a":
            self.links.append(str(given.get("href")))
        elif given.get("src") or given.get("href"):
            self.loads.append(str(given.get("src") or given.get("href")))
        if tag == "img" and "src" in given:
            self.alts.append(given.get("alt"))

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


@dataclass(frozen=True)
class FakeSite:
    """A written site."""

    root: Path
    studies: Sequence[Mapping[str, Any]]

    def source(self, page: str = "") -> str:
        """The text of a page; by default that of the first study."""
        return (self.root / (page or f"studies/{self.studies[0]['study']}.html")).read_text(encoding="utf-8")

    def page(self, page: str = "") -> Page:
        return Page(self.source(page))

    @property
    def pages(self) -> dict[str, Page]:
        """Every page by its address."""
        files = sorted(self.root.rglob("*.html"))
        return {file.relative_to(self.root).as_posix(): Page(file.read_text(encoding="utf-8")) for file in files}


def write_fake_site(
    root: Path,
    *fakes: FakeStudy,
    described: Sequence[Mapping[str, Any]] = (),
    curated: bool = False,
    charts: str = "",
    **files: Any,
) -> FakeSite:
    """Write the site of fake studies, each with a stand-in for every figure, below ``root/results``.

    `described` are studies of which only ``study.json`` is there; `curated`: with the real curated set; `files` are
    further fields of `SiteFiles`; `charts`: none, ``real``, or ``simple`` (see `write_charts`).
    """
    studies: list[Mapping[str, Any]] = []
    for fake in fakes:
        results = read_study(write_fake_study(root, fake))
        groups = ["samples", *results.tables, *results.reversals]
        figures = [
            {"name": f"pca_{i}", "group": group, "title": "T", "caption": "c", "alt": f"alt of {group}"}
            for i, group in enumerate(groups)
        ]
        studies.append(describe_study(results, figures, SETTINGS))
        folder = root / "results" / fake.study / "report" / "figures"
        folder.mkdir(parents=True, exist_ok=True)
        if charts:
            write_charts(results, folder.parent / "charts.json", real=charts == "real")
        for figure in figures:
            (folder / f"{figure['name']}.svg").write_text(SVG, encoding="utf-8")
    return site_of(root, [*studies, *described], curated=curated, **files)


def site_of(root: Path, studies: Sequence[Mapping[str, Any]], curated: bool = False, **files: Any) -> FakeSite:
    """Write the site of described studies below ``root/results/report``."""
    paths = []
    for study in studies:
        paths.append(root / "results" / str(study["study"]) / "report" / "study.json")
        write_json(dict(study), paths[-1])
    given = {"descriptions": paths, "mechanisms": CURATED if curated else None, **files}
    index = root / "results" / "report" / "index.html"
    write_site(SiteFiles(**given), TEMPLATES, SETTINGS, {"seed": SETTINGS["seed"]}, index)
    return FakeSite(index.parent, studies)


def write_charts(results: StudyResults, path: Path, real: bool = True) -> None:
    """Write ``charts.json``: the real one where the checkout has charts, else one scatter by the contract."""
    if real and has_module("acuomics.report.charts"):
        import_module("acuomics.report.charts.study").draw_study_charts(results, path, SETTINGS)
        return
    contrast, table = next(iter(results.tables.items()))
    shown = table[["feature", "symbol", "log2fc", "p"]].dropna()
    spec = {
        "width": "container",
        "height": 240,
        "data": {"name": f"de_{contrast}"},
        "params": [
            {"name": "highlight", "value": ""},
            {"name": "brush", "select": {"type": "interval", "encodings": ["x", "y"]}},
        ],
        "mark": {"type": "point", "filled": True},
        "encoding": {
            "x": {"field": "log2fc", "type": "quantitative"},
            "y": {"field": "p", "type": "quantitative"},
            "size": {"condition": {"test": "lower(datum.symbol) === lower(highlight)", "value": 300}, "value": 12},
            "tooltip": [{"field": "symbol"}, {"field": "log2fc"}],
        },
    }
    chart = {
        "name": "scatter", "group": contrast, "title": "Scatter", "caption": "A point a feature.", "alt": "Points.",
        "spec": spec, "search": "symbol", "brush": "brush", "datasets": [f"de_{contrast}"],
    }  # fmt: skip
    left_out = [{"name": "none", "group": contrast, "title": "Another", "reason": "It cannot be drawn, since <b>."}]
    columns = {name: shown[name].tolist() for name in shown}
    write_json({"charts": [chart], "data": {f"de_{contrast}": {"columns": columns}}, "left_out": left_out}, path)


def has_module(name: str) -> bool:
    """Whether this checkout has a part of the report that another branch makes."""
    return find_spec(name) is not None
