"""The page: whole without a network, escaped, the same bytes each time, and it renders when pieces are missing."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from acuomics.files import write_json
from acuomics.report.page import embed_json, inline, render_page, strong, svg_address, with_figures, write_page
from acuomics.report.read import read_study
from acuomics.report.study import describe_study
from tests.unit.report.fake_results import CONTRASTS, SETTINGS, FakeStudy, write_fake_study

ASSETS = Path(__file__).parents[3] / "workflow" / "report"
SVG = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><text>a &amp; "b" #1 100% é</text></svg>'


class Page(HTMLParser):
    """Collects ids, links, images and text outside scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.tags: list[str] = []
        self.alts: list[str | None] = []
        self.text: list[str] = []
        self._skip = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self._skip += tag in ("script", "style")
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "a":
            self.links.append(str(given.get("href")))
        elif given.get("src") or given.get("href"):
            self.loads.append(str(given.get("src") or given.get("href")))
        if tag == "img" and "src" in given:
            self.alts.append(given.get("alt"))

    def handle_endtag(self, tag: str) -> None:
        self._skip -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.text.append(data)


def render(tmp_path: Path, *fakes: FakeStudy) -> str:
    """Render the page of fake studies with a stand-in for every figure."""
    studies = []
    for fake in fakes:
        results = read_study(write_fake_study(tmp_path, fake))
        figures = [
            {"name": f"pca_{i}", "group": group, "title": "T", "caption": "c", "alt": f"alt of {group}"}
            for i, group in enumerate(["samples", *results.tables, *results.reversals])
        ]
        for figure in figures:
            (tmp_path / f"{figure['name']}.svg").write_text(SVG)
        studies.append(with_figures(describe_study(results, figures, SETTINGS), tmp_path))
    return render_page(studies, ASSETS, SETTINGS)


def small(**options: object) -> FakeStudy:
    return FakeStudy(**{"n_features": 300, **options})


def text_of(html: str) -> str:
    return " ".join(" ".join(Page(html).text).split())


def test_page_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    page = Page(render(tmp_path, small()))
    assert all(address.startswith("data:") for address in page.loads)
    assert "link" not in page.tags or page.tags.count("link") == 1  # the empty icon
    assert page.tags.count("h1") == 1
    assert not any(link.startswith(("http:", "//", "/", "file:")) for link in page.links)


def test_every_anchor_leads_somewhere_and_ids_are_unique(tmp_path: Path) -> None:
    page = Page(render(tmp_path, small(), small(study="demo_b", assay="mirna", seed=2)))
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert page.alts
    assert all(alt for alt in page.alts)


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", '"><b>&amp;\u2028']
)
def test_names_from_data_are_escaped(tmp_path: Path, name: str) -> None:
    record = {"title": f"SIMULATED: {name}", "caveats": [name], "source": name, "summary": name}
    html = render(tmp_path, small(hostile=name, record=record))
    assert name not in html
    harmless = render(tmp_path / "b", small())
    assert Page(html).tags.count("script") == Page(harmless).tags.count("script")
    assert Page(html).tags.count("img") == Page(harmless).tags.count("img")
    assert name.replace("\u2028", " ").split()[0] in text_of(html)


def test_simulated_studies_say_so(tmp_path: Path) -> None:
    html = render(tmp_path, small())
    assert "<title>SIMULATED:" in html
    assert re.search(r"<h2>SIMULATED: .*<span class=\"badge\">SIMULATED</span></h2>", html)
    assert "Planted truth" in text_of(html)
    real = render(tmp_path / "real", small(simulated=False))
    assert "SIMULATED" not in text_of(real)
    assert "Planted truth" not in text_of(real)


def test_counts_stand_beside_chance(tmp_path: Path) -> None:
    fake = small()
    text = text_of(render(tmp_path, fake))
    for words in (
        "by chance", "false, expected", "Nominal overlap: p < 0.05 in both contrasts", "mean of 20 relabelings",
        "Share of opposite signs", "without any effect 66.7 % have opposite signs", "p = 0.048, the floor of 20 draws",
        "relabelings keep part of the planted treatment effect", "the permutation p is conservative",
        "observed false discovery",
    ):  # fmt: skip
        assert words in text, words


def test_no_reversal_pair_is_said_with_the_reason(tmp_path: Path) -> None:
    text = text_of(render(tmp_path, small(pairs=False)))
    assert "Reversal was not tested: no model and treatment contrast of this study share an arm" in text


