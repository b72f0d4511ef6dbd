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
from typing import Any

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.command import Command

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DRIVER = "chromedriver"
ADVICE = (
    "Install Chromium and its driver, and have both on PATH: apt-get install chromium chromium-driver on Debian, "
    "dnf install chromium chromedriver on Fedora, brew install --cask chromium chromedriver on macOS. "
    "Google Chrome will do too, with the chromedriver of its version."
)
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
