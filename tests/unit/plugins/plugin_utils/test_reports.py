# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""From the document of a run to a table, to test results and to a page: all of it, and nothing that runs."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from ansible_collections.saas.offboarding.plugins.plugin_utils._console import matrix
from ansible_collections.saas.offboarding.plugins.plugin_utils._evidence_file import write_folder
from ansible_collections.saas.offboarding.plugins.plugin_utils._pages import duration
from ansible_collections.saas.offboarding.plugins.plugin_utils._report_csv import COLUMNS, render_csv
from ansible_collections.saas.offboarding.plugins.plugin_utils._report_html import LISTED, render_html
from ansible_collections.saas.offboarding.plugins.plugin_utils._report_junit import render_junit
from ansible_collections.saas.offboarding.plugins.plugin_utils._verdict import verdict
from ansible_collections.saas.offboarding.plugins.plugin_utils._words import (
    cell_word,
)
from harness import documents
from harness.documents import (
    NASTY,
    NOT_APPLIED,
    SERVER_ERROR,
    Document,
    Record,
    audit_document,
    check_mode_document,
    document,
    empty_document,
    large_document,
    leaver,
    nasty_document,
    offboard_document,
    record,
    reinstate_document,
    tenant,
)
from harness.facts import SCOPE

SAMPLES: dict[str, Callable[[], Document]] = {
    "offboard": offboard_document,
    "check mode": check_mode_document,
    "audit": audit_document,
    "reinstate": reinstate_document,
    "nasty": nasty_document,
    "nasty audit": lambda: nasty_document("audit"),
    "empty": empty_document,
}
NASTY_SAMPLES = [nasty_document(), nasty_document("audit")]

# What Jenkins' junit-10.xsd allows.
ATTRIBUTES = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {
        "name",
        "tests",
        "failures",
        "errors",
        "skipped",
        "time",
        "timestamp",
        "hostname",
        "id",
        "package",
    },
    "properties": set(),
    "property": {"name", "value"},
    "testcase": {"name", "classname", "time"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"type", "message"},
    "system-out": set(),
}


def one(outcome: str, kind: str = "offboard", vendor: str = "zitadel", **more: Any) -> Document:
    """A run of one leaver at one tenant."""
    return run_of([record(vendor, leaver(1), outcome, **more)], kind=kind)


def reinstated(outcome: str, **more: Any) -> Document:
    """The way back of one leaver at one tenant."""
    made = record("zitadel", leaver(1), "changed", **more) | {"outcome": outcome, "seconds_to_close": None}
    return document([tenant("zitadel", [made], kind="reinstate", state="active")], kind="reinstate")


def run_of(records: list[Record], silent: tuple[str, ...] = (), **more: Any) -> Document:
    names = dict.fromkeys(each["tenant"] for each in records)
    audit = more.get("kind") == "audit"
    return document([tenant(name, records) for name in names], silent, **{"check_mode": audit, **more})


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_are_documents_as_the_schema_has_them(name: str) -> None:
    jsonschema.Draft202012Validator(documents.schema()).validate(SAMPLES[name]())


# -- the table


def text_of(render: Callable[[Document], Iterable[str]], made: Document) -> str:
    return "".join(render(made))


def rows(made: Document) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text_of(render_csv, made), newline=""), strict=True))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_row_for_each_record(name: str) -> None:
    made = SAMPLES[name]()
    assert [int(each["number"]) for each in rows(made)] == [each["number"] for each in made["records"]]
    assert text_of(render_csv, made).split("\r\n", maxsplit=1)[0] == ",".join(COLUMNS)
    assert text_of(render_csv, made).endswith("\r\n")
    assert len(text_of(render_csv, made).replace("\r\n", "").split("\n")) == 1


def test_a_row_marks_a_leaver_without_any_account() -> None:
    made = audit_document()
    nowhere = set(made["unmatched"]["leavers"])
    assert nowhere
    assert {each["email"] for each in rows(made) if each["unmatched"] == "true"} == nowhere


