# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Take the pictures of the report that the documentation shows: light with a cell opened, and dark."""

from __future__ import annotations

import base64
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from selenium.webdriver import Chrome

from ansible_collections.saas.offboarding.plugins.plugin_utils._report_html import render_html
from harness.browser import browser
from harness.documents import leaver, offboard_document
from harness.tree import REPOSITORY

IMAGES = REPOSITORY / "docs" / "images"
WIDTH = 1280
MOST_BYTES = 250_000

OPENED = f'tr[data-email="{leaver(9)}"] td[data-tenant="laurel"] button'


def take(chrome: Chrome, address: str, scheme: str, opened: str | None = None) -> bytes:
    """Return a picture of the page from its top to the end of the matrix."""
    chrome.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    chrome.get(address)
    if opened:
        chrome.find_element("css selector", opened).click()
    end = chrome.execute_script(
        "document.activeElement.blur(); scrollTo(0, 0);"
        "return document.getElementById('leavers').getBoundingClientRect().bottom"
    )
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": round(end) + 18, "scale": 1}
    taken = chrome.execute_cdp_cmd("Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True})
    return small(base64.b64decode(taken["data"]))


def small(picture: bytes) -> bytes:
    """Return a picture with a palette, which has enough colours for text and areas and needs a third of the space."""
    file = io.BytesIO()
    colours = (
        Image.open(io.BytesIO(picture))
        .convert("RGB")
        .quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=4, dither=Image.Dither.NONE)
    )
    colours.save(file, "PNG", optimize=True)
    return file.getvalue()


def main() -> int:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, browser(width=WIDTH) as chrome:
        page = Path(place) / "report.html"
        page.write_text("".join(render_html(offboard_document())), encoding="utf-8")
        pictures = {
            "light": take(chrome, page.as_uri(), "light", OPENED),
            "dark": take(chrome, page.as_uri(), "dark"),
        }
    for scheme, picture in pictures.items():
        file = IMAGES / f"report-{scheme}.png"
        file.write_bytes(picture)
        print(f"{file.relative_to(REPOSITORY)}: {len(picture):,} bytes")
    return int(any(len(picture) > MOST_BYTES for picture in pictures.values()))


if __name__ == "__main__":
    sys.exit(main())
