# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cells that are to name an account, and hold what a spreadsheet or a person puts where there is none.

PRIVATE to the collection.
"""

from __future__ import annotations

import re

from ansible_collections.saas.offboarding.plugins.module_utils._address import (
    LOSSY,
    TYPOGRAPHIC_QUOTES,
    address_fault,
)
from ansible_collections.saas.offboarding.plugins.module_utils._model import Key
from ansible_collections.saas.offboarding.plugins.module_utils._vendor_info import VendorInfo

_QUOTES = f"\"'`{TYPOGRAPHIC_QUOTES}"
# Excel and LibreOffice in all languages: #N/A, #NV, #I/T, #REF!, #NAME?, #¡VALOR!, #GETTING_DATA, ####, Err:502.
_ERROR = re.compile(r"#(\S*[!?]|\w{1,2}/\w+|N[BV]|YOK|SAKNAS|[^\W\d]+\.[^\W\d]+|\w+_\w+|#*)|Err:[0-9]+", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+([.,][0-9]+E[+-]?|E[+-])[0-9]+", re.IGNORECASE)
_DECIMAL = re.compile(r"[+-]?[0-9]+[.,]0+")
_QUOTED = re.compile(f"['\u00b4].*|[{_QUOTES}].*[{_QUOTES}]")
_PLACEHOLDERS = re.compile(
    r"n\W{0,3}[adn]\W?|k\.a\.|\\n|nan|nil|none|null|t\W?b\W?[acd]\W?|todo|true|false|yes|no|blank|empty|missing|undefined|unknown|"
    r"not (applicable|available|known)|no account"
)


def cell_fault(key: Key, vendor: VendorInfo) -> str | None:
    """Say why the plain value of a vendor's column names no account, or None where it can name one."""
    text = key.value
    if _ERROR.fullmatch(text) or text.startswith("="):
        return "is an error or a formula of a spreadsheet"
    if _SCIENTIFIC.fullmatch(text) or _DECIMAL.fullmatch(text):
        return "is a number that a spreadsheet has changed; format the column as text before the ids are put in"
    if _QUOTED.fullmatch(text):
        return "is in quotes or begins with an apostrophe"
    if _is_placeholder(text):
        return "is a placeholder, not a key"
    if key.field in vendor.id_keys and "@" in text:
        return f"is an e-mail address, and a {key.field} of {vendor.product} is an id"
    if "\ufffd" in text:
        return LOSSY
    _local, at, domain = text.rpartition("@")
    return address_fault(text) if at and "." in domain else None


def _is_placeholder(text: str) -> bool:
    has_no_letter = not any(char.isalnum() for char in text)
    return has_no_letter or not text.strip("0") or _PLACEHOLDERS.fullmatch(text.strip("<>()[]{}- ").lower()) is not None
