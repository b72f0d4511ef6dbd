# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Ask every peer that this machine can start, and print a table of the answers.

It fails where one differs from peers/answers.py.
"""

from __future__ import annotations

import sys

from .answers import KEYCLOAK, RIGHTS, expected
from .by_hand import ALL
from .keycloak import ROLES, rights
from .questions import QUESTIONS, USERS, answers
from .servers import Lacking, started


def report(text: str) -> None:
    print(text, flush=True)


def main() -> int:
    columns: dict[str, dict[str, str]] = {}
    roles: dict[str, str] = {}
    for name, starter in ALL.items():
        try:
            with started(starter, USERS) as peer:
                columns[name] = answers(peer)
                if name == KEYCLOAK:
                    roles = {role: rights(peer, role) for role in ROLES}
        except Lacking as reason:
            report(f"Skipped: {name}: {reason}.")
    report("")
    report(f"| | {' | '.join(columns)} |")
    report(f"| --- |{' --- |' * len(columns)}")
    for question in QUESTIONS:
        report(f"| {question} | {' | '.join(found[question] for found in columns.values())} |")
    report("")
    for role, found in roles.items():
        report(f"{KEYCLOAK}, {role}: {found}")
    return compare(columns, roles)


def compare(columns: dict[str, dict[str, str]], roles: dict[str, str]) -> int:
    """Say where a peer answers otherwise than peers/answers.py has it."""
    differing = [
        f"{name}, {question}: {text}, not {expected(name)[question]}"
        for name, found in columns.items()
        for question, text in found.items()
        if text != expected(name)[question]
    ]
    differing += [
        f"{KEYCLOAK}, {role}: {text}, not {RIGHTS[role]}" for role, text in roles.items() if text != RIGHTS[role]
    ]
    for line in differing:
        report(f"Differs: {line}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
