# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The leavers list: every form it comes in, and everything that can be wrong with it."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.saas.offboarding.plugins.filter.leavers import FilterModule as Leavers
from ansible_collections.saas.offboarding.plugins.filter.vendor_users import FilterModule as VendorUsers
from ansible_collections.saas.offboarding.plugins.plugin_utils import _filter
from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import vendor_states
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers_file import (
    LeaversError,
)
from ansible_collections.saas.offboarding.plugins.plugin_utils._stages import Stages

leavers = Leavers().filters()["leavers"]
vendor_users = VendorUsers().filters()["vendor_users"]

ROOT = Path(__file__).parents[4]
JANE = "jane@example.com"
BY_EMAIL = {vendor: {"email": JANE} for vendor in VENDORS}


def test_the_catalog_has_every_vendor_with_a_module() -> None:
    modules = {path.stem.removesuffix("_user") for path in (ROOT / "plugins" / "modules").glob("*_user.py")}
    assert set(VENDORS) == modules
    assert all(implementation.plain_key in implementation.keys.options for implementation in VENDORS.values())


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (f"email\n{JANE}\n", "l.csv"),
        (f"\ufeffemail\r\n{JANE}\r\n", "l.csv"),
        (f"email\r{JANE}\r", "l.csv"),
        (f"\n\nemail,netex\n\n{JANE},\n,\n", "l.csv"),
        (f"Email ; Netex\n \u00a0{JANE}\u200b ;\u200b\n", "l.txt"),
        (f"email\tnetex\n{JANE}\t\n", "l.tsv"),
        (f'"email","netex"\n"{JANE}",""', "L.CSV"),
        (f"- email: {JANE}\n", "l.yml"),
        (f"\ufeff- email: {JANE}\r\n  leave_at:\r\n  accounts: ~\r\n", "l.yaml"),
        (json.dumps([{"email": JANE, "leave_at": None, "accounts": {"netex": None}}]), "l.json"),
        ([{"email": JANE}], "offboard_leavers"),
    ],
)
def test_every_form_gives_the_same_leaver(text: Any, source: str) -> None:
    (leaver,) = leavers(text, source)
    assert {name: leaver[name] for name in ("email", "leave_at", "accounts")} == {
        "email": JANE,
        "leave_at": None,
        "accounts": BY_EMAIL,
    }


def test_a_row_is_counted_as_a_person_counts_lines() -> None:
    text = f'email,learn\n\n{JANE},"a\nb"\njohn@example.com,c\n'
    with pytest.raises(AnsibleFilterError, match=r"l\.csv: row 3, learn\.ref: holds a control") as caught:
        leavers(text, "l.csv")
    assert "row 5" not in str(caught.value)
    assert [each["row"] for each in leavers(f'email,reason\n\n{JANE},"a\nb"\njohn@example.com,c\n', "l.csv")] == [3, 5]


@pytest.mark.parametrize(
    ("vendor", "key"),
    [
        ("customergauge", "email"),
        ("zitadel", "user_id"),
        ("laurel", "user_id"),
        ("netex", "username"),
        ("learn", "ref"),
    ],
)
def test_a_plain_key(vendor: str, key: str) -> None:
    value = "69629023906488334" if key == "user_id" else "other@example.com"
    expected = {**BY_EMAIL, vendor: {key: value}}
    assert leavers(f"email,{vendor}\n{JANE},{value}", "l.csv")[0]["accounts"] == expected
    assert leavers([{"email": JANE, "accounts": {vendor: value}}])[0]["accounts"] == expected
    assert leavers([{"email": JANE, vendor: value}])[0]["accounts"] == expected


def test_a_dict_names_another_key() -> None:
    text = f"""
- email: {JANE}
  accounts:
    zitadel: {{login_name: jane@staff.example.com}}
    laurel: {{identity: {{type: azure, value: 0042}}}}
    netex: {{user_id: 4711}}
  learn: {{user_id: 65f0}}
"""
    assert leavers(text, "l.yml")[0]["accounts"] == BY_EMAIL | {
        "zitadel": {"login_name": "jane@staff.example.com"},
        "laurel": {"identity": {"type": "azure", "value": "0042"}},
        "netex": {"user_id": "4711"},
        "learn": {"user_id": "65f0"},
    }


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (f"- email: {JANE}\n  zitadel: 0123\n  netex: on\n  learn: 1e3\n", "l.yml"),
        ('[{"email": "jane@example.com", "zitadel": "0123", "netex": "on", "learn": 1e3}]', "l.json"),
        (f"email,zitadel,netex,learn\n{JANE},0123,on,1e3", "l.csv"),
    ],
)
def test_a_key_stays_as_it_is_written(text: str, source: str) -> None:
    accounts = leavers(text, source)[0]["accounts"]
    assert (accounts["zitadel"], accounts["netex"], accounts["learn"]) == (
        {"user_id": "0123"},
        {"username": "on"},
        {"ref": "1e3"},
    )


