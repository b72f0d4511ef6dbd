# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The vendors' facts: found by listing, in the order of their names, and without the HTTP layer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS, vendor_class
from harness.tree import REPOSITORY

FACTS = REPOSITORY / "plugins" / "module_utils" / "_vendor_info"
WITHOUT_REQUESTS = """
import sys
sys.modules["requests"] = sys.modules["urllib3"] = None
from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS
print(*VENDORS)
print(*(name for name in sys.modules if name.endswith(("._vendor", "._faults", "._transport"))))
"""


def test_every_file_of_facts_is_a_vendor_and_they_are_ordered_by_name() -> None:
    assert list(VENDORS) == sorted(path.stem for path in FACTS.glob("*.py") if path.stem != "__init__")
    assert [info.name for info in VENDORS.values()] == list(VENDORS)


def test_the_facts_are_loaded_without_requests(collections_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_REQUESTS],
        env={**os.environ, "PYTHONPATH": str(collections_path)},
        check=True,
        capture_output=True,
        text=True,
    )

    assert run.stdout.splitlines() == [" ".join(VENDORS), ""]


@pytest.mark.parametrize("name", VENDORS)
def test_the_class_of_a_vendor_is_found_by_its_facts(name: str) -> None:
    assert vendor_class(name).info is VENDORS[name]


@pytest.mark.parametrize("name", VENDORS)
def test_facts_agree_with_themselves(name: str) -> None:
    info = VENDORS[name]

    assert info.plain_key in info.keys.options
    assert info.readable is bool(info.found_states)
    assert info.reopens is ("active" in info.states)
    assert info.readable or not info.searchable