def test_the_columns_of_a_row() -> None:
    made = offboard_document()
    by_place = {(each["tenant"], each["email"]): each for each in rows(made)}
    failed = by_place["laurel", leaver(9)]
    source = next(each for each in made["records"] if (each["tenant"], each["email"]) == ("laurel", leaver(9)))
    assert failed == {
        **{name: source[name] for name in ("email", "leave_at", "id", "name", "read_at", "request_id")},
        **{name: source[name] for name in ("written_at", "seen_at", "previous", "hash")},
        "number": str(source["number"]),
        "reason": "",
        "ticket": "",
        "tenant": "laurel",
        "vendor": "laurel",
        "key_field": "email",
        "key_value": leaver(9),
        "outcome": "failed",
        "failing": "true",
        "before_state": "active",
        "before_vendor_state": "active",
        "after_state": "active",
        "after_vendor_state": "active",
        "sessions_before": "",
        "sessions_after": "",
        "verified": "false",
        "status": "200",
        "seconds_to_close": "",
        "manual": "",
        "repaired": "",
        "looked_in": "",
        "stage": "",
        "stage_due_at": "",
        "next_stage": "",
        "next_stage_due_at": "",
        "unmatched": "false",
        "error_code": "not_applied",
        "error_message": NOT_APPLIED["message"],
    }
    assert by_place["customergauge", leaver(1)]["manual"] == "look_in_user_list"
    assert by_place["laurel", leaver(6)]["seconds_to_close"] == str(3 * 86_400 + 7400)


def test_a_key_of_two_parts_and_two_tasks_are_one_cell_each() -> None:
    made = one("changed", key={"identity": {"type": "saml", "value": "jane"}})
    made["records"][0]["manual"] = ["first", "second"]
    assert (rows(made)[0]["key_field"], rows(made)[0]["key_value"]) == ("identity", "saml:jane")
    assert rows(made)[0]["manual"] == "first second"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "  =1+1",
        "\u00a0=1+1",
        "\ufeff=1+1",
        "\u200b+1",
        "\u202e@x",
        "\x00=1",
        "\uff1d1+1",
        "=cmd|' /C calc'!A0",
    ],
)
def test_a_formula_is_a_text(text: str) -> None:
    assert rows(one("changed", name=text))[0]["name"] == f"'{text}"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("\n=1+1", "'\n'=1+1"),
        ("jane\n=1+1", "jane\n'=1+1"),
        ("jane;=1+1", "jane;'=1+1"),
        ("jane; @SUM(A1);-1", "jane; '@SUM(A1);'-1"),
        ('jane";"=1+1', 'jane";"\'=1+1'),
        ("jane\t+1", "jane\t'+1"),
        ("jane|=1", "jane|'=1"),
    ],
)
def test_a_formula_is_a_text_also_where_cells_are_parted_otherwise(text: str, cell: str) -> None:
    assert rows(one("changed", name=text))[0]["name"] == cell


@pytest.mark.parametrize(
    "text",
    ["a=1", "jane@example.com", "2-1", 'said "no", and left', "two\nlines", "'=1", " x", "403; not let in", "a,=1"],
)
def test_other_texts_are_as_they_are(text: str) -> None:
    assert rows(one("changed", name=text))[0]["name"] == text


def test_a_number_below_zero_is_no_formula() -> None:
    assert rows(one("changed", seconds_to_close=-5))[0]["seconds_to_close"] == "-5"


def test_half_a_character_does_not_stop_the_report(tmp_path: Path) -> None:
    made = one("changed", name="half \ud83d", request_id="\ud83d")
    assert write_folder(str(tmp_path), made)[1] == []
    for file in ("evidence.csv", "report.html"):
        assert "?" in (tmp_path / file).read_text(encoding="utf-8")
    assert "account: " in (tmp_path / "junit.xml").read_text(encoding="utf-8")


@pytest.mark.parametrize("render", [render_csv, render_junit, render_html])
def test_a_report_is_made_in_pieces(render: Callable[[Document], Iterable[str]]) -> None:
    sizes = [len(chunk) for chunk in render(large_document(200))]
    assert max(sizes) < sum(sizes) / 3


# -- test results


def suites(made: Document) -> dict[str, ElementTree.Element]:
    return {
        suite.attrib["name"]: suite for suite in ElementTree.fromstring(text_of(render_junit, made)).iter("testsuite")
    }


