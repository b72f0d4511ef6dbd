# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits and waits: how often, how fast and for how long requests are sent.

PRIVATE to the collection. Waits are full jitter over 0.5 s doubling up to 30 s, or what Retry-After states (seconds or
a date). All waits of a task together stay within `retry_budget`.
"""

from __future__ import annotations

import datetime
import email.utils
import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

BACKOFF_BASE = 0.5
BACKOFF_CAP = 30.0


@dataclass(frozen=True)
class Limits:
    """How long and how often. Seconds throughout; ``retries`` counts sendings after the first."""

    timeout: float = 30.0
    retries: int = 5
    retry_budget: float = 120.0
    requests_per_second: float | None = None
    concurrency: int = 16


class Clock:
    """Time, as the tests need it: replaceable."""

    now = staticmethod(time.monotonic)
    wall = staticmethod(time.time)
    sleep = staticmethod(time.sleep)


class Patience:
    """The waits of one task: what is left of the budget, and until when all threads pause.

    Waits that overlap in time are charged once: the budget is wall time that a person waits.
    """

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._left = limits.retry_budget
        self._charged_until = 0.0
        self._paused_until = 0.0
        self._interval = 1.0 / limits.requests_per_second if limits.requests_per_second else 0.0
        self._next_slot = 0.0

    @property
    def exhausted(self) -> bool:
        return self._left < BACKOFF_BASE

    def affords(self, delay: float) -> bool:
        """Whether a wait fits into what is left of the budget."""
        with self._lock:
            return self._charge(delay) <= self._left

    def _charge(self, delay: float) -> float:
        now = self._clock.now()
        return now + delay - max(now, self._charged_until)

    def turn(self) -> None:
        """Wait until this thread may send: the pause is over and the rate allows it."""
        while True:
            with self._lock:
                now = self._clock.now()
                if now >= self._paused_until:
                    slot = max(self._next_slot, now)
                    self._next_slot = slot + self._interval
                    wait, mine = slot - now, True
                else:
                    wait, mine = self._paused_until - now, False
            if wait > 0:
                self._clock.sleep(wait)
            if mine:
                return

    def reserve(self, delay: float, *, everybody: bool) -> bool:
        """Charge a wait to the budget and return True, or return False when it does not fit."""
        with self._lock:
            now = self._clock.now()
            charge = self._charge(delay)
            if charge > self._left:
                return False
            if charge > 0:
                self._left -= charge
                self._charged_until = now + delay
            if everybody:
                self._paused_until = max(self._paused_until, now + delay)
            return True


def backoff(attempt: int) -> float:
    """Return a wait in seconds before sending again: full jitter, doubling from half a second up to 30."""
    return random.uniform(0.05, min(BACKOFF_CAP, BACKOFF_BASE * 2**attempt))  # noqa: S311


def retry_after(headers: Mapping[str, str], wall: float) -> float | None:
    """Return what Retry-After asks for, in seconds (RFC 9110, 10.2.3), or None when it is not there or makes no sense.

    A date is compared with the server's own Date where it sent one, so that clocks need not agree.
    """
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    if text.isdecimal():
        return float(text)
    moment = _http_date(text)
    if moment is None:
        return None
    here = _http_date(headers.get("Date", ""))
    return max(0.0, moment - (wall if here is None else here))


def _http_date(text: str) -> float | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
        # The oldest of the three forms of RFC 9110, 5.6.7, names no zone: all of them are GMT.
        return moment.replace(tzinfo=moment.tzinfo or datetime.UTC).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
