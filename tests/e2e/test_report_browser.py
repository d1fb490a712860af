"""The report in a real browser: tables are built, nothing is executed that came as data, the console stays silent."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from acuomics.files import read_tsv
from acuomics.report.page import write_page
from acuomics.report.read import read_study
from acuomics.report.study import draw_and_describe
from tests.unit.report.fake_results import PAIR, SETTINGS, FakeStudy, write_fake_study

ASSETS = Path(__file__).parents[2] / "workflow" / "report"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
HOSTILE = "<img src=x onerror=document.body.dataset.broken=1>"
PROBE = """<!DOCTYPE html><body><iframe id="f" style="width:{width}px;height:800px" src="index.html"></iframe><script>
onload = () => {{ const d = document.getElementById("f").contentDocument.documentElement;
document.body.dataset.wide = d.scrollWidth; document.body.dataset.room = d.clientWidth; }};
</script></body>"""

# Chooses a ready-made filter, sorts by a column twice, and searches; what the table shows goes into the document.
CLICKS = """<!DOCTYPE html><body><iframe id="f" style="width:1400px;height:900px" src="index.html"></iframe><script>
onload = () => {{
  const d = document.getElementById("f").contentDocument;
  const box = d.getElementById("{table}").closest(".dt-container");
  const show = (name) => {{
    const cells = [...d.querySelectorAll("#{table} tbody tr:first-child td")].map((cell) => cell.textContent);
    document.body.insertAdjacentHTML("beforeend", "<pre></pre>");
    document.body.lastChild.textContent = [name, box.querySelector(".dt-info").textContent, cells[0]].join("|");
  }};
  const select = box.querySelector(".quick select");
  const choose = (label) => {{
    select.value = [...select.options].find((option) => option.text === label).value;
    select.dispatchEvent(new Event("change"));
  }};
  show("start");
  choose("reversed"); show("reversed");
  choose("all"); show("all");
  const head = [...d.querySelectorAll("#{table} thead th")].find((th) => th.textContent.startsWith("q reversal"));
  head.querySelector(".dt-column-order").click();
  setTimeout(() => {{ show("ascending"); head.querySelector(".dt-column-order").click();
    setTimeout(() => {{ show("descending");
      const find = box.querySelector(".dt-search input");
      find.value = "Gene147"; find.dispatchEvent(new Event("input"));
      setTimeout(() => show("found"), 1000);
    }}, 500); }}, 500);
}};
</script></body>"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no chromium, chromium-browser or google-chrome on the path"),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two studies of the demo's size, one with a hostile name in its data."""
    root = tmp_path_factory.mktemp("report")
    fakes = [
        FakeStudy(study="demo_phn_mirna", assay="mirna", n_features=400, seed=2, hostile=HOSTILE),
        FakeStudy(),
    ]
    for fake in fakes:
        out = root / fake.study
        draw_and_describe(read_study(write_fake_study(root, fake)), out / "figures", out / "study.json", SETTINGS)
    outs = [root / fake.study for fake in fakes]
    page = root / "index.html"
    write_page([out / "study.json" for out in outs], [out / "figures" for out in outs], ASSETS, SETTINGS, page)
    return page


def browse(page: Path, profile: Path, *options: str) -> tuple[str, list[str]]:
    """Open `page`; give back the built document and the lines of the console."""
    done = subprocess.run(
        [
            str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--allow-file-access-from-files", "--enable-logging=stderr", "--v=0", "--virtual-time-budget=10000",
            f"--user-data-dir={profile}", *options, "--dump-dom", page.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def test_report_of_the_demo_size_is_small(report: Path) -> None:
    assert report.stat().st_size < 4_000_000


def test_tables_are_built_without_a_word_in_the_console(report: Path, tmp_path: Path) -> None:
    dom, console = browse(report, tmp_path)
    assert console == []
    tables = re.findall(r'<table id="([^"]+)" data-rows="[^"]+"[^>]*data-built="(\d+)"', dom)
    assert len(tables) == report.read_text().count(' data-rows="') == 12
    built = dict(tables)
    assert built["demo_phn_mirna-table-de-rtx_vs_control"] == "400"
    assert 2000 <= int(built["demo_phn_mrna-table-de-rtx_vs_control"]) <= 2050
    # The first page of every long table stands in the document, the rest waits.
    assert 12 * 10 <= dom.count("<tr") < 600
    assert "data-broken" not in dom
    assert "−" in dom  # numbers were written by the page's own renderer


def test_a_script_error_would_be_seen(report: Path, tmp_path: Path) -> None:
    broken = report.with_name("broken.html")
    broken.write_text(report.read_text().replace('"use strict";', '"use strict"; undefinedFunction();', 1))
    assert browse(broken, tmp_path)[1]


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_does_not_scroll_sideways(report: Path, tmp_path: Path, width: int) -> None:
    probe = report.with_name(f"probe{width}.html")
    probe.write_text(PROBE.format(width=width))
    dom, _ = browse(probe, tmp_path, "--window-size=1600,1000")
    wide, room = (int(re.search(rf'data-{name}="(\d+)"', dom).group(1)) for name in ("wide", "room"))
    assert 0 < wide <= room


def test_tables_filter_sort_and_search(report: Path, tmp_path: Path) -> None:
    results = report.parent / "results" / "demo_phn_mrna" / "reversal"
    table = read_tsv(results / f"{PAIR}.tsv", dtype={"feature": str})
    probe = report.with_name("clicks.html")
    probe.write_text(CLICKS.format(table=f"demo_phn_mrna-table-reversal-{PAIR}"))
    dom, console = browse(probe, tmp_path)
    assert console == []
    seen = {name: (info, first) for name, info, first in re.findall(r"<pre>([a-z]+)\|([^|<]*)\|([^<]*)</pre>", dom)}
    assert set(seen) == {"start", "reversed", "all", "ascending", "descending", "found"}
    assert seen["reversed"][0].startswith(f"1 to 10 of {int((table['reversed'] == True).sum())} ")  # noqa: E712
    assert seen["all"] == seen["start"]
    by_q = table.sort_values("q_reversal", na_position="last")
    assert seen["ascending"][1] == by_q["symbol"].iloc[0]
    # The largest q, not a missing one.
    worst = by_q.loc[by_q["symbol"] == seen["descending"][1], "q_reversal"].iloc[0]
    assert worst > 0.5
    assert seen["found"][1] == "Gene147"
