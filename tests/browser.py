"""The browser that is installed, driven by Playwright; without one these tests are skipped and say why."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
BROWSER = next((found for name in NAMES if (found := shutil.which(name))), None)
needs_browser = pytest.mark.skipif(BROWSER is None, reason=f"no browser is installed; wanted one of {', '.join(NAMES)}")


@contextmanager
def opened(path: Path, width: int = 1400, height: int = 900, scheme: str = "light") -> Iterator[Page]:
    """The page at `path`, opened as a file without a network; an error in its script or a refused resource fails the test."""
    with sync_playwright() as driver:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's sandbox does not start as root
        browser = driver.chromium.launch(executable_path=BROWSER, args=arguments)
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, offline=True, accept_downloads=True
        )
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("dialog", lambda dialog: (faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.goto(path.resolve().as_uri())
        yield page
        browser.close()
        assert not faults, faults


def pressed(page: Page, keys: str) -> None:
    for key in keys.split():
        page.keyboard.press(key)


def downloaded(page: Page, folder: Path) -> Path:
    """What the key `d` downloads, saved under its own name."""
    with page.expect_download() as waiting:
        page.keyboard.press("d")
    target = folder / waiting.value.suggested_filename
    waiting.value.save_as(target)
    return target
