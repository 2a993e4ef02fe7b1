"""The browser that is installed, driven by Playwright; without one the tests of pages are skipped and say why."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
INSTALLED = next((found for name in NAMES if (found := shutil.which(name))), None)
needs_browser = pytest.mark.skipif(INSTALLED is None, reason=f"no browser is installed; wanted one of {', '.join(NAMES)}")


@contextmanager
def started() -> Iterator[Browser]:
    with sync_playwright() as driver:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's sandbox does not start as root
        browser = driver.chromium.launch(executable_path=INSTALLED, args=arguments)
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, path: Path, width: int = 1400, scheme: str = "light") -> Iterator[Page]:
    """The page at `path`, opened as a file without a network by someone who never was there.

    An error in its script, a dialog or a refused resource fails the test.
    """
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: (faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.goto(path.resolve().as_uri())
    yield page
    context.close()
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
