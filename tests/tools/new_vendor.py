# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Write the files of a further vendor as a skeleton, and generate the rest: `make vendor NAME=acmedir`."""

from __future__ import annotations

import argparse
import builtins
import hashlib
import keyword
import re
import subprocess
import sys
from pathlib import Path

import yaml

from harness.places import GENERATED, MARK, OWN
from harness.tree import REPOSITORY

SKELETON = Path(__file__).with_name("skeleton")
LONGEST = 20
LONGEST_PRODUCT = 40
RESERVED = {
    "a field of the leavers list": ("email", "reason", "ticket"),
    "the beginning of other variables": ("ansible", "audit", "offboard", "reinstate", "saas"),
    "a name of Ansible": ("all", "localhost", "ungrouped"),
}
"""Names that a leavers list, an inventory or a playbook has already."""
NEXT = """\
{product} has a skeleton of its files, and `make generate` has written the others. The code sends no request yet.

Next:
1. Replace each line that states "{mark}". List them:
   .venv/bin/python -m pytest tests/unit/test_vendors_are_complete.py -k {name}
2. Run `make generate` after each change of _vendor_info/{name}.py or docs/texts/{name}.yml.
3. Run the vendor's tests. They fail until the API and its mock are written:
   .venv/bin/python -m pytest tests/unit/plugins/module_utils/test_vendor_{name}.py tests/integration/test_{name}.py
4. Read docs/docsite/rst/add_a_vendor.rst, which explains each file by an example.
"""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make vendor", description=__doc__)
    parser.add_argument("name", help="the name in modules and variables, such as acmedir")
    parser.add_argument("product", nargs="?", help="the name of the product, such as Acme Directory")
    given = parser.parse_args(arguments)
    product = given.product or given.name.capitalize()
    fault = fault_of_name(REPOSITORY, given.name) or fault_of_product(product)
    if fault:
        print(f"{fault} Nothing was written.", file=sys.stderr)
        return 1
    written = write(REPOSITORY, given.name, product)
    python = [path for path in written if path.endswith(".py")]
    # How lines break depends on the length of the name.
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", *python], cwd=REPOSITORY, check=True)
    for path in written:
        print(f"{path}: written")
    subprocess.run([sys.executable, "-m", "tools.generate"], check=True)
    print(f"\n{NEXT.format(name=given.name, product=product, mark=MARK)}", end="")
    return 0


def fault_of_name(root: Path, name: str) -> str | None:
    """Return why a vendor cannot have this name, and what to do, or None."""
    if not re.fullmatch(rf"[a-z][a-z0-9]{{1,{LONGEST - 1}}}", name):
        return (
            f"NAME is {name!r}. Use a word of 2 to {LONGEST} small letters and digits that begins with a letter, such "
            "as NAME=acmedir: it becomes a part of modules and variables."
        )
    for what, names in RESERVED.items():
        if name in names:
            return f"NAME is {name!r}, which is {what}. Use another name."
    if keyword.iskeyword(name) or hasattr(builtins, name) or _is_in_code(name.capitalize()):
        return f"NAME is {name!r}, which is a name of Python or of the vendors' code. Use another name."
    existing = [path for path in (place.format(name) for place in (*OWN, *GENERATED)) if (root / path).exists()]
    if existing:
        return f"NAME is {name!r}, and {existing[0]} exists. Use another name, or remove that vendor's files first."
    return None


def _is_in_code(word: str) -> bool:
    return any(re.search(rf"\b{word}\b", path.read_text(encoding="utf-8")) for path in SKELETON.rglob("*.py.txt"))


def fault_of_product(product: str) -> str | None:
    """Return why a product cannot have this name, and what to do, or None."""
    if re.fullmatch(rf"[A-Za-z0-9][A-Za-z0-9 .+-]{{0,{LONGEST_PRODUCT - 1}}}", product) and product == product.strip():
        return None
    return (
        f"PRODUCT is {product!r}. Use at most {LONGEST_PRODUCT} letters, digits, blanks and . + -, such as "
        'PRODUCT="Acme Directory", and correct the files by hand afterwards if the product has another name.'
    )


def write(root: Path, name: str, product: str) -> list[str]:
    """Write the skeleton of a vendor's own files, and return their paths."""
    values = {
        "name": name,
        "NAME": name.upper(),
        "Class": name.capitalize(),
        "product": product,
        "line": "=" * len(product),
        "digest": hashlib.sha256(name.encode()).hexdigest()[:12],
        "version": yaml.safe_load((root / "galaxy.yml").read_text(encoding="utf-8"))["version"],
    }
    for place in OWN:
        text = _template(place).read_text(encoding="utf-8")
        target = root / place.format(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(re.sub("«(.*?)»", lambda found: values[found[1]], text), encoding="utf-8")
    return [place.format(name) for place in OWN]


def _template(place: str) -> Path:
    return SKELETON / Path(place).with_name(f"vendor{Path(place).suffix}.txt")


if __name__ == "__main__":
    sys.exit(main())
