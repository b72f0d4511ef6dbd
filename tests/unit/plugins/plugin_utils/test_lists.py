# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The columns and rows of a list: what is read as which field, what is refused, and what is left out with a note."""

from __future__ import annotations

import csv
import datetime
import io
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils._catalog import VENDORS
from ansible_collections.saas.offboarding.plugins.plugin_utils._columns import ListOptions
from ansible_collections.saas.offboarding.plugins.plugin_utils._inputs import Inputs, read_inputs
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import Checked, key_at, read_leavers
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers_file import DELIMITERS, LeaversError
from ansible_collections.saas.offboarding.plugins.plugin_utils._settings import Host, Refusal, read_settings

JANE, SAM = "jane@example.com", "sam@example.com"
NOW = "2026-11-30T17:00:00Z"
TIME = "2026-11-30T18:00:00+01:00"
FIELDS = ("email", "leave_at", "reason", "ticket", *VENDORS)


def read(data: Any, source: str = "l.csv", **options: Any) -> Checked:
    return read_leavers(data, source, ListOptions(**options))


def refused(data: Any, source: str = "l.csv", **options: Any) -> str:
    with pytest.raises(LeaversError) as caught:
        read(data, source, **options)
    return str(caught.value)


def emails(checked: Checked) -> list[str]:
    return [leaver["email"] for leaver in checked.leavers]


# -- a file


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("first", ["", "sep={}\r\n", '"sep={}"\n'])
def test_each_delimiter_is_found(delimiter: str, first: str) -> None:
    rows = [["email", "reason", "ticket"], [JANE, f"a{delimiter}b", "1"], [SAM, "two\nlines", "2"]]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    found = read(first.format(delimiter) + text.getvalue())
    assert emails(found) == [JANE, SAM]
    assert [leaver["reason"] for leaver in found.leavers] == [f"a{delimiter}b", "two\nlines"]


def test_the_delimiter_is_the_one_that_shows_known_names() -> None:
    columns = {"email": "Mail, work", "reason": "Why, in short, and who, asked"}
    found = read(f"Mail, work|Why, in short, and who, asked\n{JANE}|end\n", columns=columns)
    assert found.leavers[0]["reason"] == "end"


def test_rows_are_numbered_as_the_lines_of_the_file() -> None:
    text = f'Leavers\n\nemail,reason\n{JANE},"two\nlines"\n\n{SAM},x\nTotal,2\n\n'
    found = read(text, skip=(2, 1))
    assert [leaver["row"] for leaver in found.leavers] == [4, 7]
    assert "row 8, email: is not" in refused(text, skip=(2, 0))
    assert "sep" not in refused("sep=;\nemail;ticket\n;x\n")
    assert "row 3, email: is missing" in refused("sep=;\nemail;ticket\n;x\n")


def test_a_row_of_more_cells_is_read_where_they_are_blank() -> None:
    assert emails(read(f"email,ticket,,\n{JANE},1,,\n{SAM},2,,, ,\n")) == [JANE, SAM]
    assert "row 2, the whole row: has 4 cells" in refused(f"email,ticket\n{JANE},1,,x\n")


# -- columns


@pytest.mark.parametrize("name", ["leave at", "Leave-At", "leaveAt", "termination_date", "leave\u200b_at", "Last day"])
@pytest.mark.parametrize("form", ["csv", "list"])
def test_an_unknown_column_is_an_error_with_the_nearest_name(name: str, form: str) -> None:
    data: Any = f"email,{name}\n{JANE},{TIME}\n" if form == "csv" else [{"email": JANE, name: TIME}]
    message = refused(data)
    assert "which are not known" in message
    assert "offboard_columns ({leave_at: " in message
    assert "offboard_ignore_columns" in message


def test_all_columns_that_are_not_known_are_named_at_once() -> None:
    names = [f"Column {number}" for number in range(60)]
    message = refused(f"email,{','.join(names)}\n{JANE}{',' * 60}\n,{',' * 59}\n".replace("\n,,", "\nx,,"))
    assert all(f'"{name}"' in message for name in names)
    assert "row 3, email: " in message


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30) | st.sampled_from(FIELDS).map(
    lambda name: name[::-1]
)


