# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""A variable that nothing reads is an error where it is named like one of the collection."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils._misspelt import KNOWN, distance, misspelt_faults
from ansible_collections.saas.offboarding.plugins.plugin_utils._role_variables import VARIABLES

LETTERS = "abcdefghijklmnopqrstuvwxyz"
# A host whose saas_vendor is misspelt is no tenant, which is a separate error.
NAMES = sorted(KNOWN - {"saas_vendor"})


def named(name: str, value: object = 1, own: object = None) -> list[str]:
    return misspelt_faults({name: value}, own)


@given(st.sampled_from(NAMES), st.integers(0, 40), st.sampled_from(LETTERS), st.sampled_from(["replace", "swap"]))
def test_one_error_in_any_variable_is_found(name: str, place: int, letter: str, how: str) -> None:
    begin = name.index("_") + 1
    at = begin + place % (len(name) - begin)
    swapped = name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :]
    wrong = swapped if how == "swap" else name[:at] + letter + name[at + 1 :]
    expected = wrong not in KNOWN
    assert bool(named(wrong)) is expected
    assert distance(name, wrong) <= 1


@given(st.text(LETTERS + "_", min_size=1, max_size=20))
def test_no_other_name_may_begin_like_the_collections(rest: str) -> None:
    name = f"offboard_{rest}"
    assert bool(named(name)) is (name not in KNOWN)
    assert named(name, own=["offboard_*"]) == []


@given(st.sampled_from(sorted(KNOWN)))
def test_no_variable_of_the_collection_is_taken_for_a_mistake(name: str) -> None:
    assert named(name) == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("offboard_max_change", "offboard_max_changes"),
        ("offboard_protect", "offboard_protected"),
        ("audit_orphan", "audit_orphans"),
        ("audit_file_staff", "audit_staff_file"),
        ("reinstate_leaver_text", "reinstate_leavers_text"),
        ("zitadel_url_api", "zitadel_api_url"),
        ("learn_api_sercet", "learn_api_secret"),
    ],
)
def test_the_nearest_name_is_given(name: str, meant: str) -> None:
    (fault,) = named(name)
    assert f"Is {meant} meant?" in fault


@pytest.mark.parametrize(
    "name", ["zitadel_version", "audit_trail", "netex_team", "reinstate_policy", "learn_more", "mine"]
)
def test_a_name_that_is_not_close_is_another_variable(name: str) -> None:
    assert named(name) == []


@pytest.mark.parametrize("value", [{"changed": False}, {"failed": True, "msg": "x"}, {"skipped": True}])
def test_the_result_of_a_task_is_no_mistake(value: object) -> None:
    assert named("offboard_look", value) == []
    assert named("offboard_look", {"a": 1}) != []


def test_names_of_others_are_given_as_patterns_or_as_a_text() -> None:
    assert named("offboard_team", own="offboard_te*,x") == []
    assert named("offboard_team", own=7) != []


@given(st.text(LETTERS, max_size=6), st.text(LETTERS, max_size=6))
def test_a_distance_is_the_same_both_ways(one: str, other: str) -> None:
    pairs = [(one, other), (other, one)]
    (found,) = {distance(*pair) for pair in pairs}
    assert (found == 0) is (one == other)
    assert found <= max(len(one), len(other))


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
        ("audit_exeMPT", "audit_exempt"),
        ("reinstate_LEAVERS_text", "reinstate_leavers_text"),
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
