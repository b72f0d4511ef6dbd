# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The generated parts of hand-written pages and files, each between a pair of markers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from .layout import laid_out
from .texts import VendorTexts

REPOSITORY = "https://github.com/saas-offboarding/saas.offboarding/blob/main"
COLLECTION = "saas.offboarding"
MARKERS = {
    ".md": ("<!-- generated: {} -->", "<!-- end of generated: {} -->"),
    ".rst": (".. generated: {}", ".. end of generated: {}"),
    ".yml": ("# generated: {}", "# end of generated: {}"),
    ".toml": ("# generated: {}", "# end of generated: {}"),
}

Vendors = Sequence[VendorTexts]
Part = Callable[[Vendors], Iterable[str]]


def _table(head: str, rows: Iterable[Iterable[str]]) -> Iterator[str]:
    columns = head.split(" | ")
    yield f"| {head} |"
    yield f"| {' | '.join('---' for _column in columns)} |"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _listed(texts: Sequence[str], joined: str = "and") -> str:
    return f"{', '.join(texts[:-1])} {joined} {texts[-1]}"


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _products(vendors: Vendors) -> Iterator[str]:
    products = _listed([vendor.source["pages"].get("named", vendor.info.product) for vendor in vendors])
    yield f"This Ansible collection turns a list of leavers into closed accounts at {products}."


def _modules(vendors: Vendors) -> Iterator[str]:
    rows = (
        (
            f"[{vendor.info.product}][docs/docsite/rst/{vendor.info.name}.rst]",
            _code(vendor.info.modules),
            ", ".join(vendor.info.states),
            _code(vendor.info.keys.options),
            vendor.source["pages"]["note"],
        )
        for vendor in vendors
    )
    return _table("product | modules | states | an account is named by | what to know", rows)


def _list_table(head: Sequence[str], widths: str, rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield from ("", ".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", "")
    for first, *others in (head, *rows):
        yield f"   * - {first}"
        yield from (f"     - {other.replace('`', '``')}" for other in others)
    yield ""


def _logins(vendors: Vendors) -> Iterator[str]:
    rows = [(vendor.info.product, vendor.source["pages"]["login"]) for vendor in vendors]
    return _list_table(("vendor", "options"), "20 80", rows)


def _requests(vendors: Vendors) -> Iterator[str]:
    rows = [(each.info.product, each.source["pages"]["plan"], each.source["pages"]["verify"]) for each in vendors]
    return _list_table(("vendor", "to plan", "to read back"), "14 56 30", rows)


def _links(vendors: Vendors) -> Iterator[str]:
    for vendor in vendors:
        page = f"docs/docsite/rst/{vendor.info.name}.rst"
        yield f"[{page}]: {REPOSITORY}/{page}"


def _rights(vendors: Vendors) -> Iterator[str]:
    for number, vendor in enumerate(vendors):
        if number:
            yield ""
        yield f"### {vendor.info.product} (`{vendor.info.name}_user`)"
        yield ""
        yield vendor.source["rights"].rstrip("\n")


def _credential_types(vendors: Vendors) -> Iterator[str]:
    rows = [(f"{each.info.product} (saas.offboarding)", _code(each.source["awx"]["fields"])) for each in vendors]
    return _list_table(("credential type", "inputs"), "28 72", rows)


def _first_guide(vendors: Vendors) -> Iterator[str]:
    yield ""
    yield "The guide of your vendor:"
    yield ""
    for vendor in vendors:
        yield f"- :ref:`{vendor.info.product} <ansible_collections.{COLLECTION}.docsite.{vendor.info.name}>`"
    yield ""


def _toctree(vendors: Vendors) -> Iterator[str]:
    return (f"      - {vendor.info.name}" for vendor in vendors)


def _action_groups(vendors: Vendors) -> Iterator[str]:
    for number, vendor in enumerate(vendors):
        if number:
            yield ""
        yield "[[sessions.extra_checks.action_groups_config]]"
        yield f'name = "{vendor.info.name}"'
        yield f'pattern = "^{vendor.info.name}_.*$"'
        yield f'doc_fragment = "{COLLECTION}.{vendor.info.name}"'


def _tenants(vendors: Vendors) -> Iterator[str]:
    for vendor in vendors:
        name = vendor.info.name
        variables = {"saas_vendor": name, **vendor.source["example"].get("tenant", {})}
        yield laid_out({name: variables}, indent=8).rstrip("\n")


def _awx_tenants(vendors: Vendors) -> Iterator[str]:
    for vendor in vendors:
        example = vendor.source["example"]
        tenant = {"name": vendor.info.name, "vendor": vendor.info.name, "credential": example["credential"]}
        tenant |= {"variables": example["variables"]} if "variables" in example else {}
        yield laid_out([tenant], indent=2).rstrip("\n")


def _names(vendors: Vendors) -> Iterator[str]:
    yield f"__offboard_all_vendors: [{', '.join(vendor.info.name for vendor in vendors)}]"


PARTS: Mapping[str, Mapping[str, Part]] = {
    "README.md": {
        "products": _products,
        "modules": _modules,
        "links": _links,
    },
    "SECURITY.md": {"rights": _rights},
    "antsibull-nox.toml": {"action groups": _action_groups},
    "docs/docsite/extra-docs.yml": {"vendors": _toctree},
    "docs/docsite/rst/awx.rst": {"credential types": _credential_types},
    "docs/docsite/rst/getting_started.rst": {"credentials": _logins, "guides": _first_guide},
    "docs/docsite/rst/performance.rst": {"requests": _requests},
    "examples/awx-setup.yml": {"tenants": _awx_tenants},
    "examples/tenants.yml": {"tenants": _tenants},
    "roles/offboard/vars/main.yml": {"vendors": _names},
}


def _between(first: str, lines: str, last: str, found: re.Match[str]) -> str:
    return f"{found[1]}{first}\n{lines}\n{found[1]}{last}"


def pages(root: Path, vendors: Iterable[VendorTexts]) -> Iterator[tuple[str, str]]:
    """Return the files with parts that are generated, each as its path and its text. Raises ValueError."""
    vendors = list(vendors)
    for path, parts in PARTS.items():
        text = (root / path).read_text(encoding="utf-8")
        for name, part in parts.items():
            first, last = (marker.format(name) for marker in MARKERS[Path(path).suffix])
            pattern = re.compile(rf"^( *){re.escape(first)}\n.*?^ *{re.escape(last)}$", re.MULTILINE | re.DOTALL)
            lines = "\n".join(part(vendors))
            text, count = pattern.subn(partial(_between, first, lines, last), text)
            if count != 1:
                raise ValueError(f"{path} must have the markers {first!r} and {last!r} once")
        yield path, text
