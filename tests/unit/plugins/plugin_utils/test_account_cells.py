# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Cells of a vendor's column: a key, no key, or what a spreadsheet and a person put there instead."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import read_leavers
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers_file import LeaversError

JANE = "jane@example.com"
NAMES = "netex"

ERRORS = ["#N/A", "#n/a", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#NV", "#WERT!", "#I/T", "#####"]
ERRORS += ["#\u00a1REF!", "#\u00bfNOMBRE?", "#GETTING_DATA", "#SPILL!", "Err:502", "=VLOOKUP(A2)"]
ERRORS += ["#NB", "#N/DISP", "#SAKNAS!", "#SAKNAS", "#IKKE.TILGJENGELIG"]
NUMBERS = [
    "6.9629E16",
    "6,9629e16",
    "6.9629E+16",
    "6,9629E+16",
    "6.9629e+16",
    "6E+16",
    "69629023906488334.0",
    "4711,0",
    "4711.00",
]
QUOTED = ["'69629023906488334", "\u00b44711", "'4711'", '"4711"', "\u201c4711\u201d", "\u2018x\u2019", "`x`"]
PLACEHOLDERS = ["-", "--", "\u2013", "\u2014", "?", "???", "n/a", "N/A", "n.a.", "NA", "none", "None", "NULL", "nil"]
PLACEHOLDERS += ["n / a", "n. a.", "t.b.d.", "-- none --", "- n/a -", "\\N"]
PLACEHOLDERS += ["tbc", "TBD", "Unknown", "0", "000", "true", "FALSE", "yes", "No", "...", "\u2026", "(none)", "<null>"]
DEBRIS = [
    *((text, "an error or a formula of a spreadsheet") for text in ERRORS),
    *((text, "a number that a spreadsheet has changed") for text in NUMBERS),
    *((text, "is in quotes or begins with an apostrophe") for text in QUOTED),
    *((text, "is a placeholder") for text in PLACEHOLDERS),
]


def forms(vendor: str, text: str) -> list[tuple[Any, str]]:
    """A cell in every form that a list has."""
    entry = {"email": JANE, vendor: text}
    quoted = text.replace('"', '""')
    return [
        (f'email,{vendor}\n{JANE},"{quoted}"\n', "l.csv"),
        (json.dumps([entry]), "l.json"),
        (f"- email: {JANE}\n  {vendor}: {json.dumps(text)}\n", "l.yml"),
        ([entry], "offboard_leavers"),
        ([{"email": JANE, "accounts": {vendor: text}}], "offboard_leavers"),
    ]


@pytest.mark.parametrize(("text", "fault"), DEBRIS, ids=[ascii(text) for text, _fault in DEBRIS])
def test_debris_is_refused_in_every_form(text: str, fault: str) -> None:
    for data, source in forms(NAMES, text):
        with pytest.raises(LeaversError, match=rf"\d, netex\.username: .*{fault}"):
            read_leavers(data, source)


@pytest.mark.parametrize("text", [*PLACEHOLDERS, *NUMBERS, *QUOTED, "#N/A"])
def test_a_dict_is_taken_as_it_is_written(text: str) -> None:
    (leaver,) = read_leavers([{"email": JANE, NAMES: {"username": text}}], "offboard_leavers").leavers
    assert leaver["accounts"][NAMES] == {"username": text}


@pytest.mark.parametrize("text", ["", " ", "\u00a0", "\u200b", "\ufeff \t"])
def test_a_blank_cell_is_no_key(text: str) -> None:
    for data, source in forms(NAMES, text):
        (leaver,) = read_leavers(data, source).leavers
        assert leaver["accounts"][NAMES] == {"email": JANE}


@pytest.mark.parametrize(
    "text",
    [
        "jane",
        JANE,
        "UID30084022",
        "007",
        "1e3",
        "1.5",
        "a#b",
        "#42",
        "no.1",
        "5e16",
        "jane@corp",
        "ACME\\jane",
        "jane-",
        "o'neil@example.com",
        "no-reply",
        "E-1003",
        "on",
    ],
)
def test_all_other_text_names_an_account(text: str) -> None:
    for data, source in forms(NAMES, f" {text}\u200b"):
        (leaver,) = read_leavers(data, source).leavers
        assert leaver["accounts"][NAMES] == {"username": text}


@pytest.mark.parametrize("vendor", [name for name, info in VENDORS.items() if info.plain_key in info.id_keys])
def test_an_address_is_no_id(vendor: str) -> None:
    for data, source in forms(vendor, JANE):
        with pytest.raises(LeaversError, match=rf"{vendor}\.user_id: is an e-mail address, and a user_id of"):
            read_leavers(data, source)
    (leaver,) = read_leavers([{"email": "a@example.com", vendor: {"email": JANE}}], "l").leavers
    assert leaver["accounts"][vendor] == {"email": JANE}


def test_the_keys_that_are_ids_are_keys() -> None:
    assert {name for name, info in VENDORS.items() if info.id_keys} >= {"zitadel", "laurel"}
    assert all(set(info.id_keys) <= set(info.keys.options) for info in VENDORS.values())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"mailto:{JANE}", "a scheme such as mailto:"),
        (f"<{JANE}>", "angle brackets"),
        (f"{JANE},", "punctuation"),
        (f"{JANE};sam@example.com", "is not an e-mail address"),
        (f"{JANE}%20", "percent-encoded"),
        ("m\ufffdller", "was lost when the text was converted"),
    ],
)
def test_an_address_in_a_column_of_names_is_an_address(text: str, fault: str) -> None:
    for data, source in forms(NAMES, text):
        with pytest.raises(LeaversError, match=rf"\d, netex\.username: .*{fault}"):
            read_leavers(data, source)


def test_a_column_of_addresses_takes_addresses() -> None:
    with pytest.raises(
        LeaversError, match=r"customergauge\.email: begins with a scheme such as mailto:; leave it out;"
    ):
        read_leavers([{"email": JANE, "customergauge": f"mailto:{JANE}"}], "l")


cells = st.one_of(
    st.from_regex(r"[#'=]?[0-9]{1,17}([.,]0{0,2}|[.,][0-9]{1,4}E[+-][0-9]{1,3})?", fullmatch=True),
    st.sampled_from([text for text, _fault in DEBRIS]).map(lambda text: text.swapcase()),
    st.text("-\u2013?./#!NAnaEe0+' \u200b", max_size=6),
)


@given(cells)
def test_no_cell_that_is_accepted_is_debris(text: str) -> None:
    try:
        (leaver,) = read_leavers([{"email": JANE, NAMES: text}], "l").leavers
    except LeaversError:
        return
    key = leaver["accounts"][NAMES]
    if key == {"email": JANE}:
        assert not text.strip(" \u200b")
        return
    value = str(key["username"])
    assert value == text.strip(" \u200b")
    assert any(char.isalnum() for char in value)
    assert not re.fullmatch(r"#(N/A|REF!)|[0-9.,]+E[+-][0-9]+|[0-9]+[.,]0+|0+|n/?a|'.*", value, re.IGNORECASE)
