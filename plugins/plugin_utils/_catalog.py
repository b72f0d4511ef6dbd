# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All vendors, by name.

PRIVATE to the collection; for the controller, which handles all vendors. A module knows its own vendor only.
"""

from __future__ import annotations

import importlib
import pkgutil
import typing as t
from collections.abc import Mapping

from ansible_collections.saas.offboarding.plugins.module_utils import _vendor_info
from ansible_collections.saas.offboarding.plugins.module_utils._vendor_info import VendorInfo

if t.TYPE_CHECKING:
    from ansible_collections.saas.offboarding.plugins.module_utils._vendor import Vendor

_MODULE_UTILS = _vendor_info.__name__.rpartition(".")[0]


def _listed() -> Mapping[str, VendorInfo]:
    names = sorted(found.name for found in pkgutil.iter_modules(_vendor_info.__path__))
    return {name: importlib.import_module(f"{_vendor_info.__name__}.{name}").INFO for name in names}


VENDORS: Mapping[str, VendorInfo] = _listed()
"""The vendors whose facts have a file in `module_utils/_vendor_info`, in the order of their names."""


def vendor_class(name: str) -> type[Vendor]:
    """Return the class that talks to a vendor of `VENDORS`."""
    source = importlib.import_module(f"{_MODULE_UTILS}._vendors.{name}")
    found: type[Vendor]
    (found,) = {each for each in vars(source).values() if getattr(each, "info", None) is VENDORS[name]}
    return found
