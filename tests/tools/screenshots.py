# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Take the pictures that the documentation shows: the report, light with a cell opened and dark, and the console."""

from __future__ import annotations

import base64
import io
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import Image
from selenium.webdriver import Chrome

from ansible_collections.saas.offboarding.plugins.plugin_utils._console import matrix
from ansible_collections.saas.offboarding.plugins.plugin_utils._report_html import render_html
from harness.browser import browser
from harness.documents import leaver, offboard_document
from harness.tree import REPOSITORY

IMAGES = REPOSITORY / "docs" / "docsite" / "rst" / "images"
WIDTH = 1280
MOST_BYTES = 250_000
CONSOLE = IMAGES / "console.svg"
LINE, CHARACTER, MARGIN = 18, 7.85, 16
"""Pixels of a line, and of a character of a monospaced font of 13 px."""

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


def console_svg(lines: Sequence[str]) -> str:
    """Return a picture of lines as a terminal shows them."""
    width = round(max(map(len, lines)) * CHARACTER) + 2 * MARGIN
    height = len(lines) * LINE + 2 * MARGIN
    texts = "".join(
        f'    <text x="{MARGIN}" y="{MARGIN + LINE * number - 5}">{escape(line).replace(" ", "&#160;")}</text>\n'
        for number, line in enumerate(lines, 1)
        if line
    )
    return (
        # REUSE-IgnoreStart
        "<!--\nSPDX-License-Identifier: GPL-3.0-or-later\nCopyright: (c) 2026, saas.offboarding contributors\n-->\n"
        # REUSE-IgnoreEnd
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img" aria-labelledby="title" font-family="monospace" font-size="13">\n'
        '  <title id="title">The result of a run on the console: leavers by tenants, totals for each tenant, '
        "and the reasons of what failed.</title>\n"
        f'  <rect width="{width}" height="{height}" rx="6" fill="#1b1f24"/>\n'
        f'  <g fill="#e6edf3">\n{texts}  </g>\n</svg>\n'
    )


def main() -> int:
    CONSOLE.write_text(console_svg(matrix(offboard_document())[:-2]), encoding="utf-8")
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
