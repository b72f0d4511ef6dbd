# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTML that is built from elements: what is not an element is a text, and is escaped.

PRIVATE to the collection.
"""

from __future__ import annotations

import html
import typing as t
from collections.abc import Iterable, Sequence

LISTED = 1000
"""Entries of a list that the page shows; evidence.json has them all."""

FOLDED = 10
"""A list that is longer than this is folded."""

Child = t.Union["Html", str, int, None]


class Html(str):
    """A text that is HTML already."""

    __slots__ = ()


def escaped(value: Child) -> Html:
    """Return a text as HTML shows it; what UTF-8 cannot carry is replaced."""
    if isinstance(value, Html):
        return value
    return Html("" if value is None else html.escape(str(value).encode("utf-8", "replace").decode()))


def joined(*children: Child) -> Html:
    return Html("".join(map(escaped, children)))


def element(name: str, *children: Child, **attributes: str | int | bool | None) -> Html:
    """Return an element. An attribute without a value is left out, one that is true stands alone.

    Python's reserved words get an underscore at their end, and an underscore within is a hyphen.
    """
    written = []
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        attribute = key.rstrip("_").replace("_", "-")
        written.append(f" {attribute}" if value is True else f' {attribute}="{escaped(value)}"')
    return Html(f"<{name}{''.join(written)}>{joined(*children)}</{name}>")


def table(head: Sequence[str], body: Iterable[Html], **attributes: str) -> Html:
    """Return a table that may be wider than the page, of rows that are elements already."""
    heads = joined(*(element("th", title, scope="col") for title in head))
    content = joined(element("thead", element("tr", heads)), "\n", element("tbody", joined(*body)))
    return element("div", element("table", content, class_="plain", **attributes), class_="wide")


def row(*cells: Child) -> Html:
    """Return a row of cells, each a text or an element that belongs into one."""
    return joined(element("tr", joined(*(element("td", cell) for cell in cells))), "\n")


def people(count: int) -> str:
    return counted(count, "leaver")


def counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def duration(seconds: int | None) -> str:
    """Return a duration in its two largest units."""
    if seconds is None:
        return "\N{EN DASH}"
    left, parts = abs(seconds), []
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count:,} {unit}")
    text = " ".join(parts[:2]) or "0 s"
    return f"{text} before" if seconds < 0 else text


def time(moment: str | None) -> Html:
    """Return a moment in UTC as people read it."""
    if moment is None:
        return escaped("\N{EN DASH}")
    return element("time", moment.replace("T", " ").replace("Z", " UTC"), datetime=moment)


def mono(text: str | None) -> Html:
    return element("span", text, class_="mono")


def below(text: str) -> Html | None:
    return element("span", text, class_="under") if text else None


def spaced(name: str) -> str:
    return name.replace("_", " ")


def folded(summary: str, head: Sequence[str], rows: Sequence[Html], entries: Sequence[t.Any]) -> Html | None:
    """Return a table that is folded where it is long, and that says what of it is not shown."""
    if not entries:
        return None
    content = joined(table(head, rows), _not_shown(entries))
    return element("details", element("summary", summary), content, open=len(entries) <= FOLDED)


def _not_shown(entries: Sequence[t.Any]) -> Html | None:
    if len(entries) <= LISTED:
        return None
    return element("p", f"Shown are {LISTED:,} of {len(entries):,}; evidence.json has them all.", class_="hint")