def test_one_contrast_renders(tmp_path: Path) -> None:
    html = render(tmp_path, small(pairs=False, contrasts=CONTRASTS[:1]))
    assert "the study's contrasts lack a contrast of the treatment with the model" in text_of(html)
    assert html.count('data-rows="') == 3  # the contrast, mechanisms, samples


def test_no_significant_feature_renders(tmp_path: Path) -> None:
    text = text_of(render(tmp_path, small(signal=False, seed=6)))
    assert text.count("This does not say that nothing changed") == 3
    assert "no feature was called reversed" in text


def test_no_mechanism_found_is_said_with_the_reason(tmp_path: Path) -> None:
    text = text_of(render(tmp_path, small(mechanisms=False)))
    assert "No feature was annotated: none of the NCBI Gene identifiers of the 180 curated features occurs" in text


def test_no_permutations_and_missing_numbers_render(tmp_path: Path) -> None:
    files = write_fake_study(tmp_path, small())
    results = read_study(files)
    (reversal,) = results.reversals.values()
    reversal.summary.update(permutations={}, null_correlation=None, observed_correlation=None, opposite_sign_share=None)
    results.summary["median_detectable_log2fc"] = float("nan")
    html = render_page([describe_study(results, [], SETTINGS)], ASSETS, SETTINGS)
    assert "No labels were permuted" in html
    assert "−0.5" not in text_of(html)
    assert "nan" not in text_of(html).lower().split()


def test_calls_of_the_permutation_fit_are_told_where_they_differ(tmp_path: Path) -> None:
    results = read_study(write_fake_study(tmp_path, small()))
    (reversal,) = results.reversals.values()
    words = "The fit of the relabelings calls {} under the true labels"
    for observed, told in ((None, False), (reversal.summary["reversed"], False), (999, True)):
        reversal.summary["permutations"]["observed"] = observed
        html = render_page([describe_study(results, [], SETTINGS)], ASSETS, SETTINGS)
        assert (words.format(observed) in html) == told
        assert ("The fit of the relabelings" in html) == told


def test_answer_is_a_list_with_the_reversal_first(tmp_path: Path) -> None:
    html = render(tmp_path, small())
    answer = re.search(r'<div class="answer".*?</div>', html, re.DOTALL).group()
    assert answer.count("<li>") == 6
    assert "Reversal" in re.search(r"<li>(.*?)</li>", answer, re.DOTALL).group(1)


def test_long_tables_say_what_is_left_out_and_where_it_is(tmp_path: Path) -> None:
    text = text_of(render(tmp_path, small(n_features=2600)))
    assert re.search(r"Here are 2,0\d\d of 2,600 rows", text)
    assert "results/demo_phn_mrna/de/tables/rtx_vs_control.tsv" in text


def test_written_page_is_the_same_each_time_without_machine_paths(tmp_path: Path) -> None:
    pages = []
    for name in ("one", "two"):
        root = tmp_path / name
        results = read_study(write_fake_study(root, small(n=3)))
        (root / "pca.svg").write_text(SVG)
        figure = {"name": "pca", "group": "samples", "title": "T", "caption": "c", "alt": "a"}
        write_json(describe_study(results, [figure], SETTINGS), root / "study.json")
        write_page([root / "study.json"], [root], ASSETS, SETTINGS, root / "index.html")
        pages.append((root / "index.html").read_bytes())
    assert pages[0] == pages[1]
    assert str(tmp_path).encode() not in pages[0]
    assert str(ASSETS.parent).encode() not in pages[0]


def test_svg_address_survives_an_attribute() -> None:
    from urllib.parse import unquote

    address = str(svg_address(SVG))
    assert not set('"<>&\n') & set(address)
    assert unquote(address.removeprefix("data:image/svg+xml,")) == SVG[SVG.index("<svg") :]


def test_embedded_json_cannot_end_its_script() -> None:
    text = str(embed_json({"a": "</script><!--&"}))
    assert not set("<>&") & set(text)
    import json

    assert json.loads(text) == {"a": "</script><!--&"}


def test_strong_escapes_first() -> None:
    assert strong("**1 of 2** <b>") == "<strong>1 of 2</strong> &lt;b&gt;"


def test_a_script_that_would_end_its_element_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.js").write_text("'</script>'")
    with pytest.raises(ValueError, match=r"bad\.js contains </script"):
        inline(tmp_path / "bad.js", "script")
