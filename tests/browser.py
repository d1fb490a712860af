"""A real browser for the tests of the report, and what they do in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
AXE = Path(__file__).resolve().parent / "vendor" / "axe" / "axe.min.js"


@contextmanager
def browser() -> Iterator[Any]:
    """Debian's Chromium, headless, under Playwright."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu", "--force-device-scale-factor=1"]
        )
        yield launched
        launched.close()


@dataclass
class Visit:
    """One page in a tab, with everything that went wrong or left the disk."""

    page: Any
    faults: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda said: self._heard(said))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("requestfailed", lambda request: self.faults.append(f"not loaded: {request.url}"))
        self.page.on("request", lambda request: self._asked(request.url))

    def _heard(self, said: Any) -> None:
        if said.type in ("error", "warning"):
            self.faults.append(said.text)

    def _asked(self, url: str) -> None:
        if not url.startswith(("file:", "data:", "blob:")):
            self.elsewhere.append(url)

    def open(self, file: Path, at: str = "") -> Visit:
        self.page.goto(file.as_uri() + at)
        self.page.wait_for_function("document.documentElement.dataset.ready === 'true'")
        return self

    def everything(self) -> Visit:
        """Build all tables and mount all charts, as a reader does who scrolls to the end."""
        self.page.evaluate("async () => { acuomics.buildTables?.(); await acuomics.mountAll?.(); }")
        # What waits for a timer (hints at boxes, brushes) has come to rest.
        self.page.wait_for_timeout(150)
        return self


def visit(launched: Any, file: Path, width: int = 1440, at: str = "", **options: Any) -> Visit:
    """Open a page in a tab of its own."""
    context = launched.new_context(viewport={"width": width, "height": 900}, **options)
    context.set_default_timeout(20_000)
    return Visit(context.new_page()).open(file, at)


def violations(page: Any) -> list[str]:
    """Serious and critical faults of accessibility that axe-core finds."""
    page.add_script_tag(path=str(AXE))
    # Without its preload, which would fetch style sheets and fail on pages from disk.
    run = "async () => (await axe.run(document, {resultTypes: ['violations'], preload: false})).violations"
    found = page.evaluate(run)
    return [
        f"{fault['id']} ({fault['impact']}): {[node['target'] for node in fault['nodes'][:3]]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


def cpu_of_first_render(launched: Any, file: Path) -> float:
    """Seconds of the page's main thread until it is drawn and at rest, charts and tables in view included."""
    context = launched.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(file.as_uri())
    page.wait_for_function("document.documentElement.dataset.ready === 'true'")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    metrics = {item["name"]: item["value"] for item in session.send("Performance.getMetrics")["metrics"]}
    context.close()
    return float(metrics["TaskDuration"])
