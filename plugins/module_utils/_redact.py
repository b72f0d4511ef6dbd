# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets taken out of what is shown.

PRIVATE to the collection.
"""

from __future__ import annotations

import html
import json
import re
import typing as t
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote, quote_plus

MAX_MESSAGE = 300
_PASSWORD_HASH = re.compile(r"\$(?:2[abxy]?|argon2\w*|1|5|6|7|g?y|pbkdf2[\w-]*|scrypt)\$[^\s\"']+")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}")


def spellings(secret: str) -> set[str]:
    """Return a secret as it travels, and as a vendor's error may write what it was sent."""
    quoted = {quote(secret, safe=""), quote_plus(secret)}
    in_json = json.dumps(secret)[1:-1]
    return {
        secret,
        *quoted,
        *(re.sub("%[0-9A-F]{2}", lambda code: code[0].lower(), text) for text in quoted),
        in_json,
        in_json.replace("/", r"\/"),
        html.escape(secret),
        html.escape(secret, quote=False),
    }


def hider(secrets: Iterable[str]) -> Callable[[str], str]:
    """Return a function that takes these secrets, in every spelling, and all password hashes out of a text."""
    found = sorted({text for secret in secrets if secret for text in spellings(secret)}, key=len, reverse=True)

    def hide(text: str) -> str:
        for secret in found:
            text = text.replace(secret, "********")
        return _PASSWORD_HASH.sub("********", text)

    return hide


def scrubbed(text: str, hide: Callable[[str], str]) -> str:
    """Return a vendor's text fit to be shown: no secrets, no password hashes, no line ends, not endless."""
    text = _BEARER.sub(r"\1 ********", hide(text))
    text = "".join(char if char.isprintable() else " " for char in text)
    return text if len(text) <= MAX_MESSAGE else text[:MAX_MESSAGE] + "…"


_SECRET_NAME = re.compile(r"(password|passwd|passphrase|secret|token|api_?key|private_?key|hash|salt|otp)$", re.I)


def without_secrets(value: t.Any, hide: Callable[[str], str]) -> t.Any:
    """Return a vendor's object fit to be shown: no field that is named like a secret, and none in any text.

    Whether there is a secret (``hasSecret: true``) is not one.
    """
    if isinstance(value, Mapping):
        return {
            str(name): without_secrets(inner, hide)
            for name, inner in value.items()
            if not _SECRET_NAME.search(str(name)) or isinstance(inner, bool)
        }
    if isinstance(value, list | tuple):
        return [without_secrets(inner, hide) for inner in value]
    return hide(value) if isinstance(value, str) else value


def misplaced_secrets(params: Mapping[str, t.Any], spec: Mapping[str, t.Any]) -> set[str]:
    """Return what may be a secret where Ansible hides none: a misspelt option, a password within an address."""
    texts = {name: value for name, value in params.items() if isinstance(value, str) and value}
    misspelt = {value for name, value in texts.items() if name not in spec and not name.startswith("_ansible")}
    passwords = {found[1] for value in texts.values() if (found := re.search(r"://[^/@\s]*:([^/@\s]+)@", value))}
    return misspelt | passwords
