# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The names of `make vendor`. What it writes is tested in tests/integration/test_add_a_vendor.py."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS
from harness.places import MARK, OWN, unwritten, vendors_in
from harness.tree import REPOSITORY
from tools.new_vendor import LONGEST, fault_of_name, fault_of_product, main, write

NAMES = st.from_regex(rf"[a-z][a-z0-9]{{1,{LONGEST - 1}}}", fullmatch=True)


@pytest.mark.parametrize(
    "name",
    ["", "a", "Acme", "acme_dir", "acme-dir", "2acme", "acmé", "acme dir", "../acme", "acme\n", "a" * (LONGEST + 1)],
)
def test_a_name_that_is_no_word_of_small_letters_is_refused(name: str) -> None:
    fault = fault_of_name(REPOSITORY, name)
    assert fault is not None
    assert fault.startswith(f"NAME is {name!r}. Use a word of 2 to {LONGEST} small letters")


@pytest.mark.parametrize("name", [*VENDORS, *vendors_in(REPOSITORY), "common", "base", "server", "awx"])
def test_a_name_that_exists_is_refused_with_the_file(name: str) -> None:
    fault = fault_of_name(REPOSITORY, name)
    assert fault is not None
    assert " exists. Use another name" in fault


@pytest.mark.parametrize("name", ["email", "ansible", "offboard", "audit", "all", "class", "list", "page", "reply"])
def test_a_name_that_means_something_else_is_refused(name: str) -> None:
    fault = fault_of_name(REPOSITORY, name)
    assert fault is not None
    assert fault.startswith(f"NAME is {name!r}, which is ")


@pytest.mark.parametrize("product", ["", " Acme", "Acme ", 'Acme "x"', "Acme: Directory", "Acmé", "A" * 41, "a\nb"])
def test_a_product_that_the_texts_could_not_hold_is_refused(product: str) -> None:
    assert str(fault_of_product(product)).startswith(f"PRODUCT is {product!r}. ")


@pytest.mark.parametrize("arguments", [["acme_dir"], ["acme", "Acme: Directory"], [""], ["netex"]])
def test_nothing_is_written_under_a_name_that_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.endswith("Nothing was written.\n")


@given(name=NAMES, product=st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9 .+-]{0,38}[A-Za-z0-9])?", fullmatch=True))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_skeleton_of_any_name_can_be_read(tmp_path: Path, name: str, product: str) -> None:
    assert fault_of_product(product) is None
    if fault_of_name(REPOSITORY, name) is not None:
        return
    (tmp_path / "galaxy.yml").write_text("version: 1.2.0\n", encoding="utf-8")
    written = write(tmp_path, name, product)
    assert written == [place.format(name) for place in OWN]
    for path in written:
        text = (tmp_path / path).read_text(encoding="utf-8")
        assert "«" not in text
        assert MARK in text
        if path.endswith(".py"):
            ast.parse(text)
        if path.endswith(".yml"):
            texts = yaml.safe_load(text)
            assert texts["version_added"] == "1.2.0"
            assert texts["awx"]["description"] == f"Closes accounts at {product}."
    assert {line.partition(":")[0] for line in unwritten(tmp_path, name)} == set(written)
