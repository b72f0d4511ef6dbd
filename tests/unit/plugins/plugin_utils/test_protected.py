# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Whom to protect: an entry that is accepted protects the account that it names; all others are refused."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._match import Patterns, protection_fault
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import read_leavers
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers_file import LeaversError
from ansible_collections.saas.offboarding.plugins.plugin_utils._protected import protected, read_entries

BOSS = "boss@example.com"

TAKEN = [BOSS, "svc-*", "*@example.com", "bot[ci]@example.com", "4711", "chief", "*svc?", "a.b", "o'neil@example.com"]
TAKEN += [
    "Doe, Jane",
    "a|b",
    "*@*.example.c?",
    "x[0-9]@example.[!c]*",
    "*@m\u00fcller.example",
    "jane.*smith",
    "ACME-jane@local",
    "Jane Doe",
    "*.svc@example.com",
    "svc[$]",
    "x-*-y@*",
]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ([], []),
        (["svc-*", f"\u200b {BOSS}\u00a0"], ["svc-*", BOSS]),
        (BOSS, [BOSS]),
        (f"{BOSS}, svc-*", [BOSS, "svc-*"]),
        (f"{BOSS}\r\nsvc-*\n\n", [BOSS, "svc-*"]),
        (TAKEN, TAKEN),
    ],
    ids=repr,
)
def test_whom_to_protect_is_a_list_or_a_text(given: Any, found: list[str]) -> None:
    assert read_entries(given) == found
    assert protected(found, "\ufeff# no other\n\u200bid-1 \n", "file") == [*found, "id-1"]


MEANT_OTHERWISE = [
    (f"- {BOSS}", "a list bullet"),
    (f"* {BOSS}", "a list bullet"),
    (f"\u2022 {BOSS}", "a list bullet"),
    (f'["{BOSS}"]', "as a list in a text does"),
    ("{boss}", "as a list in a text does"),
    ("[abc]*", "as a list in a text does"),
    (f'"{BOSS}"', "begins or ends with a quote"),
    (f"'{BOSS}'", "begins or ends with a quote"),
    (f"{BOSS}'", "begins or ends with a quote"),
    (f"\u201c{BOSS}\u201d", "begins or ends with a quote"),
    ("'svc-*", "begins or ends with a quote"),
    (f"mailto:{BOSS}", "a scheme such as mailto:"),
    ("MAILTO:*@example.com", "a scheme such as mailto:"),
    (f"The Boss <{BOSS}>", "angle brackets"),
    ("boss\\@example\\.com", "a backslash"),
    ("^boss", r"has \^"),
    ("boss$", r"ends with \$"),
    ("boss@.*", r"write \*"),
    (".*@example.com", r"write \*"),
    ("boss.*@example.com", r"write \*"),
    ("svc-.*", r"write \*"),
    ("svc-.+", r"write \*"),
    ("@example.com", r"write \*@example\.com"),
    ("@*.example.com", r"write \*@example\.com"),
    ("svc-*,", "has a separator"),
    ("*@example.com;*@example.org", "has a separator"),
    ("svc-*|adm-*", r"has \|"),
    ("(svc|adm)-*", r"has \|"),
    ("svc-[0-9", r"has \[ without \]"),
    ("*@.example.com", "a mark too many"),
    ("*@example..com", "a mark too many"),
    ("*@example.com.", "a mark too many"),
    ("*@example.com)", "a mark too many"),
    ("*@example.com:", "a mark too many"),
    (f"The Boss {BOSS}", "white space beside an address"),
    ("a@* b@*", "white space beside an address"),
    (f"{BOSS}.", "punctuation"),
    ("o\u2019neil@example.com", "typographic quote"),
    ("boss@example..com", "a dot too many"),
    ("boss%40example.com@example.com", "percent-encoded"),
    ("a\u200bb", "an invisible character"),
    ("", "is empty"),
]


