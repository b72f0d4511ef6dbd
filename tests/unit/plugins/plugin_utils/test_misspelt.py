# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Names of variables that nothing reads: refused where a variable of the collection is meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils._misspelt import KNOWN, misspelt_faults
from ansible_collections.saas.offboarding.plugins.plugin_utils._settings import VARIABLES


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ofboard_max_changes", "offboard_max_changes"),
        ("offbaord_max_changes", "offboard_max_changes"),
        ("offboards_protected", "offboard_protected"),
        ("Offboard_Protected", "offboard_protected"),
        ("OFFBOARD_PROTECTED_FILE", "offboard_protected_file"),
        ("offboardmaxchanges", "offboard_max_changes"),
        ("offboard-max-changes", "offboard_max_changes"),
        ("Audit_Orphans", "audit_orphans"),
    ],
)
def test_a_mistake_in_the_prefix_is_one_in_the_name(name: str, meant: str) -> None:
    (fault,) = misspelt_faults({name: 1}, [])
    assert fault.startswith(f"{name} is not a variable of this collection and has no effect. Is {meant} meant?")
    assert misspelt_faults({name: 1}, [name]) == []
    assert misspelt_faults({name: {"changed": False}}, []) == []


@pytest.mark.parametrize(
    "name",
    [
        "onboard_state",
        "onboard_reason",
        "offboarding_reason",
        "board_state",
        "reason",
        "state",
        "protected",
        "ZITADEL_API_URL",
        "netex_project",
        "ansible_limit",
        "__offboard_vendors",
        "_offboard_state",
        "_",
        "",
    ],
)
def test_names_that_belong_to_something_else_are_left_alone(name: str) -> None:
    assert misspelt_faults({name: 1}, []) == []


@given(st.sampled_from(sorted(VARIABLES)), st.data())
def test_a_variable_of_the_role_in_another_spelling_is_never_ignored(name: str, data: st.DataObject) -> None:
    capitals = "".join(data.draw(st.sampled_from((letter, letter.upper()))) for letter in name)
    given_name = capitals.replace("_", data.draw(st.sampled_from(("_", "-", ""))))
    assert (misspelt_faults({given_name: 1}, []) == []) == (given_name in KNOWN)


@given(st.sampled_from(sorted(name for name in VARIABLES if name.startswith("offboard_"))), st.integers(0, 7))
def test_a_letter_too_few_in_the_prefix_is_never_ignored(name: str, place: int) -> None:
    assert misspelt_faults({name[:place] + name[place + 1 :]: 1}, []) != []