def marks(suite: ElementTree.Element) -> dict[str, tuple[str, str]]:
    """The element within each case that has one, by the case's name: its tag and its type."""
    found = {}
    for case in suite.iter("testcase"):
        for tag in ("failure", "error", "skipped"):
            mark = case.find(tag)
            if mark is not None:
                found[case.attrib["name"]] = (tag, mark.attrib["type"])
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_it_is_what_ci_systems_read(name: str) -> None:
    text = text_of(render_junit, SAMPLES[name]())
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ')
    root = ElementTree.fromstring(text)
    for each in root.iter():
        assert set(each.attrib) <= ATTRIBUTES[each.tag]
    for suite in root:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.attrib["timestamp"])
        for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            assert int(suite.attrib[attribute]) == len(list(suite.iter(tag)))
        assert int(suite.attrib["skipped"]) == len(list(suite.iter("skipped")))
    for attribute in ("tests", "failures", "errors"):
        assert int(root.attrib[attribute]) == sum(int(suite.attrib[attribute]) for suite in root)


def test_a_suite_for_each_tenant_and_a_case_for_each_record() -> None:
    made = offboard_document()
    found = suites(made)
    assert list(found) == list(documents.VENDORS)
    laurel = found["laurel"]
    assert laurel.attrib["hostname"] == documents.HOSTS["laurel"]
    cases = list(laurel.iter("testcase"))
    assert [case.attrib["name"] for case in cases] == [leaver(person) for person in range(1, 13)]
    assert {case.attrib["classname"] for case in cases} == {"saas.offboarding.offboard.laurel"}
    assert cases[0].attrib["time"] == "6.000"
    properties = {each.attrib["name"]: each.attrib["value"] for each in laurel.iter("property")}
    assert properties["run_id"] == made["run_id"]
    assert properties["plan_hash"] == made["tenants"][2]["plan_hash"]
    assert (properties["vendor"], properties["read_complete"]) == ("laurel", "true")
    assert "request id: " in (cases[0].findtext("system-out") or "")


def test_failures_errors_and_what_is_skipped() -> None:
    found = suites(offboard_document())
    assert marks(found["zitadel"]) == {leaver(5): ("failure", "protected"), leaver(12): ("skipped", "not_due")}
    assert marks(found["laurel"])[leaver(9)] == ("failure", "not_applied")
    assert marks(found["netex"])[leaver(8)] == ("error", "server_error")


@pytest.mark.parametrize(
    ("made", "mark"),
    [
        (one("missing"), None),
        (one("missing", failing=True), ("failure", "missing")),
        (one("failed"), ("failure", "failed")),
        (one("still_active", "audit"), ("failure", "still_active")),
        (one("no_account", "audit"), None),
        (one("closed", "audit"), None),
        (one("unknown", "audit"), ("skipped", "unknown")),
        (one("unknown", "audit", failing=True), ("error", "unknown")),
        (one("unknown", "audit", failing=True, error=SERVER_ERROR), ("error", "server_error")),
    ],
)
def test_what_an_outcome_is_to_a_ci_system(made: Document, mark: tuple[str, str] | None) -> None:
    assert marks(suites(made)["zitadel"]).get(leaver(1)) == mark


def test_a_tenant_that_failed_as_a_whole_is_an_error() -> None:
    silent = suites(audit_document())["learn"]
    assert marks(silent) == {"the tenant as a whole": ("error", "no_result")}
    records = [record("zitadel", leaver(1), "unchanged")]
    broken = document([tenant("zitadel", records, error={"code": "task_failed", "message": "it broke afterwards"})])
    assert marks(suites(broken)["zitadel"]) == {"the tenant as a whole": ("error", "task_failed")}


def test_a_dot_in_a_tenant_is_not_one_of_a_package() -> None:
    report = {**tenant("zitadel", []), "tenant": "acme.example", "error": SERVER_ERROR}
    case = next(suites(document([report]))["acme.example"].iter("testcase"))
    assert case.attrib["classname"] == "saas.offboarding.offboard.acme_example"


def test_reopened_accounts_are_failures() -> None:
    made = audit_document()
    assert sorted(marks(suites(made)["second look"]).values()) == [("failure", "came_back")] * 3
    made["second_look"][0] |= {"verdict": "unknown", "failing": False}
    made["second_look"][1] |= {"verdict": "unknown", "failing": True}
    found = list(marks(suites(made)["second look"]).values())
    assert sorted(found)[0] == ("error", "unknown")
    assert sorted(found)[-1] == ("skipped", "unknown")


