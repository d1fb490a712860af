"""The site in a real browser: a silent console, search, filters, the map, two languages, downloads, hostile names."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from acuomics.files import read_json, read_tsv
from acuomics.report.site.assets import write_vega
from tests.browser import BROWSER, Visit, browser, cpu_of_first_render, violations, visit
from tests.sites import FakeSite, has_module, write_fake_site
from tests.unit.report.fake_results import PAIR, FakeStudy
from tests.unit.report.fake_verdicts import write_fake_verdicts

HOSTILE = "<img src=x onerror=document.body.dataset.broken=1></script><script>document.body.dataset.broken=2</script>"
MRNA, MIRNA = "studies/demo_phn_mrna.html", "studies/demo_phn_mirna.html"
PAGES = (
    "index.html",
    MRNA,
    MIRNA,
    "levels/spinal.html",
    "synthesis.html",
    "catalogue.html",
    "methods.html",
    "provenance.html",
)
REVERSAL = f"table-reversal-{PAIR}"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no chromium, chromium-browser or google-chrome on the path"),
]


@pytest.fixture(scope="module")
def vega(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("vega") / "vega.js"
    write_vega(path)
    return path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, vega: Path) -> FakeSite:
    """Two studies of the demo's size, one with hostile names in its data and a chart that a test can brush."""
    root = tmp_path_factory.mktemp("site")
    hostile = FakeStudy(study="demo_phn_mirna", assay="mirna", n_features=400, seed=2, hostile=HOSTILE)
    verdicts = write_fake_verdicts(root, ["demo_phn_mirna", "demo_phn_mrna"], n_claims=120, hostile=HOSTILE)
    place(vega, root)
    write_fake_site(root, hostile, charts="simple")
    described = read_json(root / "results" / "demo_phn_mirna" / "report" / "study.json")
    return write_fake_site(
        root, FakeStudy(n_features=4000), described=[described], curated=True, charts="real", **verdicts
    )


def place(vega: Path, root: Path) -> None:
    """Put the library of charts where the pages of ``root/results/report`` look for it."""
    into = root / "results" / "report" / "vega" / "vega.js"
    into.parent.mkdir(parents=True)
    into.write_bytes(vega.read_bytes())


@pytest.fixture(scope="module")
def launched() -> Iterator[Any]:
    with browser() as it:
        yield it


@pytest.fixture
def study(launched: Any, site: FakeSite) -> Iterator[Visit]:
    """The page of the study with a chart that a test can brush."""
    there = visit(launched, site.root / MIRNA)
    yield there
    there.page.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_built_without_a_word_in_the_console(launched: Any, site: FakeSite, name: str) -> None:
    there = visit(launched, site.root / name).everything()
    page = there.page
    assert there.faults == [] and there.elsewhere == []
    assert page.locator("table[data-rows]:not([data-built])").count() == 0
    assert page.locator("figure[data-chart]:not([data-mounted])").count() == 0
    assert page.evaluate("document.body.dataset.broken") is None
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert violations(page) == []
    if name == MRNA:
        built = page.locator(f"#{REVERSAL}").get_attribute("data-built")
        assert 2000 <= int(built or 0) <= 4000
        assert page.locator("canvas").count() >= 1
    page.context.close()


def test_a_script_error_and_a_bad_contrast_would_be_seen(launched: Any, site: FakeSite) -> None:
    broken = site.root / "broken.html"
    source = site.source("methods.html").replace("<main ", '<main style="color:#eee;background:#fff" ')
    broken.write_text(source.replace("</body>", "<script>undefinedFunction();</script></body>"))
    there = visit(launched, broken)
    assert any("undefinedFunction" in fault for fault in there.faults)
    assert any(fault.startswith("color-contrast") for fault in violations(there.page))
    there.page.context.close()


@pytest.mark.parametrize("name", ["index.html", "levels/spinal.html"])
def test_the_dark_page_has_no_serious_fault_either(launched: Any, site: FakeSite, name: str) -> None:
    there = visit(launched, site.root / name, color_scheme="dark").everything()
    assert violations(there.page) == []
    there.page.context.close()


@pytest.mark.parametrize("width", [390, 820, 1920])
def test_pages_fit_the_screen_and_show_their_key_numbers(launched: Any, site: FakeSite, width: int) -> None:
    for name in ("index.html", MRNA) if width != 820 else ("levels/spinal.html",):
        there = visit(launched, site.root / name, width).everything()
        assert there.page.evaluate("document.documentElement.scrollWidth") <= width, name
        for cell in there.page.locator("#overview [data-key]").all():
            box = cell.bounding_box()
            assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width
        # Nothing that stays in place lies over the text of a narrow screen.
        stays = there.page.evaluate("getComputedStyle(document.querySelector('.contents')).position")
        assert stays == ("static" if width < 1080 else "sticky")
        # Boxes that scroll say so, the others do not.
        wrong = there.page.evaluate(
            """() => [...document.querySelectorAll(".scroll, .dt-layout-table")].filter((box) =>
                 (box.scrollWidth > box.clientWidth + 1) !== box.className.includes("more-")).length"""
        )
        assert wrong == 0, name
        there.page.context.close()