@pytest.mark.parametrize(("entry", "fault"), MEANT_OTHERWISE, ids=[ascii(entry) for entry, _fault in MEANT_OTHERWISE])
def test_an_entry_that_is_meant_otherwise_is_refused_with_what_to_write(entry: str, fault: str) -> None:
    with pytest.raises(LeaversError, match=rf"entry 2 .*{fault}"):
        read_entries([BOSS, entry])
    if entry:
        with pytest.raises(LeaversError, match=rf"^offboard_protected_file the file: line 2 .*{fault}"):
            protected([], f"{BOSS}\n{entry}\n", "the file")


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (None, "must be a list of strings"),
        ({"boss": BOSS}, "must be a list of strings"),
        (7, "must be a list of strings"),
        ([4711], "entry 1 is not a string; write it in quotes"),
        ([{"email": BOSS}], "entry 1 is not a string"),
        ([[BOSS]], "entry 1 is not a string"),
        ([True], "entry 1 is not a string"),
        ([None], "entry 1 is not a string"),
        (f'["{BOSS}", "svc-*"]', "is a list written as a text"),
        (f' {{"boss": "{BOSS}"}}', "is a list written as a text"),
        (f"['{BOSS}']", "is a list written as a text"),
        (f"- {BOSS}\n- svc-*", "entry 1 begins with a list bullet; leave it out; entry 2 begins"),
        (["a\nb"], "holds a control"),
    ],
    ids=repr,
)
def test_only_strings_are_entries(given: Any, fault: str) -> None:
    with pytest.raises(LeaversError, match=fault):
        read_entries(given)


def test_all_faults_are_reported_at_once() -> None:
    with pytest.raises(LeaversError, match=r"entry 1 .*entry 3 .*and 5 more$"):
        read_entries(["^a", BOSS, *["b$"] * 24])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "protects no account"),
        ("# no entry\n\n", "protects no account"),
        (f"{BOSS} # the boss", "line 1 has white space"),
        ("boss # the boss", "line 1 is not one key"),
        (f"ok\n{BOSS},Chief", "line 2 has a character"),
        ("a;b", "line 1 is not one key"),
        ("a\tb", "line 1 holds a control"),
        ("a\0", "is not text"),
        ("a\udcff", "is not text"),
    ],
)
def test_a_file_that_would_not_protect_is_an_error(text: str, message: str) -> None:
    with pytest.raises(LeaversError, match=rf"^offboard_protected_file the file: {message}"):
        protected([], text, "the file")


def test_who_is_protected_by_the_address_in_the_list_is_so_by_all_keys() -> None:
    listed = read_leavers(
        [
            {
                "email": "Boss@example.com",
                "accounts": {
                    "netex": "chief",
                    "laurel": {"identity": {"type": "hr", "value": "7"}},
                    "zitadel": {"login_name": "ACME\\boss"},
                },
            },
            {"email": "jane@example.com", "accounts": {"netex": "jane"}},
        ],
        "the list",
    ).leavers
    found = protected(["boss@*"], leavers=listed)
    assert set(found) >= {"boss@*", "chief", "7"}
    assert "jane" not in found
    assert Patterns(found).first(["ACME\\boss"])
    assert [protection_fault(each) for each in found] == [None] * len(found)


names = st.text(st.characters(codec="utf-8"), max_size=12) | st.from_regex(r"[a-z.,;|'*?\[\]@-]{1,9}", fullmatch=True)
entries = names | st.emails() | st.sampled_from([entry for entry, _fault in MEANT_OTHERWISE] + TAKEN)


@given(entries, st.booleans())
def test_an_entry_that_is_accepted_protects_the_account_that_it_names(entry: str, in_capitals: bool) -> None:
    try:
        (found,) = read_entries([entry])
    except LeaversError:
        return
    name = entry.upper() if in_capitals else entry
    assert Patterns([found]).first([name]) == found
    assert Patterns(protected([found])).first(["other", name.strip()]) == found
    if re.search("[*?]", found):
        assert not re.search(r"[,;|]|@.*\.(\.|$)|\[[^\]]*$", found)
    assert not re.search(r"^[-*+] |^[\[{\"'`]|[\"'`]$|[<>\\^]|\$$|^mailto:|\.\*(@|$)|^@[^@]*\.", found)


@given(st.text(max_size=12), st.sampled_from(["netex"]))
def test_the_keys_of_a_protected_leaver_are_entries_that_match_them(key: str, vendor: str) -> None:
    try:
        listed = read_leavers([{"email": BOSS, vendor: {"username": key}}], "the list").leavers
    except LeaversError:
        return
    value = listed[0]["accounts"][vendor]["username"]
    found = protected([BOSS], leavers=listed)
    assert [protection_fault(each) for each in found] == [None] * len(found)
    assert Patterns(found).first([str(value)])