@pytest.mark.parametrize(("wanted", "tag"), [("fail", "failure"), ("report", "skipped")])
def test_orphans_are_failures_where_that_was_asked_for(wanted: str, tag: str) -> None:
    found = marks(suites(audit_document(parameters={"audit_orphans": wanted}))["orphan accounts"])
    assert [mark for mark, _code in found.values()] == [tag, tag]
    assert all("contractor01" in name or "svc-reports" in name for name in found)


@pytest.mark.parametrize(("wanted", "tag"), [("fail", "failure"), ("report", "skipped")])
def test_those_on_both_lists_are_failures_unless_they_are_only_reported(wanted: str, tag: str) -> None:
    made = audit_document(parameters={"audit_both_lists": wanted}) | {"both_lists": ["<a>@example.com"]}
    assert marks(suites(made)["both lists"]) == {"<a>@example.com": (tag, "both_lists")}
    page = text_of(render_html, made)
    assert "&lt;a&gt;@example.com" in page
    assert "1 leaver who is due is on the staff list as well: correct one of the two lists." in page
    assert "both lists" not in suites(audit_document())


def test_xml_has_no_characters_that_it_forbids() -> None:
    made = one("failed", error={"code": "x\x00", "message": "a\x0b\ufffe\x1b[31mb & <c>"}, name="\ud800")
    mark = next(suites(made)["zitadel"].iter("failure"))
    assert (mark.attrib["type"], mark.attrib["message"]) == ("x", "x: a[31mb & <c>")


# -- the page