def test_a_number_of_many_digits_keeps_them() -> None:
    text = '[{"email": "jane@example.com", "zitadel": 69629023906488334123}]'
    assert leavers(text, "l.json")[0]["accounts"]["zitadel"] == {"user_id": "69629023906488334123"}
    assert leavers([{"email": JANE, "zitadel": 69629023906488334}])[0]["accounts"]["zitadel"] == {
        "user_id": "69629023906488334"
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-30T18:00:00+01:00", "2026-11-30T17:00:00Z"),
        ("2026-11-30 17:00Z", "2026-11-30T17:00:00Z"),
        ("20261130T170000Z", "2026-11-30T17:00:00Z"),
        ("2026-11-30T23:30:00-05:00", "2026-12-01T04:30:00Z"),
        (datetime.datetime(2026, 11, 30, 17, tzinfo=datetime.UTC), "2026-11-30T17:00:00Z"),
        (None, None),
    ],
)
def test_leave_at_is_given_in_utc(value: Any, expected: str | None) -> None:
    assert leavers([{"email": JANE, "leave_at": value}])[0]["leave_at"] == expected


WRONG_TIMES = [
    ("2026-11-30T18:00:00", "has no zone"),
    ("2026-11-30", "no zone"),
    (datetime.datetime(2026, 11, 30, 18), "has no zone"),
    (datetime.date(2026, 11, 30), "no time and no zone"),
    ("30.11.2026", "is not a time in ISO 8601"),
    ("2026-02-30T00:00:00Z", "is not a time in ISO 8601"),
    ("soon", "is not a time in ISO 8601"),
    ("0001-01-02T00:00:00+24:00", "is not a time in ISO 8601"),
]


@pytest.mark.parametrize(("value", "text"), [*WRONG_TIMES, ("0001-01-02T00:00:00+23:00", "lies before 1971")])
def test_a_wrong_time_is_an_error(value: Any, text: str) -> None:
    with pytest.raises(AnsibleFilterError, match=rf"offboard_leavers: entry 1, leave_at: .*{text}.*; "):
        leavers([{"email": JANE, "leave_at": value}])


