# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""YAML in a readable layout: texts wrapped, short lists and samples on one line."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

WIDTH = 120
WORDS = 4
"""A list of scalars with more words than these has a line for each."""

SIMPLE = re.compile(r"[\w.][\w./@=+> -]*")
"""What needs no quotes on a line with others, unless YAML takes it for something else than a text."""


def laid_out(data: Any, indent: int = 0) -> str:
    """Return data as YAML, each line indented by so many blanks. Raises ValueError where it would not read the same."""
    text = "\n".join(_lines(data, indent)) + "\n"
    if yaml.safe_load(text) != data:
        raise ValueError(f"laid out, it reads otherwise:\n{text}")
    return text


def _lines(data: Any, indent: int) -> Iterator[str]:
    blanks = " " * indent
    if isinstance(data, Mapping) and data:
        for key, value in data.items():
            yield from _entry(f"{blanks}{_scalar(key)}:", value, indent, inner=key in ("sample", "membership"))
    elif isinstance(data, Sequence) and not isinstance(data, str) and data:
        for value in data:
            if isinstance(value, Mapping) and value:
                first, *rest = _lines(value, indent + 2)
                yield f"{blanks}- {first.lstrip()}"
                yield from rest
            else:
                yield from _entry(f"{blanks}-", value, indent, inner=False)
    else:
        yield blanks + _flow(data)


def _entry(head: str, value: Any, indent: int, *, inner: bool) -> Iterator[str]:
    short = f"{head} {_flow(value)}" if not isinstance(value, str) else ""
    if isinstance(value, str):
        yield from _text(head, value, indent + 2)
    elif not isinstance(value, Mapping | list) or not value or (len(short) <= WIDTH and _is_flat(value, inner)):
        yield short
    else:
        yield head
        yield from _lines(value, indent + 2)


def _is_flat(value: Any, inner: bool) -> bool:
    """Whether a list or a mapping may stand on one line."""
    if isinstance(value, Mapping):
        return inner and all(not isinstance(each, Mapping | list) for each in value.values())
    return all(
        isinstance(each, int | float) or (isinstance(each, str) and len(each.split()) <= WORDS) for each in value
    )


def _text(head: str, text: str, indent: int) -> Iterator[str]:
    if "\n" in text:
        yield f"{head} |" if text.endswith("\n") else f"{head} |-"
        yield from (" " * indent + line if line else "" for line in text.splitlines())
    elif len(line := f"{head} {_scalar(text)}") <= WIDTH:
        yield line
    elif _is_plain(text):
        yield from wrapped(head, text, " " * indent)
    else:
        yield f"{head} >-"
        yield from wrapped("", text, " " * indent)


def wrapped(head: str, text: str, blanks: str) -> list[str]:
    """Return a text as lines: the first behind its head, the others behind blanks."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=f"{head} " if head else blanks,
        subsequent_indent=blanks,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _is_plain(text: str) -> bool:
    """Whether a text means itself without quotes, also when it is broken into lines."""
    try:
        return bool(yaml.safe_load(f"- {text}") == [text]) and " #" not in text and ": " not in text
    except yaml.YAMLError:
        return False


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return (
            value if _is_plain(value) else yaml.dump(value, default_style='"', width=10_000, allow_unicode=True).strip()
        )
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return str(value)


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(each) for each in value) + "]"
    if isinstance(value, str) and not SIMPLE.fullmatch(value):
        return _quoted(value)
    return _scalar(value)


def _quoted(text: str) -> str:
    return yaml.dump(text, default_style='"', width=10_000, allow_unicode=True).strip()
