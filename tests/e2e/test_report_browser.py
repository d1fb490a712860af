"""The report in a real browser: tables are built, nothing is executed that came as data, the console stays silent."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from acuomics.files import read_json, read_tsv
from acuomics.report.page import write_page
from acuomics.report.read import read_study
from acuomics.report.study import draw_and_describe
from tests.unit.report.fake_results import PAIR, SETTINGS, FakeStudy, write_fake_study
from tests.unit.report.fake_verdicts import write_fake_set_tests, write_fake_verdicts

ASSETS = Path(__file__).parents[2] / "workflow" / "report"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
HOSTILE = "<img src=x onerror=document.body.dataset.broken=1>"
# Measures the page at a width: whether it scrolls sideways, and where the key numbers of the overview lie, clipped by
# whatever box around them scrolls; a number that a reader must scroll to does not lie within the screen.
PROBE = """<!DOCTYPE html><body>
<iframe id="f" style="border:0;width:{width}px;height:800px" src="{page}"></iframe><script>
onload = () => {{
  const frame = document.getElementById("f");
  const d = frame.contentDocument;
  document.body.dataset.wide = d.documentElement.scrollWidth;
  document.body.dataset.room = d.documentElement.clientWidth;
  const seen = (cell) => {{
    const box = cell.getBoundingClientRect();
    let [left, right] = [0, d.documentElement.clientWidth];
    for (let up = cell.parentElement; up; up = up.parentElement) {{
      if (frame.contentWindow.getComputedStyle(up).overflowX === "visible") continue;
      const clip = up.getBoundingClientRect();
      [left, right] = [Math.max(left, clip.left), Math.min(right, clip.right)];
    }}
    return box.width > 0 && box.height > 0 && box.left >= left - 0.5 && box.right <= right + 0.5;
  }};
  for (const cell of d.querySelectorAll("#overview [data-key]")) {{
    document.body.insertAdjacentHTML("beforeend", "<pre></pre>");
    document.body.lastChild.textContent = [cell.dataset.key, cell.textContent.trim(), seen(cell)].join("|");
  }}
  const boxes = [...d.querySelectorAll(".scroll, .dt-layout-table")];
  const wider = boxes.filter((box) => box.scrollWidth > box.clientWidth + 1);
  document.body.dataset.boxes = wider.length;
  document.body.dataset.unhinted = wider.filter((box) => !box.classList.contains("more-right")).length;
  const hinted = boxes.filter((box) => box.className.includes("more-"));
  document.body.dataset.mishinted = hinted.filter((box) => !wider.includes(box)).length;
  const heights = [...d.querySelectorAll("table[id*=table-reversal] tbody tr")].map((row) => row.offsetHeight);
  document.body.dataset.heights = [...new Set(heights)].join(" ");
}};
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
        files = write_fake_study(root, fake) | {"settests": write_fake_set_tests(root, fake.study)}
        draw_and_describe(read_study(files), out / "figures", out / "study.json", SETTINGS)
    outs = [root / fake.study for fake in fakes]
    page = root / "index.html"
    verdicts = write_fake_verdicts(root, [fake.study for fake in fakes], n_claims=300, hostile=HOSTILE)
    described, figures = [out / "study.json" for out in outs], [out / "figures" for out in outs]
    write_page(described, figures, ASSETS, SETTINGS, page, **verdicts)
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
    assert len(tables) == report.read_text().count(' data-rows="') == 18
    built = dict(tables)
    assert built["demo_phn_mirna-table-de-rtx_vs_control"] == "400"
    assert 2000 <= int(built["demo_phn_mrna-table-de-rtx_vs_control"]) <= 2050
    # The first page of every long table stands in the document, the rest waits.
    assert 12 * 10 <= dom.count("<tr") < 700
    assert int(built["demo_phn_mrna-table-verdicts"]) > 300
    assert built["demo_phn_mrna-table-mechanism-verdicts"] == "6"
    assert built["demo_phn_mrna-table-settests"] == "12"
    assert "data-broken" not in dom
    assert "−" in dom  # numbers were written by the page's own renderer


def test_a_script_error_would_be_seen(report: Path, tmp_path: Path) -> None:
    broken = report.with_name("broken.html")
    broken.write_text(report.read_text().replace('"use strict";', '"use strict"; undefinedFunction();', 1))
    assert browse(broken, tmp_path)[1]


def measure(page: Path, profile: Path, width: int) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """What `PROBE` found at a width: the facts of the page, and key, text and visibility of the key cells."""
    probe = page.with_name(f"probe{width}_{page.name}")
    probe.write_text(PROBE.format(width=width, page=page.name))
    dom, _ = browse(probe, profile, "--window-size=1600,1000")
    facts = dict(re.findall(r'data-([a-z]+)="([^"]*)"', re.search(r"<body[^>]*>", dom).group()))
    return facts, re.findall(r"<pre>([a-z]+)\|([^|<]*)\|([a-z]+)</pre>", dom)


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_and_its_key_numbers_fit_the_screen(report: Path, tmp_path: Path, width: int) -> None:
    facts, cells = measure(report, tmp_path, width)
    # The rest of the width is the bar that scrolls down.
    assert width - 20 <= int(facts["room"]) <= width
    assert 0 < int(facts["wide"]) <= int(facts["room"])
    summary = read_json(report.parent / "results" / "demo_phn_mrna" / "reversal" / f"{PAIR}.json")
    assert [key for key, _, _ in cells] == ["reversed", "null", "nominal"] * 2
    assert [text for _, text, _ in cells][3:] == [
        f"{summary['reversed']}",
        "0.15",
        f"{summary['nominal_venn_opposite']}",
    ]
    assert {visible for _, _, visible in cells} == {"true"}
    # Boxes that scroll say so, the others do not; rows are of one height.
    assert int(facts["boxes"]) >= 5
    assert facts["unhinted"] == facts["mishinted"] == "0"
    assert len(facts["heights"].split()) == 1


def test_key_numbers_out_of_the_screen_would_be_seen(report: Path, tmp_path: Path) -> None:
    wide = report.with_name("wide.html")
    wide.write_text(report.read_text().replace("</style>", ".overview { min-width: 900px; }</style>", 1))
    _, cells = measure(wide, tmp_path, 390)
    assert "false" in {visible for _, _, visible in cells}


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
