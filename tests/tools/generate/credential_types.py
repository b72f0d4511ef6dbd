# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The credential types of AWX: the inputs are options of the modules, and go to their environment variables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ansible_collections.saas.offboarding.plugins.module_utils._options import travel

from .layout import laid_out
from .role import HEAD
from .texts import VendorTexts

PATH = "playbooks/awx/credential_types.yml"
NOTE = """\
# A credential type for each vendor. The inputs are the options of its modules, and go to their environment variables.
# left_out: the options that are no part of a credential, and why.
__awx_types:
"""
HOW = "Controls requests, not the login. Set it as a variable of the tenant."
SWITCH = (
    "AWX passes a switch that is not set as false, which would turn off the check of certificates. "
    "Set it as a variable of the tenant."
)
FILE = "Names a file inside the execution environment. Set it as a variable of the tenant."
REASONS = {"bool": SWITCH, "path": FILE}


def credential_types(vendors: Iterable[VendorTexts]) -> tuple[str, str]:
    """Return the credential types, as their path and their text."""
    sources = "docs/texts and plugins/module_utils/_vendor_info"
    return PATH, HEAD.format(sources=sources) + NOTE + "\n".join("".join(_type(vendor)) for vendor in vendors)


def _type(vendor: VendorTexts) -> Iterator[str]:
    info, awx = vendor.info, vendor.source["awx"]
    options = info.connection.options
    fields = []
    for name, text in awx["fields"].items():
        option = options[name]
        field: dict[str, Any] = {"id": name, "label": text["label"], "type": "string"}
        field |= {"secret": True} if option.get("no_log") else {}
        field |= {key: text[key] for key in ("multiline",) if key in text}
        field |= {"choices": option["choices"]} if "choices" in option else {}
        fields.append({**field, "help_text": text["help_text"]})
    required = {"required": awx["required"]} if "required" in awx else {}
    left_out = {name: REASONS.get(option["type"], HOW) for name, option in travel(vendor.environment).options.items()}
    left_out |= {name: HOW for name in options if name not in awx["fields"] and name not in left_out}
    left_out |= awx.get("left_out", {})
    yield laid_out(
        {info.name: {"name": f"{info.product} (saas.offboarding)", "description": awx["description"]}}, indent=2
    )
    yield laid_out({"inputs": {"fields": fields, **required}}, indent=4)
    yield "    injectors:\n      env:\n"
    for name in awx["fields"]:
        yield f'        {vendor.environment}_{name.upper()}: !unsafe "{{{{ {name} }}}}"\n'
    yield laid_out({"left_out": left_out}, indent=4)
