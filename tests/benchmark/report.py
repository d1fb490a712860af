"""The site of a run: its weight, its first picture, its faults of accessibility, and the build of twelve studies.

Weights are of the page with everything that it loads when read to the end (style, scripts, libraries, chart data); a
study has 30,000 genes and 18 samples. Times are CPU seconds: of the page's main thread, and of the process that writes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmark.output import finish, show
from tests.browser import BROWSER, browser, cpu_of_first_render, violations, visit
from tests.sites import FakeSite, site_of, write_fake_site
from tests.unit.report.fake_results import FakeStudy
from tests.unit.report.fake_verdicts import write_fake_verdicts

N_GENES = 30_000
N_STUDIES = 12
STUDY = "studies/demo_phn_mrna.html"
PAGES = ("index.html", STUDY, "levels/spinal.html", "catalogue.html", "methods.html", "provenance.html")


def megabytes(launched: Any, file: Path) -> float:
    """The page and all it loads when everything is built, in 10^6 bytes."""
    context = launched.new_context(viewport={"width": 1440, "height": 900})
    page, loaded = context.new_page(), set()
    page.on("request", lambda request: loaded.add(request.url))
    page.goto(file.as_uri())
    page.wait_for_function("document.documentElement.dataset.ready === 'true'")
    page.evaluate("async () => { acuomics.buildTables?.(); await acuomics.mountAll?.(); }")
    context.close()
    files = {Path(url.removeprefix("file://").partition("#")[0]) for url in loaded if url.startswith("file://")}
    return sum(path.stat().st_size for path in files) / 1e6


def twelve(root: Path) -> tuple[float, FakeSite]:
    """CPU seconds of writing the site of twelve studies whose results are there, and the site."""
    names = [f"study_{at:02d}" for at in range(N_STUDIES)]
    fakes = [FakeStudy(study=name, n_features=12_000, seed=at) for at, name in enumerate(names)]
    fakes[0] = FakeStudy(study=names[0], assay="mirna", n_features=600)
    verdicts = write_fake_verdicts(root, names, n_claims=180)
    site = write_fake_site(root, *fakes, curated=True, charts="real", **verdicts)
    begin = time.process_time()
    again = site_of(root, site.studies, curated=True, **verdicts)
    return time.process_time() - begin, again


def main() -> None:
    """Print the tables and the figures."""
    if BROWSER is None:
        sys.exit("this benchmark needs chromium, chromium-browser or google-chrome on the path")
    from acuomics.report.site.assets import write_vega

    with tempfile.TemporaryDirectory() as folder, browser() as launched:
        root = Path(folder)
        begin = time.process_time()
        write_vega(root / "one" / "results" / "report" / "vega" / "vega.js")
        bundle = time.process_time() - begin
        verdicts = write_fake_verdicts(root / "one", ["demo_phn_mrna"], n_claims=180)
        site = write_fake_site(root / "one", FakeStudy(n_features=N_GENES), curated=True, charts="real", **verdicts)
        rows, serious = [], 0
        for name in PAGES:
            there = visit(launched, site.root / name).everything()
            found = violations(there.page)
            serious += len(found)
            rows.append([name, megabytes(launched, site.root / name), len(found), len(there.faults)])
            there.page.context.close()
        render = [cpu_of_first_render(launched, site.root / STUDY) for _ in range(3)]
        show(f"A study of {N_GENES:,} genes", ["page", "MB with all it loads", "axe serious", "console"], rows)
        build, many = twelve(root / "twelve")
        index = (many.root / "index.html").stat().st_size / 1e6
        show(
            f"{N_STUDIES} studies",
            ["part", "value"],
            [["CPU s to write the site", build], ["CPU s to bundle Vega, once", bundle], ["index.html, MB", index]],
        )
    finish(
        {
            "index_mb": rows[0][1],
            "study_page_mb": rows[1][1],
            "render_cpu_s": sorted(render)[1],
            "axe_serious": serious,
            "twelve_studies_build_cpu_s": build + bundle,
        }
    )