@pytest.mark.parametrize(
    ("data", "source", "text"),
    [
        ("", "l.csv", "the file is empty"),
        ("\ufeff \n", "l.yml", "the file is empty"),
        ("email\n", "l.csv", "the list is empty"),
        ("[]", "l.json", "the list is empty"),
        ([], "offboard_leavers", "the list is empty"),
        (None, "offboard_leavers", "is not a list"),
        ("email: jane@example.com", "l.yml", "is not a list"),
        ("name,mail\nx,y\n", "l.csv", "row 1, the columns: lack email"),
        ("email,Email\nx,y\n", "l.csv", 'row 1, the columns: have "Email" twice'),
        (f"email,leave_at\n{JANE}\n", "l.csv", "row 2, the whole row: has 1 cells"),
        (f"email\n{JANE},x\n", "l.csv", "row 2, the whole row: has 2 cells"),
        (f'email,netex\n{JANE},"open\n', "l.csv", "row 2 is not valid CSV"),
        (f"email,accounts\n{JANE},x\n", "l.csv", 'row 1, the columns: have "accounts", which are not known'),
        ("- email: [", "l.yml", r"is not valid YAML \(line \d, column \d\)"),
        (f"- email: {JANE}\n  email: x\n", "l.yml", "the entry at line 1 gives the same key twice"),
        ("[{]", "l.json", r"is not valid JSON \(line 1, column 3\)"),
        ('[{"email": "a@example.com", "email": "b@example.com"}]', "l.json", "the same key twice"),
        ("[" * 100000, "l.json", "is nested too deeply"),
        (f"email\n{JANE}\n", "leavers", r"give it the ending \.csv"),
        ("email\nj\udcfcrgen@example.com\n", "l.csv", "is not text in UTF-8"),
        ("e\0m\0", "l.csv", "is not text in UTF-8"),
        ([JANE], "offboard_leavers", "entry 1, the entry: is not a dict"),
        ([{"leave_at": None}], "offboard_leavers", "entry 1, email: is missing"),
        ("email,netex\n,x\n", "l.csv", "row 2, email: is missing"),
        ([{"email": "jane"}], "offboard_leavers", "entry 1, email: is not an e-mail address"),
        ([{"email": "jane@ex ample.com"}], "offboard_leavers", "entry 1, email: has white space inside"),
        ([{"email": "jane@\u200bexample.com"}], "offboard_leavers", "entry 1, email: holds a control or an invisible"),
        ([{"email": 7}], "offboard_leavers", "entry 1, email: is not an e-mail address"),
        ([{"email": "{{x}}@example.com"}], "offboard_leavers", "entry 1, email: holds the beginning of an expression"),
        ([{"email": JANE, "learn": "{% x"}], "offboard_leavers", r"entry 1, learn\.ref: holds the beginning"),
        ([{"email": JANE, "customergauge": "jane"}], "x", r"x: entry 1, customergauge\.email: is not an e-mail"),
        ([{"email": JANE, "netex": {"username": "a", "user_id": "b"}}], "x", "entry 1, netex: needs one key, has 2"),
        ([{"email": JANE, "netex": {}}], "x", "entry 1, netex: needs one key, has 0"),
        ([{"email": JANE, "netex": {"ref": "b"}}], "x", "entry 1, netex: has no key 'ref'"),
        ([{"email": JANE, "netex": {"user_id": True}}], "x", r"entry 1, netex\.user_id: is not a text"),
        ([{"email": JANE, "netex": ["a"]}], "x", r"entry 1, netex\.username: is not a text"),
        ([{"email": JANE, "netex": 1.5}], "x", r"entry 1, netex\.username: is not a text"),
        ([{"email": JANE, "laurel": {"identity": "a"}}], "x", r"entry 1, laurel\.identity: needs type and value"),
        ([{"email": JANE, "netex": "a", "accounts": {"netex": "a"}}], "x", "entry 1, netex: is given in accounts and"),
        ([{"email": JANE, "accounts": {"zitadl": "a"}}], "x", "entry 1, accounts: names zitadl, which is no vendor"),
        ([{"email": JANE, "accounts": "a"}], "x", "entry 1, accounts: is not a dict"),
        (
            f"email,ticket\n{JANE},1\njohn@example.com,\nJANE@Example.com,2\n",
            "l.csv",
            "row 4, email: is the same as in row 2, which differs",
        ),
        (
            f"email,customergauge\n{JANE},\njohn@example.com,{JANE.upper()}\n",
            "l.csv",
            "row 3, customergauge: names the same account as row 2",
        ),
        (
            [{"email": JANE, "zitadel": "1"}, {"email": "john@example.com", "zitadel": "1"}],
            "x",
            "entry 2, zitadel: names the same account as entry 1",
        ),
    ],
)
def test_a_fault_is_reported_with_its_place(data: Any, source: str, text: str) -> None:
    with pytest.raises(AnsibleFilterError, match=text) as caught:
        leavers(data, source)
    assert str(caught.value).startswith(source)


def test_all_faults_are_reported_at_once_in_order() -> None:
    text = 'email,leave_at\njane,\na@example.com,soon\n,\n , \n"",x\n'
    with pytest.raises(AnsibleFilterError) as caught:
        leavers(text, "l.csv")
    message = str(caught.value)
    places = [message.index(f"row {number}, ") for number in (2, 3, 6)]
    assert places == sorted(places)


def test_a_long_list_of_problems_is_cut() -> None:
    with pytest.raises(AnsibleFilterError, match=r"and 5 more$"):
        leavers([{"email": "x"}] * 25)


def test_no_content_of_a_file_is_shown() -> None:
    secret = "correct-horse-battery"
    wrong_files = [
        (f"{secret}\n{secret}", "l.csv"),
        (f"email\n{secret}\n", "l.csv"),
        (f'email,x\n{JANE},"{secret}', "l.csv"),
        (f"email\n{JANE},{secret}\n", "l.csv"),
        (f"key: [{secret}", "l.yml"),
        (f"*{secret}", "l.yml"),
        (f"{{{secret}", "l.json"),
        (f"email,leave_at\n{JANE},{secret}\n", "l.csv"),
    ]
    for text, source in wrong_files:
        with pytest.raises(AnsibleFilterError) as caught:
            leavers(text, source)
        assert secret not in str(caught.value)
        assert caught.value.__suppress_context__


def test_the_filter_accepts_columns_and_reports_ignored_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    warnings: list[str] = []
    monkeypatch.setattr("ansible.utils.display.Display.warning", lambda _self, text: warnings.append(text))
    text = f"Work Email,color,cost centre\n{JANE},red,7\n"
    (leaver,) = leavers(text, "l.csv", columns={"email": "work email"}, ignore_columns=["Color", "cost centre"])
    assert leaver["email"] == JANE
    assert warnings == ['l.csv: ignored the columns "color", "cost centre"']


def test_due_divides_at_the_moment_and_keeps_the_order() -> None:
    listed = leavers(
        [
            {"email": "later@example.com", "leave_at": "2026-11-30T18:00:01+01:00"},
            {"email": "now@example.com", "leave_at": "2026-11-30T18:00:00+01:00"},
            {"email": "always@example.com"},
        ],
        blank_leave_at="due",
    )
    assert list(Stages.once("deactivated").states(listed, "2026-11-30T17:00:00Z")) == [
        "now@example.com",
        "always@example.com",
    ]


