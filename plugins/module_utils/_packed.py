# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of thousands as one text.

PRIVATE to the collection. Ansible copies, tags and searches for expressions every single value of a structure, in every
task that touches it: for ten thousand leavers that is minutes. A text is one value.
"""

from __future__ import annotations

import binascii
import json
import typing as t
import zlib
from base64 import b64decode, b64encode

MARK = "saas.offboarding.packed:"


def pack(value: t.Any) -> t.Any:
    """Return a list or a dict as one text; an empty one as it is, so that its length still tells."""
    if not value:
        return value
    # Ansible's own kinds of text, number and list are subclasses of the usual ones.
    text = json.dumps(value, separators=(",", ":"))
    return MARK + b64encode(zlib.compress(text.encode(), level=1)).decode()


def is_packed(value: t.Any) -> bool:
    """Tell whether a value comes from `pack`."""
    return isinstance(value, str) and value.startswith(MARK)


def unpack(value: t.Any) -> t.Any:
    """Return what was packed, and anything else as it is. Raises ValueError."""
    if not is_packed(value):
        return value
    try:
        return json.loads(zlib.decompress(b64decode(value.removeprefix(MARK), validate=True)))
    except (binascii.Error, zlib.error, ValueError) as exc:
        raise ValueError(f"a packed text is damaged: {exc}") from None
