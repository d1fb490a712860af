"""Take the picture of the report that the README shows.

``python docs/picture.py results/report docs/images/report.png`` (`make picture`). The report of the embedded, simulated
studies is meant (`make run`); its pages need no network. Needs a Chromium: the system's, or the one that playwright
installs.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

#: What is seen, in CSS pixels.
WIDTH, HEIGHT = 1280, 860
#: A picture for a README is small.
LARGEST = 300_000


def take(page_path: Path, out: Path) -> int:
    """Take the picture of one page; give its size in bytes."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        # Chromium's sandbox does not run as root, as in a container; the page is our own.
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light", locale="en-GB")
        page.goto(page_path.resolve().as_uri())
        page.wait_for_load_state("networkidle")
        out.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(out), animations="disabled")
        browser.close()
    return out.stat().st_size


def main(arguments: list[str]) -> int:
    """Take the picture; give the exit status."""
    if len(arguments) != 2 or not (Path(arguments[0]) / "index.html").is_file():
        print("no report yet: make run, then make picture", file=sys.stderr)
        return 1
    size = take(Path(arguments[0]) / "index.html", Path(arguments[1]))
    if size > LARGEST:
        print(f"{arguments[1]} has {size} bytes, more than {LARGEST}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