class Page(HTMLParser):
    """What a browser would find: the elements with their attributes, the texts, and what is in scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.text = ""
        self.within: str | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in self.raw:
            self.within = tag
            self.raw[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.raw:
            self.within = None

    def handle_data(self, data: str) -> None:
        if self.within:
            self.raw[self.within][-1] += data
        else:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def island(self) -> Any:
        loaded: Any = json.loads(self.raw["script"][0])
        return loaded


@pytest.mark.parametrize("name", SAMPLES)
def test_the_policy_lets_this_style_and_this_script_be_used_and_nothing_else(name: str) -> None:
    page = Page(text_of(render_html, SAMPLES[name]()))
    policy = next(each["content"] for each in page.all("meta") if each.get("http-equiv") == "Content-Security-Policy")
    hashes = [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (page.raw["script"][1], page.raw["style"][0])
    ]
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{hashes[0]}'; style-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert [each.get("type") for each in page.all("script")] == ["application/json", None]


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_is_fetched_and_nothing_runs_from_an_attribute(name: str) -> None:
    page = Page(text_of(render_html, SAMPLES[name]()))
    for tag, attributes in page.elements:
        assert tag not in ("img", "link", "iframe", "object", "embed", "base")
        assert not [
            attribute for attribute in attributes if attribute.startswith("on") or attribute in ("src", "style")
        ]
    links = {str(each["href"]) for each in page.all("a")}
    assert all(link.startswith(("#", "https://support.customergauge.com/")) for link in links)
    ids = [attributes["id"] for _tag, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)
    assert not re.search(r"url\(|@import|https?:", page.raw["style"][0] + page.raw["script"][1])


@pytest.mark.parametrize("made", NASTY_SAMPLES, ids=["offboard", "audit"])
def test_a_text_is_shown_and_never_taken_for_html(made: Document) -> None:
    page = Page(text_of(render_html, made))
    usual = {
        tag
        for each in (offboard_document(), audit_document())
        for tag, _attributes in Page(text_of(render_html, each)).elements
    }
    assert {tag for tag, _attributes in page.elements} <= usual
    shown = re.sub(r"\s+", " ", page.text)
    for text in NASTY:
        assert shown.count(re.sub(r"\s+", " ", text)) > 10
    assert [each["data-email"] for each in page.all("tr") if "data-email" in each] == [
        f"{text}@example.com" for text in NASTY
    ]


@pytest.mark.parametrize("made", NASTY_SAMPLES, ids=["offboard", "audit"])
def test_the_data_within_the_page_cannot_end_their_element(made: Document) -> None:
    text = text_of(render_html, made)
    island = text[text.index('id="records">') + len('id="records">') :].partition("</script>")[0]
    assert not set("<>&\u2028\u2029") & set(island)
    data = json.loads(island)
    place = data["fields"].index("request_id")
    assert [row[0][place] for row in data["rows"]] == list(NASTY)


@pytest.mark.parametrize("name", ["offboard", "check mode", "audit"])
def test_the_word_of_each_cell_is_there_without_the_script(name: str) -> None:
    made = SAMPLES[name]()
    found = cells(made)
    records = {(each["email"], each["tenant"]): each for each in made["records"]}
    assert set(found) == {(leaver(person), each["tenant"]) for person in range(1, 13) for each in made["tenants"]}
    tenants = {each["tenant"]: each for each in made["tenants"]}
    for (email, where), (attributes, word) in found.items():
        each = records.get((email, where))
        assert word == cell_word(each, tenants[where], made["check_mode"])
        assert attributes["data-outcome"] == (each["outcome"] if each else "no_result")
        assert ("data-failing" in attributes) is (each is None or each["failing"])
        assert ("data-unread" in attributes) is word.endswith("*")


def cells(made: Document) -> dict[tuple[str, str], tuple[dict[str, str | None], str]]:
    """The attributes and the word of each cell of the matrix, by leaver and tenant."""
    found = {}
    for email, row in re.findall(
        r'<tr role="row" data-email="([^"]*)">(.*?)</tr>', text_of(render_html, made), re.DOTALL
    ):
        for cell in re.findall(r"<td .*?</td>", row):
            part = Page(cell)
            attributes = part.all("td")[0]
            if "data-tenant" in attributes:
                found[email, str(attributes["data-tenant"])] = (attributes, part.text)
    return found


def test_a_repair_is_in_each_report() -> None:
    odd = record("zitadel", leaver(1), "changed", repaired=True)
    made = document([tenant("zitadel", [odd, record("zitadel", leaver(2), "changed")])])
    assert [row["repaired"] for row in rows(made)] == ["true", ""]
    island = Page(text_of(render_html, made)).island
    column = island["fields"].index("repaired")
    assert [row[0][column] for row in island["rows"]] == [True, None]
    assert text_of(render_junit, made).count("repaired: true") == 1


def test_what_the_script_has_to_show() -> None:
    made = offboard_document()
    island = Page(text_of(render_html, made)).island
    assert island["kind"] == "offboard"
    assert [each["tenant"] for each in island["tenants"]] == list(documents.VENDORS)
    shown = dict(zip(island["fields"], island["rows"][8][2], strict=True))
    source = next(each for each in made["records"] if (each["tenant"], each["email"]) == ("laurel", leaver(9)))
    same = ("number", "leave_at", "id", "name", "verified", "read_at", "written_at", "seen_at", "status", "request_id")
    assert {name: shown[name] for name in (*same, "hash")} == {name: source[name] for name in (*same, "hash")}
    assert (shown["before"], shown["after"]) == (["active", "active"], ["active", "active"])
    assert (shown["key"], shown["manual"]) == (f"email: {leaver(9)}", None)
    assert shown["error"] == f"not_applied: {NOT_APPLIED['message']}"
    assert Page(text_of(render_html, check_mode_document())).island["kind"] == "plan"
    assert Page(text_of(render_html, audit_document())).island["rows"][0][4] is None


def test_the_facts_of_the_run_are_on_the_page() -> None:
    made = offboard_document()
    text = Page(text_of(render_html, made)).text
    for fact in (
        made["run_id"],
        "2026-11-30 17:00:00 UTC",
        "took 1 min 34 s",
        "4711",
        "Offboard leavers, launched by jane",
        "ansible-core 2.19.14",
        "leavers.csv (12 people)",
        made["source"]["sha256"],
        "offboard_max_changes",
        '["svc-*", "leaver05@example.com"]',
        made["tenants"][2]["plan_hash"],
        "api.laurel.ai, customer 4711",
        "3 sent again, 1 for tokens",
        "95th percentile",
        "3 d 2 h",
        "Open the list of users in CustomerGauge",
        made["records"][-1]["hash"],
        "ansible-playbook saas.offboarding.verify_evidence -e offboard_evidence=FOLDER",
    ):
        assert fact in text
    assert "Orphan accounts" not in text
    assert "Second look" not in text
    assert "@@" not in text


def test_an_audit_shows_orphans_and_the_second_look() -> None:
    text = Page(text_of(render_html, audit_document())).text
    for fact in ("contractor01@example.com", "svc-reports", "3 came back, 27 still off", "staff.csv (240 people)"):
        assert fact in text
    clean = audit_document()
    clean |= {"orphans": [], "second_look": []}
    assert "Every account that can be used belongs to a person on the staff list." in text_of(render_html, clean)


def test_a_reinstatement_has_its_reason_its_run_and_manual_tasks() -> None:
    page = text_of(render_html, reinstate_document())
    assert "the list was &lt;b&gt;that&lt;/b&gt; of another month" in page
    assert "Undoes" in page
    assert "reopened" in page
    assert "already open" in page
    assert "by hand" in page
    assert "other_plan: differs from the approved plan: leaver03@example.com" in page
    assert "Second look" not in page
    assert "has no request that activates a user" in page
    (cell,) = [row for row in rows(reinstate_document()) if row["error_code"] == "changed_since"]
    assert (cell["tenant"], cell["before_state"], cell["failing"]) == ("zitadel", "deactivated", "true")


@pytest.mark.parametrize("make", [offboard_document, audit_document, reinstate_document, check_mode_document])
def test_the_first_line_names_how_many_tenants_any_kind_of_run_covers(make: Callable[[], Document]) -> None:
    scope: Any = {**SCOPE, "known": 3, "left_out": [{"tenant": "a", "by": "--limit"}], "missing": ["b"]}
    made = make() | {"scope": scope}
    assert "2 of 4 tenants" in matrix(made)[0]
    assert verdict(made).headline.startswith("2 of 4 tenants: ")


def test_a_reinstatement_at_the_console() -> None:
    lines = "\n".join(matrix(reinstate_document()))
    assert f"accounts that run {documents.RUN_ID} closed, of 3 people" in lines
    assert "would be active now" in lines
    assert "by hand" in lines
    (text,) = [task["action"] for task in reinstate_document()["tasks"][:1]]
    assert text in lines


def test_the_filters_are_named() -> None:
    labels = re.findall(r"<label>(\w+)<(?:select|input)", text_of(render_html, offboard_document()))
    assert [label for label in labels if label != "Leaver"] == ["Outcome", "Tenant"]


def test_a_page_without_records() -> None:
    text = Page(text_of(render_html, empty_document())).text
    assert "There is no record: no account was looked up" in text
    assert "No tenant took part in this run." in text


def test_a_manual_task_is_listed_once_for_all_its_accounts() -> None:
    page = Page(text_of(render_html, offboard_document()))
    task = [each for each in page.all("div") if each.get("class") == "task"]
    assert [(each["data-code"], each["data-tenant"]) for each in task] == [("look_in_user_list", "customergauge")]
    assert page.text.count("CustomerGauge has no request that reads a user") == 1
    assert "10 accounts at customergauge" in page.text


def test_an_endless_list_is_cut_with_a_note() -> None:
    made = audit_document()
    made["orphans"] = [{**made["orphans"][0], "id": str(number)} for number in range(LISTED + 1)]
    page = Page(text_of(render_html, made))
    assert f"Shown are {LISTED:,} of {LISTED + 1:,}; evidence.json has them all." in page.text
    made["orphans"].pop()
    assert "Shown are" not in text_of(render_html, made)


def test_only_a_long_matrix_scrolls_within_itself() -> None:
    def is_long(leavers: int) -> bool:
        page = Page(
            text_of(render_html, run_of([record("zitadel", leaver(each), "changed") for each in range(leavers)]))
        )
        return "data-long" in next(each for each in page.all("table") if each.get("id") == "matrix")

    assert (is_long(200), is_long(201)) == (False, True)


@pytest.mark.parametrize(
    ("made", "tone", "headline"),
    [
        (offboard_document(), "bad", "3 leavers still have access"),
        (audit_document(), "bad", "3 leavers still have access"),
        (check_mode_document(), "plan", "Check mode: nothing was written"),
        (empty_document(), "warn", "There is no record: no account was looked up"),
        (reinstate_document(), "bad", "1 leaver does not have everything back"),
        (reinstate_document(check_mode=True), "plan", "Check mode: nothing was written"),
        (reinstated("changed"), "good", "Every account that the run closed is open"),
        (reinstated("by_hand"), "warn", "What can be reopened is open, the rest is for a person"),
        (
            reinstated("changed", verified=None),
            "warn",
            "Every account that the run closed is open, as far as it can be read",
        ),
        (document([], kind="reinstate"), "warn", "That run left no account to reopen"),
        (one("changed"), "good", "Every account that was due is closed"),
        (one("missing"), "good", "Every account that was due is closed"),
        (
            one("changed", vendor="customergauge"),
            "warn",
            "Every account that was due is closed, as far as it can be read",
        ),
        (one("not_due"), "good", "No leaver is due"),
        (one("failed"), "bad", "1 leaver still has access"),
        (one("failed", after=None, before=None), "bad", "1 leaver may still have access"),
        (one("failed", after={"state": "unknown", "vendor_state": None}), "bad", "1 leaver may still have access"),
        (one("failed", after={"state": "deactivated", "vendor_state": None}), "bad", "1 leaver needs a look"),
        (one("missing", failing=True), "bad", "1 leaver needs a look"),
        (
            run_of(
                [record("zitadel", leaver(1), "failed"), record("netex", leaver(2), "failed", after=None, before=None)]
            ),
            "bad",
            "1 leaver still has access, and 1 more may have",
        ),
        (one("closed", "audit"), "good", "No leaver who is due has access"),
        (one("unknown", "audit"), "warn", "No leaver is known to have access, and not all is known"),
        (
            one("still_active", "audit", after={"state": "locked", "vendor_state": None}),
            "bad",
            "1 leaver still has access",
        ),
        (one("unknown", "audit", failing=True, after=None), "bad", "1 leaver may still have access"),
        (
            run_of([record("zitadel", leaver(1), "changed")], ("learn",)),
            "bad",
            "1 tenant ended with an error",
        ),
    ],
)
def test_the_verdict(made: Document, tone: str, headline: str) -> None:
    found = verdict(made)
    assert (found.tone, found.headline) == (tone, headline)


@pytest.mark.parametrize(
    ("more", "headline"),
    [
        ({"second_look": [{"verdict": "came_back", "failing": True}]}, "1 account came back"),
        ({"second_look": [{"verdict": "unknown", "failing": True}]}, "1 account could not be looked at again"),
        (
            {"orphans": [documents.orphan("zitadel", "x", None)], "parameters": {"audit_orphans": "fail"}},
            "1 account belongs to no person on the staff list",
        ),
        (
            {"both_lists": ["a@example.com", "b@example.com"], "parameters": {"audit_both_lists": "fail"}},
            "2 leavers who are due are on the staff list as well",
        ),
    ],
)
def test_failures_of_a_run_without_a_failed_leaver_are_reported(more: Any, headline: str) -> None:
    found = verdict(one("closed", "audit") | more)
    assert (found.tone, found.headline) == ("bad", headline)


def test_what_a_verdict_adds() -> None:
    assert [note.text for note in verdict(offboard_document()).notes] == [
        "3 accounts are not as asked: 1 at zitadel, 1 at laurel, 1 at netex.",
        "10 tasks for a person.",
        "10 accounts closed according to the vendor, and not read back.",
        "2 accounts open for longer than 1 d.",
    ]
    assert [note.text for note in verdict(audit_document()).notes] == [
        "3 accounts are not as asked: 1 at zitadel, 2 at laurel.",
        "1 tenant with an error: learn.",
        "3 accounts that an earlier run had closed came back.",
        (
            "1 leaver with no account at any tenant: leaver03@example.com. This is not final: "
            "customergauge cannot be read: CustomerGauge has no request for it; learn could not be read."
        ),
        "2 accounts belong to no person on the staff list.",
        "11 tasks for a person.",
    ]
    assert [note.text for note in verdict(check_mode_document()).notes] == [
        "A run would change 47 accounts of 11 leavers.",
        "10 tasks for a person.",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3601, "1 h 1 s"),
        (5400, "1 h 30 min"),
        (86_400, "1 d"),
        (93_784, "1 d 2 h"),
        (86_400 * 1234, "1,234 d"),
        (-90, "1 min 30 s before"),
        (None, "\u2013"),
    ],
)
def test_a_duration_in_words(seconds: int | None, text: str) -> None:
    assert duration(seconds) == text