def test_a_gene_is_marked_in_charts_and_shown_alone_in_tables(study: Visit) -> None:
    study.everything()
    page, name = study.page, "rno-miR-7-5p"
    page.fill("#gene-name", name.upper())
    page.press("#gene-name", "Enter")
    page.wait_for_function("document.documentElement.dataset.gene === 'rno-mir-7-5p'")
    shown = page.locator(f"#{REVERSAL} tbody tr")
    assert shown.count() == 1 and name in shown.inner_text()
    marked = page.evaluate("acuomics.mountedViews().map(([chart, view]) => view.signal('highlight'))")
    assert marked and set(marked) == {name.upper()}
    assert "de_rtx_vs_control" in page.locator("#gene-card").inner_text()
    assert name.upper() in page.locator("#announce").inner_text()
    page.click("#gene-clear")
    page.wait_for_function("document.documentElement.dataset.gene === ''")
    assert shown.count() == 10
    page.fill("#gene-name", "nobody")
    page.press("#gene-name", "Enter")
    page.wait_for_selector("#gene-card:has-text('nobody')")
    assert "not among the features" in page.locator("#gene-card").inner_text()
    assert study.faults == []


def test_tables_filter_sort_and_search_by_keyboard(launched: Any, site: FakeSite) -> None:
    table = read_tsv(site.root.parent / "demo_phn_mrna" / "reversal" / f"{PAIR}.tsv", dtype={"feature": str})
    there = visit(launched, site.root / MRNA).everything()
    box = there.page.locator(f".dt-container:has(#{REVERSAL})")
    first = box.locator("tbody tr").first.locator("td").first
    start = box.locator(".dt-info").inner_text()
    box.locator(".quick select").select_option(label="reversed")
    assert box.locator(".dt-info").inner_text().startswith(f"1 to 10 of {int(table['reversed'].sum()):,} ")
    box.locator(".quick select").select_option(label="all")
    assert box.locator(".dt-info").inner_text() == start
    head = box.locator("thead th").filter(has_text=re.compile("^q reversal"))
    order = head.locator(".dt-column-order")
    order.focus()
    there.page.keyboard.press("Enter")
    by_q = table.sort_values("q_reversal", na_position="last")
    # The table sorts after the key, not with it.
    cell = [f"#{REVERSAL} tbody td", str(by_q["symbol"].iloc[0])]
    there.page.wait_for_function("([cell, name]) => document.querySelector(cell).textContent === name", arg=cell)
    order.focus()
    there.page.keyboard.press("Enter")
    there.page.wait_for_function("([cell, name]) => document.querySelector(cell).textContent !== name", arg=cell)
    # The largest q, not a missing one.
    assert by_q.loc[by_q["symbol"] == first.inner_text(), "q_reversal"].iloc[0] > 0.5
    box.locator(".dt-search input").fill("Gene147")
    there.page.wait_for_function(f"document.querySelector('#{REVERSAL} tbody td').textContent === 'Gene147'")
    there.page.context.close()


def test_the_map_leads_to_a_claim_with_its_words_and_our_numbers(launched: Any, site: FakeSite) -> None:
    there = visit(launched, site.root / "index.html")
    drawn = there.page.locator('.map a[href="levels/spinal.html#EAM-0001"]:visible')
    if not has_module("acuomics.report.mechanism_map"):
        there.open(site.root / "levels" / "spinal.html", "#EAM-0001")
    else:
        drawn.first.focus()
        there.page.keyboard.press("Enter")
        there.page.wait_for_url("**/levels/spinal.html#EAM-0001")
    section = there.page.locator("#EAM-0001")
    assert section.evaluate("(part) => part === document.activeElement && part.classList.contains('arrived')")
    words = section.inner_text()
    assert "内源性内啡肽" in words and "(our translation)" in words and "lines 115 to 115" in words
    there.page.context.close()


