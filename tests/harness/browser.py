# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""A real headless browser that starts with an empty profile and requests no updates."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.command import Command

from .tree import REPOSITORY

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DRIVER = "chromedriver"
ADVICE = (
    "Install Chromium and its driver, and have both on PATH: apt-get install chromium chromium-driver on Debian, "
    "dnf install chromium chromedriver on Fedora, brew install --cask chromium chromedriver on macOS. "
    "Google Chrome will do too, with the chromedriver of its version."
)
AXE = REPOSITORY / ".cache" / "axe" / "axe.min.js"
LEVELS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
PHONE = (375, 812)
"""Pixels of a narrow phone that is held upright."""
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
)


def find_browser() -> tuple[str, str] | None:
    """The paths of a browser and of the driver of its version, or None where one of them is missing."""
    driver = shutil.which(DRIVER)
    if driver is None:
        return None
    browsers = filter(None, map(shutil.which, BROWSERS))
    browser = next((browser for browser in browsers if _major(browser) == _major(driver)), None)
    return (browser, driver) if browser else None


def _major(program: str) -> str | None:
    output = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=60).stdout
    found = re.search(r"\b(\d+)\.\d", output)
    return found[1] if found else None


@contextmanager
def browser(width: int = 1280, height: int = 900) -> Iterator[Chrome]:
    """Start a browser with a new profile. Its logs have the pages' messages and requests."""
    found = find_browser()
    if found is None:
        raise RuntimeError(f"There is no Chromium with its driver on PATH. {ADVICE}")
    options = ChromeOptions()
    options.binary_location = found[0]
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with tempfile.TemporaryDirectory(prefix="offboarding-browser-", ignore_cleanup_errors=True) as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}"):
            options.add_argument(flag)
        chrome = Chrome(options=options, service=Service(executable_path=found[1]))
        try:
            yield chrome
        finally:
            chrome.quit()


def read_log(chrome: Chrome, name: str) -> list[dict[str, Any]]:
    """What has come to one of its logs ("browser" or "performance") since it was read last."""
    entries: list[dict[str, Any]] = chrome.execute(Command.GET_LOG, {"type": name})["value"]
    return entries


@contextmanager
def phone(chrome: Chrome) -> Iterator[None]:
    """Show pages as on a phone."""
    width, height = PHONE
    size = {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": True}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        yield
    finally:
        chrome.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def barriers(chrome: Chrome, axe: Path = AXE) -> list[str]:
    """Return what axe-core finds on the page that keeps people from using it, each with its rule and its elements."""
    if not axe.is_file():
        raise RuntimeError(f"There is no {axe}. Run `make axe`, which takes axe-core from PyPI.")
    if not chrome.execute_script("return typeof axe === 'object'"):
        chrome.execute_script(axe.read_text(encoding="utf-8"))
    found: dict[str, Any] = chrome.execute_async_script(
        """
        const [levels, done] = arguments;
        axe.run(document, {runOnly: levels, resultTypes: ['violations']})
            .then(({violations}) => done({violations}), (fault) => done({fault: `${fault}`}));
        """,
        list(LEVELS),
    )
    if "fault" in found:
        raise RuntimeError(f"axe-core ended with {found['fault']}")
    return [
        f"{rule['id']}: {rule['help']}: {', '.join(' '.join(node['target']) for node in rule['nodes'][:5])}"
        for rule in found["violations"]
    ]