@given(name=NAMES, form=st.sampled_from(["csv", "entries"]))
@example(name="leave_at\u200b\u200bx", form="csv")
def test_any_name_that_is_not_known_is_refused(name: str, form: str) -> None:
    plain = re.sub(r"[\s\u200b-\u200f\u2060\ufeff\xad\u180e]", "", name)
    known = {each.lower() for each in (*FIELDS, "row", "accounts")}
    if unicodedata.normalize("NFC", plain).lower() in known:
        return
    if form == "entries":
        data: Any = [{"email": JANE, name: "x"}]
    else:
        text = io.StringIO()
        csv.writer(text).writerows([["email", name], [JANE, "x"]])
        data = text.getvalue()
    assert "which are not known" in refused(data)


@given(
    name=st.sampled_from(FIELDS),
    upper=st.integers(0, 2**13),
    around=st.tuples(*2 * (st.text("\u200b\ufeff\xa0 \t", max_size=3),)),
    form=st.sampled_from(["csv", "entries"]),
)
def test_a_known_name_is_read_in_any_case_and_with_any_white_space(
    name: str, upper: int, around: tuple[str, str], form: str
) -> None:
    written = "".join(char.upper() if upper >> place & 1 else char for place, char in enumerate(name))
    written = around[0] + written + around[1]
    is_address = name == "email" or (name in VENDORS and VENDORS[name].plain_key == "email")
    value = TIME if name == "leave_at" else JANE if is_address else "4711"
    others = {} if name == "email" else {"email": JANE}
    entry: dict[str, Any] = {written: value, **others}
    if form == "entries":
        data: Any = [entry]
    else:
        text = io.StringIO()
        csv.writer(text).writerows([entry.keys(), entry.values()])
        data = text.getvalue()
    (leaver,) = read(data).leavers
    found: Any = leaver["accounts"].get(name) or {name: leaver.get(name)}
    assert list(found.values()) == ["2026-11-30T17:00:00Z" if name == "leave_at" else value]


def test_columns_are_mapped_and_listed() -> None:
    text = f"Work  Email;Termination\u00a0Date ;ZITADEL id;Colour;Why\n{JANE};{TIME};4711;red;end of contract\n"
    columns = {"Email": "work email", "leave_at": "Termination Date", "zitadel": "zitadel ID", "reason": "Why"}
    found = read(text, columns=columns, ignored=["colour"])
    assert found.leavers == [
        {
            "email": JANE,
            "leave_at": "2026-11-30T17:00:00Z",
            "row": 2,
            "accounts": {**{vendor: {"email": JANE} for vendor in VENDORS}, "zitadel": {"user_id": "4711"}},
            "reason": "end of contract",
        }
    ]
    assert found.notes == ['l.csv: ignored the columns "Colour"']
    assert read(text.replace("\n", "\n\n"), columns=columns, ignored=["*"]).notes == found.notes


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"emial": "Mail"}, 'offboard_columns names "emial", which is no field of a leaver (email?)'),
        ({"netx": "id"}, '"netx", which is no field of a leaver (netex?)'),
        ({"email": "Work Emial"}, 'lack "Work Emial", which offboard_columns names as email (work email?)'),
        (
            {"email": "Work Email", "reason": "Why"},
            'have "Why", which offboard_columns names as reason, and reason as well; list reason in offboard_ig',
        ),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_an_error(columns: dict[str, str], message: str) -> None:
    assert message in refused(f"Work Email,Reason,Why\n{JANE},x,y\n", columns=columns)


def test_a_mapped_field_that_exists_by_its_own_name_has_to_be_listed_by_it() -> None:
    text = f"email,Work Email\nprivate@example.net,{JANE}\n"
    columns = {"email": "Work Email"}
    assert "and email as well" in refused(text, columns=columns, ignored=["*"])
    found = read(text, columns=columns, ignored=["Email"])
    assert emails(found) == [JANE]
    assert found.notes == ['l.csv: ignored the columns "email"']
    assert "remove one of the two" in refused(text, columns=columns, ignored=["email", "work email"])