def test_the_language_changes_everywhere_and_is_kept(launched: Any, site: FakeSite) -> None:
    there = visit(launched, site.root / MIRNA)
    page = there.page
    page.click("#language")
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert page.locator("#reversal h2").inner_text().startswith("逆转")
    assert "受检" in page.locator(".answer li").first.inner_text()
    there.everything()
    heads = page.locator(f"#{REVERSAL} thead th")
    assert heads.first.inner_text() == "符号"
    assert "log2 倍数变化" in (heads.filter(has_text="log2FC 模型").get_attribute("title") or "")
    assert page.locator(".dt-search label").first.inner_text() == "查找"
    # What is said in English only stands as such for a screen reader.
    assert page.locator(".prose").first.get_attribute("lang") == "en"
    assert violations(page) == []
    there.open(site.root / "methods.html")
    assert page.locator("h1").inner_text() == "方法"
    page.click("#language")
    assert page.locator("h1").inner_text() == "Methods"
    assert there.faults == []
    page.context.close()


def test_tables_come_back_as_they_were_after_a_change_of_language(study: Visit) -> None:
    study.everything()
    page = study.page
    page.locator(f".dt-container:has(#{REVERSAL}) .quick select").select_option(label="reversed")
    info = page.locator(f".dt-container:has(#{REVERSAL}) .dt-info")
    before = re.findall(r"\d+", info.inner_text())
    page.click("#language")
    assert re.findall(r"\d+", info.inner_text()) == before
    assert page.locator(f"#{REVERSAL} tbody tr").count() == 10
    assert study.faults == []


def test_downloads_are_the_files(launched: Any, site: FakeSite, tmp_path: Path) -> None:
    there = visit(launched, site.root / MRNA, accept_downloads=True)
    note = there.page.locator(".note", has=there.page.locator("text=/\\/de\\/tables\\/ea_vs_rtx.tsv$/")).first
    source = site.root.parent / "demo_phn_mrna" / "de" / "tables" / "ea_vs_rtx.tsv"
    saved = {}
    for name in ("TSV", "XLSX"):
        with there.page.expect_download() as waiting:
            note.get_by_role("link", name=name, exact=True).click()
        saved[name] = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(saved[name])
    assert saved["TSV"].name == "ea_vs_rtx.tsv"
    assert saved["TSV"].read_bytes() == source.read_bytes()
    with zipfile.ZipFile(saved["XLSX"]) as parts:
        sheet = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    assert len(list(sheet.iter(f"{space}row"))) == len(source.read_text().splitlines())
    there.page.context.close()


def test_a_chart_is_brushed_to_a_table_and_saved_as_svg(study: Visit, tmp_path: Path) -> None:
    study.everything()
    page = study.page
    figure = page.locator("figure[data-chart]").first
    canvas = figure.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.7 * box["height"], steps=4)
    page.mouse.up()
    figure.locator(".brushed table").wait_for()
    shown = figure.locator(".brushed tbody tr").count()
    assert 0 < shown <= 200
    assert re.match(rf"\d+ selected; {shown} are listed", figure.locator(".brushed p").inner_text())
    with page.expect_download() as waiting:
        figure.get_by_role("button", name="SVG").click()
    waiting.value.save_as(tmp_path / "chart.svg")
    root = ElementTree.parse(tmp_path / "chart.svg").getroot()
    assert root.tag.endswith("svg")
    assert waiting.value.suggested_filename == "demo_phn_mirna_scatter.svg"
    assert study.faults == []


def test_the_theme_is_the_readers(study: Visit) -> None:
    page = study.everything().page
    look = "() => getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(look)
    page.click("#theme")
    assert (page.evaluate("document.documentElement.dataset.theme"), page.evaluate(look)) == ("light", light)
    page.click("#theme")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate(look) != light
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert study.faults == []


def test_on_paper_the_controls_are_gone(study: Visit) -> None:
    page = study.everything().page
    page.emulate_media(media="print")
    for part in (".bar", ".gene", ".contents", ".chart .live"):
        assert not page.locator(part).first.is_visible()
    assert page.locator(".answer").is_visible()


def test_without_storage_and_motion_the_page_works(launched: Any, site: FakeSite) -> None:
    context = launched.new_context(reduced_motion="reduce")
    context.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('denied'); }})")
    there = Visit(context.new_page()).open(site.root / "index.html")
    there.page.click("#language")
    assert there.page.evaluate("document.documentElement.lang") == "zh-CN"
    assert there.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert there.faults == []
    context.close()


def test_thirty_thousand_genes_are_drawn_in_two_seconds(launched: Any, vega: Path, tmp_path: Path) -> None:
    fake = FakeStudy(n_features=30_000)
    place(vega, tmp_path)
    site = write_fake_site(tmp_path, fake, charts="real")
    loaded = sum(path.stat().st_size for path in site.root.rglob("*.js")) + (site.root / MRNA).stat().st_size
    loaded += sum(path.stat().st_size for path in (*site.root.rglob("*.css"), *site.root.rglob("*.svg")))
    assert loaded < 6_000_000
    assert cpu_of_first_render(launched, site.root / MRNA) < 2.0
