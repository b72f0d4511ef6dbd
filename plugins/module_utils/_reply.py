# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of vendors: their bodies, the accounts in them, and JSON read piece by piece.

PRIVATE to the collection.
"""

from __future__ import annotations

import codecs
import json
import re
import typing as t
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ._clock import moment_text
from ._counters import Counters
from ._faults import ApiError, describe_body, request_id
from ._model import Answer, Problem

LONG_BODY = 2 * 1024 * 1024
"""Bytes. Longer bodies are compressed in memory."""
ENOUGH = 1024
"""Bytes from which the kind of a body is recognized."""


class Row(dict[str, t.Any]):
    """An object of an answer that stands for an account, with the answer it came in."""

    def __init__(self, values: Mapping[str, t.Any], answer: Answer | None = None) -> None:
        super().__init__(values)
        self.answer = answer


class Body:
    """The body of an answer. A long one is compressed in memory, so that a list of all users fits."""

    def __init__(self) -> None:
        self.size = 0
        self._loose = 0
        self._plain: list[bytes] = []
        self._compressed: list[bytes] = []

    def append(self, piece: bytes) -> None:
        self.size += len(piece)
        self._plain.append(piece)
        self._loose += len(piece)
        if self._loose > LONG_BODY:
            self._compressed.append(zlib.compress(b"".join(self._plain), 1))
            self._plain.clear()
            self._loose = 0

    def __iter__(self) -> Iterator[bytes]:
        yield from map(zlib.decompress, self._compressed)
        yield from self._plain

    def __bytes__(self) -> bytes:
        return b"".join(self)

    def start(self) -> bytes:
        """Return as much of it as shows what it is."""
        start = b""
        for piece in self:
            start += piece
            if len(start) >= ENOUGH:
                break
        return start


@dataclass(frozen=True)
class Reply:
    """An answer with a 2xx status. ``at`` is when it came, in seconds since the epoch."""

    status: int
    headers: Mapping[str, str]
    body: Body = field(repr=False)
    host: str
    reading: bool
    at: float
    counters: Counters = field(repr=False)

    @property
    def request_id(self) -> str | None:
        return request_id(self.headers)

    @property
    def answer(self) -> Answer:
        return Answer(moment_text(self.at), self.status, self.request_id)

    def json(self) -> t.Any:
        """Return the decoded body. Raises ApiError (code bad_answer) when it is not JSON."""
        try:
            return json.loads(bytes(self.body))
        except (ValueError, RecursionError):
            raise self.fault("is not JSON") from None

    def optional_json(self) -> t.Any:
        """Return the decoded body, or None when there is none. Raises ApiError when there is one that is not JSON."""
        return self.json() if self.body.size and bytes(self.body).strip() else None

    def acknowledged(self) -> Answer:
        """Take the answer to a write whose body does not matter: none, or JSON. Raises ApiError for a page of HTML."""
        self.optional_json()
        return self.answer

    def mapping(self) -> dict[str, t.Any]:
        """Return the decoded body, an object. Raises ApiError when it is none."""
        payload = self.json()
        if not isinstance(payload, dict):
            raise self.fault("is not a JSON object")
        return payload

    def rows(self, payload: t.Any) -> list[Row]:
        """Return a part of the body that must be a list of objects, one an account. Raises ApiError when it is none."""
        if not isinstance(payload, list) or not all(isinstance(row, dict) for row in payload):
            raise self._no_list()
        self.counters.count_read(len(payload), pages=1)
        answer = self.answer
        return [Row(row, answer) for row in payload]

    @property
    def is_object(self) -> bool:
        """Whether the body begins as a JSON object does."""
        return self.body.start().lstrip(codecs.BOM_UTF8 + b" \t\r\n").startswith(b"{")

    def each_row(self) -> Iterator[Row]:
        """Return the objects of a body that must be a list of them, one by one: never all of them are decoded at once.

        Raises ApiError when it is none, at the latest with its end.
        """
        answer = self.answer
        count = 0
        for row in self._elements():
            if not isinstance(row, dict):
                raise self._no_list()
            count += 1
            yield Row(row, answer)
        self.counters.count_read(count, pages=1)

    def _elements(self) -> Iterator[t.Any]:
        try:
            yield from json_elements(self.body)
        except TypeError:
            raise self._no_list() from None
        except (ValueError, RecursionError):
            raise self.fault("is not JSON") from None

    def _no_list(self) -> ApiError:
        return self.fault("has no list of users where it should be")

    def row(self, payload: Mapping[str, t.Any]) -> Row:
        """Return a part of the body that is the one account asked for."""
        self.counters.count_read(1)
        return Row(payload, self.answer)

    def fault(self, fault: str, code: str = "bad_answer") -> ApiError:
        """Return the error that this answer cannot be used; whether a write was carried out is then unknown."""
        kind = describe_body(self.headers, self.body.start(), self.body.size)
        text = f"The answer of {self.host} (status {self.status}, {kind}) {fault}"
        return ApiError(Problem(code, text, self.status, self.request_id), doubtful=not self.reading)


_BLANK = re.compile(r"[ \t\n\r]*")


def json_elements(pieces: Iterable[bytes]) -> Iterator[t.Any]:
    """Return the elements of a JSON array that comes in pieces. Raises TypeError where it is no array, or ValueError.

    Numbers at the end of a piece may go on in the next: arrays of objects only.
    """
    scan = json.JSONDecoder().raw_decode
    text = _Text(pieces)
    opening = text.next_mark()
    if opening != "[":
        raise TypeError(f"an array begins with [, not with {opening}")
    mark = text.next_mark()
    if mark != "]":
        text.at -= 1
        while True:
            text.at = text.skipped()
            yield text.element(scan)
            mark = text.next_mark()
            if mark == "]":
                break
            if mark != ",":
                raise ValueError("a comma is missing")
    if text.next_mark():
        raise ValueError("something comes after the array")


class _Text:
    """A text that comes in pieces, and how far it was read."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        first = next(self._pieces, b"")
        self._decoder = codecs.getincrementaldecoder(json.detect_encoding(first))("surrogatepass")
        self._text = self._decoder.decode(first)
        self.at = 0

    def _more(self, wanted: int) -> bool:
        """Drop what was read, and add pieces until there are so many characters. Return whether any came."""
        parts = [self._text[self.at :]]
        size = had = len(parts[0])
        ended = False
        while size < wanted and not ended:
            piece = next(self._pieces, b"")
            ended = not piece
            parts.append(self._decoder.decode(piece, final=ended))
            size += len(parts[-1])
        self._text, self.at = "".join(parts), 0
        return size > had

    def skipped(self) -> int:
        """Return where the next character is that is not white space."""
        while True:
            at = t.cast(re.Match[str], _BLANK.match(self._text, self.at)).end()
            self.at = at
            if at < len(self._text) or not self._more(1):
                return self.at

    def next_mark(self) -> str:
        """Read the next character that is not white space; none at the end."""
        self.at = self.skipped()
        mark = self._text[self.at : self.at + 1]
        self.at += len(mark)
        return mark

    def element(self, scan: Callable[[str, int], tuple[t.Any, int]]) -> t.Any:
        """Read a value; where it breaks off, with twice as much of the text, so that a long one is not read often."""
        while True:
            try:
                value, self.at = scan(self._text, self.at)
            except ValueError:
                if not self._more(2 * (len(self._text) - self.at) + 1):
                    raise
            else:
                return value