def test_two_fields_may_change_places_or_share_a_column() -> None:
    columns = {"reason": "ticket", "ticket": "reason", "netex": "email"}
    (leaver,) = read(f"email,reason,ticket\n{JANE},HR-1,end\n", columns=columns).leavers
    assert (leaver["reason"], leaver["ticket"]) == ("end", "HR-1")
    assert leaver["accounts"]["netex"] == {"username": JANE}
    assert leaver["email"] == JANE


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, "x") for name in ("Leave", "Termination reason", "last day", "LastDay", "End Date", "endDate", "due")),
        *(
            ("Column", value)
            for value in (
                *("2026-11-30", "30.11.2026", "11/30/2026", "11/30/26", "2026-11-30T18:00:00Z", "20261130"),
                *("30 Nov 2026", "30-Nov-2026", "Nov 30, 2026", "30.11.2026 18:00"),
                *("Mon 30 Nov 2026", "Monday, November 30th, 2026", "30th of November 2026", "Mo., 30. November 2026"),
                "2026\u5e7411\u670830\u65e5",
            )
        ),
    ],
)
def test_under_the_star_a_column_that_may_be_the_leave_time_is_named(name: str, value: str) -> None:
    rows = [["email", "Colour", name], [JANE, "red", value], [SAM, "blue", ""]]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    message = refused(text.getvalue(), ignored=["*"])
    assert f'set offboard_columns: {{leave_at: "{name}"}}' in message
    assert f'offboard_ignore_columns: ["*", "{name}"]' in message
    assert emails(read(text.getvalue(), ignored=["*", name])) == [JANE, SAM]
    assert emails(read(text.getvalue(), ignored=[name.upper(), "colour"])) == [JANE, SAM]
    assert emails(read(text.getvalue(), is_staff=True)) == [JANE, SAM]


def test_under_the_star_dates_beside_a_leave_time_are_no_question() -> None:
    assert emails(read(f"email,leave_at,Hired\n{JANE},{TIME},2020-01-01\n", ignored=["*"])) == [JANE]
    assert "may be the leave time" in refused(
        [{"email": JANE, "gone": datetime.date(2026, 1, 1)}], "offboard_leavers", ignored=["*"]
    )
    text = f"email,Id\n{JANE},71\n{SAM},72\nbo@example.com,20261130\n"
    assert len(read(text, ignored=["*"]).leavers) == 3


def test_a_nameless_column_is_dropped_where_it_is_blank() -> None:
    found = read(f"email,,ticket, \n{JANE},,1,\n")
    assert (emails(found), found.notes) == ([JANE], [])
    assert 'have "", which are not known' in refused(f"email,,ticket\n{JANE},x,1\n")
    assert emails(read(f"email,,ticket\n{JANE},x,1\n", ignored=["*"])) == [JANE]


def test_two_columns_of_one_name_are_an_error_where_they_are_read() -> None:
    assert 'have "EMAIL" twice; keep one' in refused(f"email,EMAIL\n{JANE},{SAM}\n")
    assert 'entry 1, "EMAIL": is given twice' in refused([{"email": JANE, "EMAIL": SAM}], "offboard_leavers")
    assert emails(read(f"email,note,Note\n{JANE},a,b\n", ignored=["note"])) == [JANE]


def test_a_header_that_is_none_is_not_quoted() -> None:
    for text in ("correct-horse\nbattery\n", f"{JANE},battery\n{SAM},horse\n", "4711,2026-11-30\n"):
        message = refused(text)
        assert "row 1 has no column email; begin the file with a line that names the columns" in message
        assert not re.search("horse|battery|jane|4711", message)


def test_what_the_filter_returns_is_read_as_it_is() -> None:
    first = read(f"email,leave_at,reason,netex\n{JANE},{TIME},end,4711\n").leavers
    again = read(first, "offboard_leavers").leavers
    assert again == [{**first[0], "row": 1}]


# -- the keys of tenants


TENANTS = {"zitadel": "zitadel", "zitadel-eu": "zitadel", "hr-netex": "netex"}


def test_a_column_of_a_tenant_is_its_own() -> None:
    text = f"email,NETEX,HR-Netex\n{JANE},general,own\n{SAM},general2,\n"
    jane, sam = read(text, tenants=TENANTS).leavers
    assert key_at(jane, "hr-netex", "netex") == {"username": "own"}
    assert key_at(jane, "other", "netex") == {"username": "general"}
    assert key_at(sam, "hr-netex", "netex") == {"email": SAM}
    assert key_at(sam, "netex", "netex") == {"username": "general2"}
    assert "hr-netex" in refused(text.replace("HR-Netex", "HR-Netx"), tenants=TENANTS)


def test_a_column_of_a_vendor_is_that_of_the_host_of_its_name() -> None:
    (leaver,) = read(f"email,zitadel\n{JANE},4711\n", tenants=TENANTS).leavers
    assert key_at(leaver, "zitadel", "zitadel") == {"user_id": "4711"}
    assert key_at(leaver, "zitadel-eu", "zitadel") == {"email": JANE}
    (leaver,) = read(f"email,zitadel\n{JANE},4711\n", tenants={"zitadel-eu": "zitadel"}).leavers
    assert key_at(leaver, "zitadel-eu", "zitadel") == {"user_id": "4711"}