@pytest.mark.parametrize(("value", "text"), [*WRONG_TIMES, ("0001-01-01T00:00:00+10:00", "is out of range")])
def test_a_wrong_moment_is_an_error(value: Any, text: str) -> None:
    with pytest.raises(LeaversError, match=f"^offboard_due_at .*{text}"):
        Stages.once("deactivated").states([], value)


def test_vendor_users_are_the_keys_in_order() -> None:
    listed = leavers([{"email": JANE, "netex": "jane"}, {"email": "john@example.com"}])
    assert vendor_users(listed, "netex") == [{"username": "jane"}, {"email": "john@example.com"}]
    with pytest.raises(AnsibleFilterError, match="'netx' is not a vendor"):
        vendor_users(listed, "netx")


def test_states_by_vendor() -> None:
    assert vendor_states(["learn", "zitadel"], "deactivated") == {"learn": "deactivated", "zitadel": "deactivated"}
    assert vendor_states(["zitadel", "learn"], "absent", {"zitadel": "locked"}, True) == {
        "zitadel": "locked",
        "learn": "absent",
    }


@pytest.mark.parametrize(
    ("vendors", "state", "states", "allow", "text"),
    [
        (["learn"], "absent", {}, False, "offboard_state is absent.*set offboard_allow_delete"),
        (
            ["learn"],
            "deactivated",
            {"learn": "absent"},
            False,
            r"offboard_states\.learn is absent.*offboard_allow_delete",
        ),
        (["customergauge"], "absent", {}, True, r"customergauge does not offer: set offboard_states\.customergauge to"),
        (["learn"], "locked", {}, True, r"set offboard_states\.learn to deactivated or absent"),
        (["learn"], "active", {}, True, "offboard_state is active"),
        (["lern"], "deactivated", {}, True, "'lern' is not a vendor"),
    ],
)
def test_a_state_that_cannot_be_is_an_error(
    vendors: list[str], state: str, states: dict[str, str], allow: bool, text: str
) -> None:
    with pytest.raises(LeaversError, match=text):
        vendor_states(vendors, state, states, allow)


def test_results_are_marked_as_data_for_core_2_18(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_filter, "core_version", "2.18.19")
    monkeypatch.setattr("ansible.utils.unsafe_proxy.wrap_var", lambda value: ("data", value))
    assert vendor_users([], "learn") == ("data", [])


class CoreText(str):
    """What core 2.18 hands out for the text of a file: a subclass of str, which libyaml does not take."""


@pytest.mark.parametrize(
    ("text", "source"),
    [(f"- email: {JANE}", "l.yml"), (f"email\n{JANE}", "l.csv"), (f'[{{"email": "{JANE}"}}]', "l.json")],
)
def test_the_text_may_be_of_a_class_of_the_core(text: str, source: str) -> None:
    (leaver,) = leavers(CoreText(text), source)
    assert leaver["email"] == JANE


def test_a_text_of_addresses_is_read_line_by_line() -> None:
    text = f"\n  {JANE}  \r\n# those of May\n\tsam@example.com"
    found = leavers(text, "offboard_leavers_text", lines=True, leave_at=" 2026-11-30T18:00:00+01:00 ")
    assert [(each["email"], each["row"], each["leave_at"]) for each in found] == [
        (JANE, 2, "2026-11-30T17:00:00Z"),
        ("sam@example.com", 4, "2026-11-30T17:00:00Z"),
    ]
    assert found[0]["accounts"] == BY_EMAIL
    (due_now,) = leavers(JANE, "offboard_leavers_text", lines=True)
    assert due_now["leave_at"] is None


@pytest.mark.parametrize(
    ("text", "leave_at", "message"),
    [
        (f"{JANE}\njane\n", "", "offboard_leavers_text: line 2, email: is not"),
        (f"{JANE}, sam@example.com", "", "offboard_leavers_text: line 1, email: "),
        (f"{JANE}\n{{{{ x }}}}@example.com", "", "line 2, email: "),
        ("# no entry\n", "", "offboard_leavers_text: the list is empty"),
        (JANE, "2026-11-30T18:00:00", "offboard_leave_at has no zone"),
        (JANE, "tomorrow", "offboard_leave_at is not a time in ISO 8601"),
    ],
)
def test_a_line_that_is_no_address_is_named(text: str, leave_at: str, message: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        leavers(text, "offboard_leavers_text", lines=True, leave_at=leave_at)
    assert message in str(caught.value)
    assert "x }}" not in str(caught.value)
