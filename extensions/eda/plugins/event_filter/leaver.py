# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""An event filter of ansible-rulebook: lets through who leaves and when, and nothing else of what a webhook received.

It also states what the event asks for, and drops an event that only repeats the last one of the same leaver.

What reaches a playbook as an extra variable is a template to Ansible, and ansible-rulebook hands on the whole event.
So a text that could be an expression never leaves this filter, nor does a field or a header that is not documented.
"""

from __future__ import annotations

import re
import time
import unicodedata
from datetime import UTC, datetime
from typing import Any

DOCUMENTATION = r"""
---
short_description: Let through who leaves and when, and nothing else
description:
  - Takes an event of a webhook, and checks C(leaver.email), C(leaver.leave_at), C(withdrawn), C(reason) and C(ticket)
    of its payload.
  - Returns an event with C(leaver.email) in lower case, C(leaver.leave_at) in UTC, C(reason) and C(ticket) (empty where
    they were not given), so that two spellings of one event are equal. All other fields and the headers are dropped.
  - Its C(request) is C(close) if the leave time has passed, C(schedule) if it is still to come, and C(withdraw) if
    C(withdrawn) is true. A withdrawal needs no leave time; its C(leaver.leave_at) is empty.
  - For an event that is equal to the last one of the same leaver, and came less than an hour later, it returns
    C(repeated). If another event of this leaver came in between, it is no repetition, for example if a leave time was
    moved and moved back.
  - For an event that is not as described it returns C(refused), a text that names the field and holds nothing of what
    was sent.
options: {}
"""

# example-proved-by: tests/integration/test_rulebook.py::test_awx_launches_what_the_survey_asks_for
EXAMPLES = r"""
- eda.builtin.webhook:
    port: 5000
    # A token of digits alone is a text too.
    token: "{{ '%r' | format(OFFBOARD_WEBHOOK_TOKEN | string) }}"
  filters:
    - saas.offboarding.leaver:
"""

# The beginning of an expression for Ansible, and of a secret that ansible-rulebook would decrypt.
MARKS = ("{{", "{%", "{#", "$ANSIBLE_VAULT")
# ansible-rulebook hands characters beyond this plane on as two halves, at which Ansible fails.
BEYOND = re.compile("[\U00010000-\U0010ffff]")
# Nothing that could be quoted, a list or an escape, and no line that the role takes for a comment (#).
# An apostrophe has its place in names such as O'Neil: within what stands before the @.
# What the role refuses as an e-mail address is refused here too: a filter cannot import module_utils/_address.py.
LABEL = r"[\w+\x80-\uffff-]+"
EMAIL = re.compile(
    rf"""(?![#'=.])(?!.*%[0-9A-Fa-f]{{2}})[\w!#$%&'*+/=?^|~.\x80-\uffff-]+@{LABEL}(?:\.{LABEL})+""",
)
INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]")
LENGTHS = {"leaver.email": 200, "leaver.leave_at": 40, "reason": 500, "ticket": 100}
# As the role compares e-mail addresses: letters beyond ASCII are not folded.
LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
REMEMBERED = 3600
"""Seconds for which an event may repeat the last one of its leaver."""

# A throttle of ansible-rulebook compares with all events of the last hour: it would drop the second A of A, B, A.
_last: dict[str, tuple[float, str]] = {}
"""The last event of each leaver, the oldest first, with the time at which it came."""


class Refused(Exception):
    """What is wrong with an event, in words that hold nothing of it."""


def main(event: dict[str, Any]) -> dict[str, Any]:
    """Return what is to be known of the event, or why it is refused, or that it repeats the last one."""
    try:
        found = _leaver_event(event.get("payload"))
    except Refused as exc:
        return {"refused": str(exc)}
    return {"repeated": found["leaver"]["email"]} if _is_repeated(found) else found


def _is_repeated(event: dict[str, Any]) -> bool:
    """Return whether an event is equal to the last one of its leaver; keep it as the last one if it is not."""
    now = time.monotonic()
    while _last and now - next(iter(_last.values()))[0] >= REMEMBERED:
        del _last[next(iter(_last))]
    email = event["leaver"]["email"]
    # As text: ansible-rulebook adds to the event itself later on.
    text = repr(event)
    if email in _last and _last[email][1] == text:
        return True
    _last.pop(email, None)
    _last[email] = now, text
    return False


def _leaver_event(payload: Any) -> dict[str, Any]:
    leaver = payload.get("leaver") if isinstance(payload, dict) else None
    if not isinstance(leaver, dict):
        raise Refused("it has no object leaver")
    if "withdrawn" in leaver:
        raise Refused("withdrawn belongs beside leaver, not into it")
    withdrawn = payload.get("withdrawn", False)
    if not isinstance(withdrawn, bool):
        raise Refused("withdrawn is neither true nor false")
    email = _email(leaver.get("email"))
    leave_at = "" if withdrawn else _leave_at(leaver.get("leave_at"))
    return {
        "request": "withdraw" if withdrawn else "close" if _has_come(leave_at) else "schedule",
        "leaver": {"email": email, "leave_at": leave_at},
        "reason": _remark(payload.get("reason"), "reason"),
        "ticket": _remark(payload.get("ticket"), "ticket"),
    }


def _has_come(moment: str) -> bool:
    return datetime.fromisoformat(moment) <= datetime.now(UTC)


def _email(value: Any) -> str:
    email = _text(value, "leaver.email")
    beyond_ascii = {unicodedata.category(char)[0] for char in email if not char.isascii()}
    if BEYOND.search(email) or INVISIBLE.search(email) or beyond_ascii - {*"LMN"} or not EMAIL.fullmatch(email):
        raise Refused("leaver.email is not an e-mail address")
    return email.translate(LOWER)


def _leave_at(value: Any) -> str:
    advice = "leaver.leave_at is not a time in ISO 8601 with zone, such as 2026-11-30T18:00:00+01:00"
    try:
        moment = datetime.fromisoformat(_text(value, "leaver.leave_at"))
        if moment.utcoffset() is None:
            raise Refused(advice)
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        raise Refused(advice) from None


def _remark(value: Any, name: str) -> str:
    return "" if value is None else BEYOND.sub("\ufffd", _text(value, name))


def _text(value: Any, name: str) -> str:
    if value is None:
        raise Refused(f"{name} is missing")
    if not isinstance(value, str):
        raise Refused(f"{name} is not a text")
    text = _trimmed(value)
    if len(text) > LENGTHS[name]:
        raise Refused(f"{name} is longer than {LENGTHS[name]} characters")
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in text):
        raise Refused(f"{name} holds a control or an invisible character")
    if any(mark in text for mark in MARKS):
        raise Refused(f"{name} holds the beginning of an expression")
    return text


def _trimmed(text: str) -> str:
    """Return a text without white space and invisible characters at its ends."""
    start, end = 0, len(text)
    while start < end and _is_nothing(text[start]):
        start += 1
    while start < end and _is_nothing(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_nothing(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) == "Cf" or INVISIBLE.match(char) is not None
