# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts that a person types to name an account: what can only be a mistake in them.

PRIVATE to the collection. What a vendor returns is not checked here: it is as it is.
"""

from __future__ import annotations

import re
import unicodedata

MAX_KEY_LENGTH = 200
"""ZITADEL takes 200 characters (query.proto), Laurel 256; no vendor documents a shorter limit."""

_INVISIBLE = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef"
"""Characters without a shape whose category is not Cf (Unicode, Default_Ignorable_Code_Point; the blank of Braille)."""
_SHAPELESS = re.compile(f"[{_INVISIBLE}]")
TYPOGRAPHIC_QUOTES = "\u2018-\u201f\u2032-\u2037\u00ab\u00bb\u2039\u203a\u00b4\u300c-\u300f\u301d-\u301f\uff02\uff07"
LOSSY = "has a character that was lost when the text was converted; save the list as UTF-8 where it comes from"
_LOCAL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~\x80-\U0010ffff-]+")
"""What RFC 5322 (atext) and RFC 6531 allow before the @ without quotes."""

_MISTAKES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile("\ufffd"), LOSSY),
    (re.compile(r"&(\w+|#\w+);"), "holds an HTML entity such as &amp;; write the character itself"),
    (re.compile(r"\A="), "begins with =, as a formula does; save the list with values instead of formulas"),
    (re.compile(r"[<>]"), "has angle brackets; leave them out, and a name before them"),
    (re.compile(r"\A[A-Za-z][\w.+-]*:"), "begins with a scheme such as mailto:; leave it out"),
    (
        re.compile(f"[{TYPOGRAPHIC_QUOTES}]"),
        "has a typographic quote; leave quotes out, and write an apostrophe as '",
    ),
    (re.compile(r"""\A["'`]|["'`]\Z"""), "begins or ends with a quote; leave it out"),
    (re.compile(r"\s"), "has white space inside; leave out what is not the address, such as a name"),
    (re.compile(r"%[0-9A-Fa-f]{2}"), "is percent-encoded; write %40 as @, and leave %20 out"),
    (re.compile(r"\A[,;:.()\[\]]|[,;:.()\[\]]\Z"), "begins or ends with a punctuation mark; leave it out"),
)


def is_invisible(char: str) -> bool:
    """Return whether a character has no shape and is no white space."""
    return unicodedata.category(char) == "Cf" or _SHAPELESS.match(char) is not None


def trimmed(text: str) -> str:
    """Return a text without white space and invisible characters at its ends."""
    if text.isascii() and text.isprintable():
        return text.strip()
    start, end = 0, len(text)
    while start < end and (text[start].isspace() or is_invisible(text[start])):
        start += 1
    while start < end and (text[end - 1].isspace() or is_invisible(text[end - 1])):
        end -= 1
    return text[start:end]


def text_fault(value: str) -> str | None:
    """Say why a key's text cannot name an account, or None when it can."""
    if not value or not value.strip():
        return "is empty"
    if value != value.strip():
        return "begins or ends with white space"
    if len(value) > MAX_KEY_LENGTH:
        return f"has {len(value)} characters; {MAX_KEY_LENGTH} are the most a vendor takes"
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in value):
        return "holds a control or an invisible character"
    if value in (".", ".."):
        return "is a path, not a key"
    return None


def address_fault(value: str) -> str | None:
    """Say why a text that was `trimmed` is no e-mail address, or None when it is one."""
    fault = text_fault(value)
    if fault is None and _SHAPELESS.search(value):
        fault = "holds a control or an invisible character"
    return fault or next((text for mistake, text in _MISTAKES if mistake.search(value)), None) or _form_fault(value)


def _form_fault(value: str) -> str | None:
    local, _at, domain = value.rpartition("@")
    labels = domain.split(".")
    if not local or not domain or "@" in local:
        return "is not an e-mail address"
    if len(labels) < 2 or not all(labels):
        return "has no domain such as example.com after the @, or a dot too many in it"
    if not all(map(_is_of_a_domain, domain)) or _is_punctuation(local[0]) or not _LOCAL.fullmatch(local):
        return "has a character that no e-mail address has in that place"
    return None


def _is_of_a_domain(char: str) -> bool:
    return char in "-_+." if char.isascii() and not char.isalnum() else unicodedata.category(char)[0] in "LMN"


def _is_punctuation(char: str) -> bool:
    return not char.isascii() and unicodedata.category(char)[0] in "PS"