def test_a_host_named_after_another_vendor_uses_the_keys_of_its_saas_vendor() -> None:
    tenants = {"zitadel": "netex", "id": "zitadel"}
    (leaver,) = read([{"email": JANE, "accounts": {"zitadel": {"user_id": "7"}}}], tenants=tenants).leavers
    assert key_at(leaver, "zitadel", "netex") == {"user_id": "7"}
    assert key_at(leaver, "id", "zitadel") == {"email": JANE}


def test_entries_name_tenants_beside_and_under_accounts() -> None:
    data: Any = [{"email": JANE, "accounts": {"HR-Netex": {"user_id": "9"}}}, {"email": SAM, "netex": "sam"}]
    jane, sam = read(data, "offboard_leavers", tenants=TENANTS).leavers
    assert key_at(jane, "hr-netex", "netex") == {"user_id": "9"}
    assert key_at(sam, "hr-netex", "netex") == {"email": SAM}
    assert "is no vendor and no tenant (hr-netex?)" in refused(
        [{"email": JANE, "accounts": {"hr_netx": "1"}}], tenants=TENANTS
    )


# -- rows


def test_a_row_without_an_address_is_named_by_its_number() -> None:
    text = f"email,ticket\n{JANE},1\n,total: 1\n"
    assert "row 3, email: is missing" in refused(text)
    found = read(text, blank_email="report")
    assert (emails(found), found.notes) == (
        [JANE],
        ["l.csv: not looked for, because they have no e-mail address: row 3"],
    )
    assert emails(read(text, skip=(0, 1))) == [JANE]
    assert "row 2, email: is missing" in refused("email,ticket\n,1\n", blank_email="report")


def test_rows_that_are_equal_in_what_is_read_are_one_leaver() -> None:
    text = f"email,leave_at,netex,Post\n{JANE},{TIME},j,a\n{SAM},{TIME},,\nJane@Example.com,2026-11-30T17:00Z,j,b\n"
    found = read(text, ignored=["Post"])
    assert emails(found) == [JANE, SAM]
    assert found.notes[-1] == "l.csv: taken as one leaver each, because they are equal: row 2 and 4"


@pytest.mark.parametrize("other", [f"{JANE},{TIME},k,,", f"{JANE},,j,,", f"{JANE},{TIME},j,x,", f"{JANE},{TIME},j,,y"])
def test_the_same_address_in_rows_that_differ_is_an_error(other: str) -> None:
    text = f"email,leave_at,netex,reason,ticket\n{JANE},{TIME},j,,\n{other}\n"
    assert "row 3, email: is the same as in row 2, which differs" in refused(text)


def test_all_faults_are_named_up_to_twenty() -> None:
    text = "email,Colour,ticket\n" + "jane,red,\n" * 30
    message = refused(text)
    assert '"Colour"' in message
    assert "row 20, email" in message
    assert "row 21, email" not in message
    assert message.endswith("; and 11 more")


@pytest.mark.parametrize(("name", "value"), [("reason", 4711), ("ticket", 12), ("ticket", True), ("reason", ["a"])])
def test_a_free_text_that_is_none_is_an_error(name: str, value: Any) -> None:
    message = refused([{"email": JANE, name: value}], "offboard_leavers")
    assert f"entry 1, {name}: is not a text; put it in quotes" in message
    assert f"entry 1, {name}: holds the beginning of an expression" in refused([{"email": JANE, name: "{{ x }}"}])


# -- the settings of a run


def run(tmp_path: Path, content: bytes, name: str = "leavers.csv", kind: str = "offboard", **more: Any) -> Inputs:
    path = tmp_path / name
    path.write_bytes(content)
    wrong: list[str] = []
    given = {"saas_vendor": "netex", "offboard_leavers_file": str(path), **more}
    settings = read_settings(kind, "netex", Host("hr-netex", tenants=TENANTS), given, wrong)
    assert settings is not None
    return read_inputs(settings, NOW, lambda place: Path(place).read_bytes(), wrong)


def refusal(tmp_path: Path, content: bytes, name: str = "leavers.csv", **more: Any) -> str:
    with pytest.raises(Refusal) as caught:
        run(tmp_path, content, name, **more)
    return str(caught.value)


