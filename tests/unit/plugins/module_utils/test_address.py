# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""What a person types for an e-mail address: found exactly as it stands, or refused."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._address import address_fault, trimmed
from ansible_collections.saas.offboarding.plugins.module_utils._model import Key

JANE = "jane@example.com"

MISTAKES = {
    f"mailto:{JANE}": "a scheme such as mailto:",
    f"SMTP:{JANE}": "a scheme such as mailto:",
    f"sip:{JANE}": "a scheme such as mailto:",
    f"<{JANE}>": "angle brackets",
    f"Jane Doe <{JANE}>": "angle brackets",
    f"Jane {JANE}": "white space inside",
    f"{JANE} (left)": "white space inside",
    f"{JANE}, bo@example.com": "white space inside",
    f'"{JANE}"': "quote",
    f"'{JANE}'": "quote",
    f"'{JANE}": "quote",
    f"`{JANE}`": "quote",
    f"\u201c{JANE}\u201d": "typographic quote",
    f"\u00ab{JANE}\u00bb": "typographic quote",
    "o\u2019neil@example.com": "write an apostrophe as '",
    f"&lt;{JANE}&gt;": "HTML entity",
    "o&#39;neil@example.com": "HTML entity",
    "jane&#64;example.com": "HTML entity",
    "jane%40example.com": "percent-encoded",
    f"{JANE}%20": "percent-encoded",
    '=HYPERLINK("mailto:jane@example.com")': "formula",
    f"={JANE}": "formula",
    "ja\u200bne@example.com": "invisible",
    "ja\ufe0fne@example.com": "invisible",
    "ja\u2800ne@example.com": "invisible",
    "ja\u00adne@example.com": "invisible",
    "ja\u00a0ne@example.com": "white space inside",
    "jane@exa mple.com": "white space inside",
    **{f"{JANE}{mark}": "punctuation" for mark in ",;:.()[]"},
    **{f"{mark}{JANE}": "punctuation" for mark in ",;:.()[]"},
    "a@b..com": "a dot too many",
    "a@.b.com": "a dot too many",
    "jane@example": "no domain such as",
    "jane@localhost": "no domain such as",
    "jane": "is not an e-mail address",
    "@example.com": "is not an e-mail address",
    "jane@": "is not an e-mail address",
    "a@b@example.com": "is not an e-mail address",
    "a,b@example.com": "a character that no e-mail address has",
    "a\\b@example.com": "a character that no e-mail address has",
    f"{JANE},bo": "a character that no e-mail address has",
    "jane@exa|mple.com": "a character that no e-mail address has",
    f"\u2022{JANE}": "a character that no e-mail address has",
    "jane@example\u3002com": "no domain such as",
    "m\ufffdller@example.com": "was lost when the text was converted",
    "": "is empty",
    "j" * 200 + "@example.com": "212 characters",
}


@pytest.mark.parametrize(("text", "fault"), MISTAKES.items(), ids=[ascii(text)[:30] for text in MISTAKES])
def test_what_can_only_be_a_mistake_is_refused_with_what_to_do(text: str, fault: str) -> None:
    message = address_fault(text) or ""
    assert fault in message
    assert not text or text not in message
    assert Key.parse({"email": text}).fault() == address_fault(trimmed(text))


@pytest.mark.parametrize(
    "text",
    [
        JANE,
        "Jane.O'Neil+x@Example.COM",
        "o'neil@example.com",
        "_jane@example.com",
        "jane_@example.com",
        "-jane@example.com",
        "jane-@example.com",
        "+jane@example.com",
        "jane+@example.com",
        "a/b=c?d#e!f$g%h&i*j{k|l}m~n^o@example.com",
        "jane.@example.com",
        "j\u00fcrgen@m\u00fcller.example",
        "\u0905@\u0909\u0926\u093e\u0939\u0930\u0923.\u092d\u093e\u0930\u0924",
        "jane@xn--mller-kva.example",
        "jane@my_host.example.com",
        "1@2.3",
    ],
)
def test_an_address_is_taken_as_it_stands(text: str) -> None:
    assert address_fault(text) is None
    assert Key.parse({"email": text}) == Key("email", text)


NOTHING = [
    "\u00a0",
    "\u200b",
    "\ufeff",
    "\u2060",
    "\u200e",
    "\u202a",
    "\u00ad",
    "\u2800",
    "\ufe0f",
    "\u3000",
    " ",
    "\t",
    "\n",
]
nothing = st.text(st.sampled_from(NOTHING), max_size=4)


@given(nothing, nothing)
def test_what_cannot_be_seen_at_its_ends_is_trimmed(before: str, after: str) -> None:
    assert trimmed(f"{before}{JANE}{after}") == JANE
    assert trimmed(before + after) == ""
    assert Key.parse({"email": f"{before}{JANE}{after}"}) == Key("email", JANE)
    assert Key.parse({"username": f" {JANE}"}).value == f" {JANE}"


PIECES = [
    *" ,;:.<>()[]\"'`=%&@\\|",
    "jane",
    "example.com",
    "@",
    "mailto:",
    "%40",
    "&amp;",
    *NOTHING,
    "\u2019",
    "\u201c",
    "\u2022",
]
nearly = st.lists(st.sampled_from(PIECES), max_size=7).map("".join)
FORM = re.compile(r"[^@\s<>\",;:()\[\]\\]+@[^@\s<>\"',;:()\[\]\\%&=`|.]+(\.[^@\s<>\"',;:()\[\]\\%&=`|.]+)+")


@given(st.text() | nearly | st.emails())
@example("jane@example.com%20")
def test_any_text_is_refused_or_asked_for_exactly(text: str) -> None:
    key = Key.parse({"email": text})
    if key.fault() is not None:
        return
    assert key.value in text
    around = text.partition(key.value)
    assert all(
        char in NOTHING or char.isspace() or unicodedata.category(char) == "Cf" for char in around[0] + around[2]
    )
    assert key.matches(key.value)
    assert FORM.fullmatch(key.value)
    assert not re.search("%[0-9A-Fa-f]{2}|&#?\\w+;|^[=.'`]|[\u2018-\u201f]", key.value)
    assert key.value.isprintable()
    assert "\ufffd" not in key.value


@given(st.emails().filter(lambda text: not re.search(r"%[0-9A-Fa-f]{2}|&\w+;|^[=.'`]", text)))
def test_an_address_of_the_standard_is_taken(text: str) -> None:
    assert address_fault(text) is None, text