TEXT = f"email,reason\n{JANE},Kündigung\n"


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-16", ""),
        ("utf-32", ""),
        ("utf-8-sig", "windows-1252"),
        ("windows-1252", "windows-1252"),
        ("mac-roman", "mac-roman"),
        ("utf-16-le", "utf-16-le"),
    ],
)
def test_the_encoding_is_the_mark_s_or_the_one_that_is_named(tmp_path: Path, encoding: str, named: str) -> None:
    found = run(tmp_path, TEXT.encode(encoding), offboard_encoding=named)
    assert found.leavers[0]["reason"] == "Kündigung"


def test_the_unicode_text_of_a_spreadsheet_is_read(tmp_path: Path) -> None:
    content = "\ufeff" + TEXT.replace(",", "\t").replace("\n", "\r\n")
    assert run(tmp_path, content.encode("utf-16-le"), "leavers.txt").leavers[0]["reason"] == "Kündigung"


def test_bytes_that_are_no_text_lead_to_the_encoding(tmp_path: Path) -> None:
    message = refusal(tmp_path, TEXT.encode("windows-1252"))
    assert "is not text in UTF-8" in message
    assert "windows-1252" in message
    assert "correct offboard_encoding" in refusal(tmp_path, TEXT.encode(), offboard_encoding="ascii")
    assert "offboard_encoding" in refusal(tmp_path, TEXT.encode("utf-16-le"))


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"PK\x03\x04\x14\0", "leavers.csv"), (b"\xd0\xcf\x11\xe0\xa1", "leavers.csv"), (b"x", "leavers.XLSX")],
)
def test_a_workbook_is_refused_with_an_alternative(tmp_path: Path, content: bytes, name: str) -> None:
    assert 'save it as "CSV UTF-8"' in refusal(tmp_path, content, name)


@pytest.mark.parametrize("path", ["/dev/stdin", "/dev/fd/63", "/proc/self/fd/0"])
def test_a_stream_is_named_as_it_was_typed(tmp_path: Path, path: str) -> None:
    message = refusal(tmp_path, b"", offboard_leavers_file=path)
    assert f"offboard_leavers_file: {path} is no file that a run can read" in message
    assert "/dev/null" not in message


def test_the_variables_of_the_role_are_in_use(tmp_path: Path) -> None:
    text = f"Leavers\nMail,hr-netex,Colour\n{JANE},own,red\n,,red\nTotal,,\n"
    found = run(
        tmp_path,
        text.encode(),
        offboard_columns={"email": "Mail"},
        offboard_ignore_columns="Colour",
        offboard_blank_email="report",
        offboard_skip_rows={"top": 1, "bottom": 1},
    )
    assert key_at(found.leavers[0], "hr-netex", "netex") == {"username": "own"}
    assert found.source["notes"] == found.notes
    assert [note.split(": ", 1)[1] for note in found.notes] == [
        'ignored the columns "Colour"',
        "not looked for, because they have no e-mail address: row 4",
    ]


def test_the_rules_apply_to_inline_lists(tmp_path: Path) -> None:
    listed = [{"Mail": JANE, "Colour": "red"}]
    given: dict[str, Any] = {"offboard_leavers_file": "", "offboard_leavers": listed}
    columns: dict[str, Any] = {"offboard_columns": {"email": "mail"}}
    assert '"Colour", which are not known' in refusal(tmp_path, b"", **given, **columns)
    found = run(tmp_path, b"", **given, **columns, offboard_ignore_columns=["*"])
    assert [leaver["email"] for leaver in found.leavers] == [JANE]


def test_a_staff_list_has_separate_columns(tmp_path: Path) -> None:
    staff = tmp_path / "staff.csv"
    staff.write_text(f"Mail,Hired,leave at\n{SAM},2020-01-01,x\n", encoding="utf-8")
    more: dict[str, Any] = {
        "kind": "audit",
        "audit_staff_file": str(staff),
        "offboard_columns": {"email": "Work Email"},
    }
    content = f"Work Email\n{JANE}\n".encode()
    assert "lack email; name the column of the addresses with" in refusal(tmp_path, content, **more)
    found = run(tmp_path, content, **more, audit_staff_columns={"email": "mail", "leave_at": "Gone"})
    assert [person["email"] for person in found.staff or ()] == [SAM]
    assert found.staff_source is not None
    assert found.staff_source["notes"] == [f'{staff}: ignored the columns "Hired", "leave at"']
    # What offboard_columns names need not be there: the staff list has its own names.
    staff.write_text(f"email\n{SAM}\n", encoding="utf-8")
    assert [person["email"] for person in run(tmp_path, content, **more).staff or ()] == [SAM]
