# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The page of a run in a real browser: what it shows, filters and opens, and that nothing in it runs or is fetched."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select

from ansible_collections.saas.offboarding.plugins.plugin_utils import _report_html
from ansible_collections.saas.offboarding.plugins.plugin_utils._report_html import render_html
from harness.browser import PHONE, barriers, browser, phone, read_log
from harness.documents import (
    NASTY,
    SERVER_ERROR,
    VENDORS,
    Document,
    audit_document,
    check_mode_document,
    empty_document,
    large_document,
    leaver,
    nasty_document,
    offboard_document,
    reinstate_document,
)

Open = Callable[[Document], Chrome]

DOCUMENTS: dict[str, Callable[[], Document]] = {
    "offboard": offboard_document,
    "plan": check_mode_document,
    "audit": audit_document,
    "reinstate": reinstate_document,
    "hostile": nasty_document,
    "empty": empty_document,
}


@pytest.fixture(scope="module")
def chrome() -> Iterator[Chrome]:
    with browser() as started:
        yield started


@pytest.fixture
def show(chrome: Chrome, tmp_path: Path) -> Iterator[Open]:
    """Opens the page of a document, and holds against it afterwards what it said and what it fetched."""
    file = tmp_path / "report.html"

    def opened(document: Document) -> Chrome:
        file.write_text("".join(render_html(document)), encoding="utf-8")
        chrome.get(file.as_uri())
        return chrome

    media(chrome)
    forget_logs(chrome)
    yield opened
    assert read_log(chrome, "browser") == []
    assert set(fetched(chrome)) <= {file.as_uri()}


def forget_logs(chrome: Chrome) -> None:
    for log in ("browser", "performance"):
        read_log(chrome, log)


def fetched(chrome: Chrome) -> list[str]:
    return [each["request"]["url"] for each in network_events(chrome, "requestWillBeSent")]


def network_events(chrome: Chrome, name: str) -> list[dict[str, Any]]:
    events = [json.loads(entry["message"])["message"] for entry in read_log(chrome, "performance")]
    return [event["params"] for event in events if event["method"] == f"Network.{name}"]


def media(chrome: Chrome, kind: str = "", scheme: str = "light") -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": kind, "features": features})


def element(chrome: Chrome, selector: str) -> WebElement:
    return chrome.find_element(By.CSS_SELECTOR, selector)


def cell(chrome: Chrome, email: str, tenant: str) -> WebElement:
    return element(chrome, f'tr[data-email="{email}"] td[data-tenant="{tenant}"] button')


def visible_rows(chrome: Chrome) -> list[str]:
    script = """
        return Array.from(document.querySelectorAll('tr[data-email]'))
            .filter((row) => row.checkVisibility()).map((row) => row.dataset.email);
    """
    rows: list[str] = chrome.execute_script(script)
    return rows


def visible(chrome: Chrome, selector: str) -> bool:
    """Whether something is painted: Selenium takes whatever is in closed details for hidden, which print unfolds."""
    return bool(chrome.execute_script("return document.querySelector(arguments[0]).checkVisibility()", selector))


def shown(chrome: Chrome) -> str:
    return element(chrome, "#shown").text


def fields(chrome: Chrome) -> dict[str, str]:
    """What the opened cell shows, by the names of the record's fields."""
    found = chrome.find_elements(By.CSS_SELECTOR, "tr.detail [data-field]")
    return {str(each.get_attribute("data-field")): each.text for each in found}


def choose(chrome: Chrome, selector: str, value: str) -> None:
    Select(element(chrome, selector)).select_by_value(value)


def background(chrome: Chrome, selector: str) -> str:
    return element(chrome, selector).value_of_css_property("background-color")


def test_the_matrix_has_a_row_a_leaver_and_a_cell_a_tenant(show: Open) -> None:
    chrome = show(offboard_document())
    assert visible_rows(chrome) == [leaver(person) for person in range(1, 13)]
    assert len(chrome.find_elements(By.CSS_SELECTOR, "#matrix td[data-tenant]")) == 60
    assert element(chrome, "#verdict h1").text == "3 leavers still have access"
    assert shown(chrome) == "12 of 12 leavers shown"
    assert cell(chrome, leaver(9), "laurel").text == "FAILED"
    assert cell(chrome, leaver(1), "customergauge").text == "closed*"


def test_filters_leave_what_was_asked_for_and_say_how_much(show: Open) -> None:
    chrome = show(offboard_document())
    element(chrome, "#filter-text").send_keys("LEAVER0")
    assert len(visible_rows(chrome)) == 9
    assert shown(chrome) == "9 of 12 leavers shown"
    choose(chrome, "#filter-outcome", "failed")
    assert visible_rows(chrome) == [leaver(8), leaver(9)]
    element(chrome, "#filter-reset").click()
    assert shown(chrome) == "12 of 12 leavers shown"
    element(chrome, "#filter-look").click()
    assert visible_rows(chrome) == [leaver(5), leaver(8), leaver(9)]
    element(chrome, "#filter-text").send_keys("no such leaver")
    assert visible_rows(chrome) == []
    assert shown(chrome) == "0 of 12 leavers shown"


def test_a_tenant_is_the_only_column_and_the_only_one_that_filters_look_at(show: Open) -> None:
    chrome = show(offboard_document())
    cell(chrome, leaver(5), "zitadel").click()
    element(chrome, "#filter-look").click()
    choose(chrome, "#filter-tenant", "laurel")
    assert visible_rows(chrome) == [leaver(9)]
    assert [each.text for each in chrome.find_elements(By.CSS_SELECTOR, "#matrix th[data-tenant]") if each.text] == [
        "laurel"
    ]
    assert not cell(chrome, leaver(9), "netex").is_displayed()
    assert fields(chrome) == {}
    element(chrome, "#filter-reset").click()
    assert cell(chrome, leaver(9), "netex").is_displayed()


def test_a_cell_opens_to_what_was_seen_and_when(show: Open) -> None:
    document = offboard_document()
    chrome = show(document)
    record = next(each for each in document["records"] if (each["email"], each["tenant"]) == (leaver(1), "zitadel"))
    button = cell(chrome, leaver(1), "zitadel")
    assert button.get_attribute("aria-expanded") == "false"
    button.click()
    assert button.get_attribute("aria-expanded") == "true"
    assert button.get_attribute("aria-controls") == element(chrome, "tr.detail").get_attribute("id")
    found = fields(chrome)
    assert found["before"] == "active (USER_STATE_ACTIVE)"
    assert found["after"] == "deactivated (USER_STATE_INACTIVE)"
    for name in ("read_at", "written_at", "seen_at"):
        assert found[name] == record[name].replace("T", " ").replace("Z", " UTC")
    for name in ("id", "request_id", "hash"):
        assert found[name] == record[name]
    assert (found["status"], found["number"]) == ("200", str(record["number"]))
    assert (found["verified"], found["key"]) == ("yes, and seen so", f"email: {leaver(1)}")
    assert found["seconds_to_close"] == "1 h 25 min"
    button.click()
    assert fields(chrome) == {}
    assert button.get_attribute("aria-expanded") == "false"


def test_a_cell_shows_the_reason_of_a_failure(show: Open) -> None:
    chrome = show(offboard_document())
    cell(chrome, leaver(8), "netex").click()
    assert fields(chrome)["error"] == f"server_error: {SERVER_ERROR['message']}"
    cell(chrome, leaver(1), "customergauge").click()
    cell(chrome, leaver(1), "laurel").click()
    assert len(chrome.find_elements(By.CSS_SELECTOR, "tr.detail")) == 2
    chrome.find_element(By.ID, "filter-text").send_keys(leaver(1))
    assert fields(chrome)["error"] == ""
    assert len([each for each in chrome.find_elements(By.CSS_SELECTOR, "tr.detail") if each.is_displayed()]) == 1


def test_a_cell_shows_why_a_tenant_has_no_record(show: Open) -> None:
    chrome = show(audit_document())
    cell(chrome, leaver(1), "learn").click()
    assert fields(chrome)["error"].startswith("There is no record of this leaver at this tenant. no_result: ")
    cell(chrome, leaver(5), "zitadel").click()
    assert "Found" in element(chrome, "tr.detail:has([data-field=id])").text


def test_a_cell_shows_the_stage_and_the_next_one(show: Open) -> None:
    document = offboard_document()
    for record in document["records"]:
        if record["tenant"] == "zitadel":
            record["stage"] = {"number": 1, "of": 2, "state": "deactivated", "due_at": "2026-11-30T17:00:00Z"}
            if record["email"] == leaver(1):
                record["next_stage"] = {"number": 2, "of": 2, "state": "absent", "due_at": "2026-12-30T17:00:00Z"}
    chrome = show(document)
    cell(chrome, leaver(1), "zitadel").click()
    assert fields(chrome)["stage"] == "1 of 2: deactivated, due 2026-11-30T17:00:00Z"
    assert fields(chrome)["next_stage"] == "2 of 2: absent, due 2026-12-30T17:00:00Z"
    cell(chrome, leaver(1), "zitadel").click()
    cell(chrome, leaver(2), "zitadel").click()
    assert "stage" in fields(chrome)
    assert "next_stage" not in fields(chrome)
    cell(chrome, leaver(2), "laurel").click()
    assert "stage" not in fields(chrome)


def test_a_plan_is_called_one(show: Open) -> None:
    chrome = show(check_mode_document())
    cell(chrome, leaver(1), "zitadel").click()
    assert "As planned" in element(chrome, "tr.detail").text
    assert fields(chrome)["verified"] == "\u2013"


def test_it_can_be_used_without_a_mouse(show: Open) -> None:
    chrome = show(offboard_document())
    cell(chrome, leaver(1), "zitadel").send_keys(Keys.ARROW_RIGHT)
    chrome.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    chrome.switch_to.active_element.send_keys(Keys.ENTER)
    assert cell(chrome, leaver(2), "laurel").get_attribute("aria-expanded") == "true"
    chrome.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert fields(chrome) == {}
    element(chrome, "#filter-look").send_keys(Keys.SPACE)
    cell(chrome, leaver(5), "learn").send_keys(Keys.ARROW_DOWN)
    assert chrome.switch_to.active_element == cell(chrome, leaver(8), "learn")
    element(chrome, "#filter-text").send_keys("leaver", Keys.ENTER)
    assert len(visible_rows(chrome)) == 3


def unfold(chrome: Chrome) -> None:
    """Open all that opens, and a cell of the matrix."""
    chrome.execute_script(
        """
        document.querySelectorAll('details').forEach((each) => { each.open = true; });
        document.querySelector('#matrix [data-failing] button, #matrix button')?.click();
        """
    )


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_axe_finds_no_barrier(show: Open, kind: str) -> None:
    chrome = show(DOCUMENTS[kind]())
    unfold(chrome)
    for scheme in ("light", "dark"):
        media(chrome, scheme=scheme)
        assert barriers(chrome) == [], scheme
    with phone(chrome):
        assert barriers(chrome) == []


def test_axe_finds_no_barrier_in_a_matrix_that_scrolls(show: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_report_html, "LONG", 10)
    chrome = show(offboard_document())
    assert element(chrome, "#matrix[data-long]").is_displayed()
    unfold(chrome)
    assert barriers(chrome) == []


def test_axe_finds_a_barrier_where_there_is_one(show: Open) -> None:
    chrome = show(offboard_document())
    chrome.execute_script(
        "document.querySelector('.hint').style.color = '#ccc'; document.documentElement.removeAttribute('lang')"
    )
    assert [each.partition(":")[0] for each in barriers(chrome)] == ["color-contrast", "html-has-lang"]


def test_axe_that_is_not_there_is_an_error(show: Open, tmp_path: Path) -> None:
    chrome = show(empty_document())
    with pytest.raises(RuntimeError, match="make axe"):
        barriers(chrome, tmp_path / "axe.min.js")


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_on_a_phone_the_page_does_not_scroll_sideways(show: Open, chrome: Chrome, kind: str) -> None:
    with phone(chrome):
        show(DOCUMENTS[kind]())
        unfold(chrome)
        widths = "return [innerWidth, document.documentElement.scrollWidth]"
        assert chrome.execute_script(widths) == [PHONE[0], PHONE[0]]


def test_on_a_phone_the_matrix_scrolls_and_keeps_the_leaver_in_view(show: Open, chrome: Chrome) -> None:
    with phone(chrome):
        show(offboard_document())
        grid = element(chrome, ".grid")
        assert int(str(grid.get_attribute("scrollWidth"))) > int(str(grid.get_attribute("clientWidth")))
        button = cell(chrome, leaver(9), VENDORS[-1])
        chrome.execute_script("arguments[0].scrollIntoView({inline: 'nearest', block: 'center'})", button)
        left, right = (
            "return arguments[0].getBoundingClientRect().left",
            "return arguments[0].getBoundingClientRect().right",
        )
        who = element(chrome, f'tr[data-email="{leaver(9)}"] .who')
        assert chrome.execute_script(left, who) >= 0
        assert chrome.execute_script(right, who) <= chrome.execute_script(left, button)
        assert chrome.execute_script(right, button) <= PHONE[0]
        button.click()
        panel = element(chrome, ".panel")
        assert chrome.execute_script(left, panel) >= 0
        assert chrome.execute_script(right, panel) <= PHONE[0]


def test_a_screen_reader_finds_its_way(show: Open) -> None:
    """Landmarks, one title, no level of a heading left out, and headers in every table."""
    chrome = show(audit_document())
    unfold(chrome)
    for landmark in ("body > header", "body > main", "body > footer", "form[aria-label]", "[role=region][aria-label]"):
        assert len(chrome.find_elements(By.CSS_SELECTOR, landmark)) == 1, landmark
    levels = [int(each.tag_name[1]) for each in chrome.find_elements(By.CSS_SELECTOR, "h1, h2, h3, h4, h5, h6")]
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert len(chrome.find_elements(By.CSS_SELECTOR, "table")) > 3
    assert chrome.find_elements(By.CSS_SELECTOR, "table:not(:has(th[scope]))") == []
    assert chrome.find_elements(By.CSS_SELECTOR, "th:not([scope])") == []


def test_the_tab_key_goes_through_the_page_in_its_order_and_can_pass_the_matrix(show: Open) -> None:
    chrome = show(offboard_document())

    def focused() -> WebElement:
        return chrome.switch_to.active_element

    def tab() -> WebElement:
        focused().send_keys(Keys.TAB)
        return focused()

    assert tab().text == "Go to the leavers"
    focused().send_keys(Keys.ENTER)
    assert focused().get_attribute("id") == "leavers"
    filters = ["filter-text", "filter-outcome", "filter-tenant", "filter-look", "filter-reset"]
    assert [tab().get_attribute("id") for _each in filters] == filters
    assert tab().text == "Go past the matrix"
    assert tab().get_attribute("aria-label") == "Leavers by tenants"
    assert tab() == cell(chrome, leaver(1), VENDORS[0])
    focused().send_keys(Keys.ENTER)
    focused().send_keys(Keys.ESCAPE)
    assert focused() == cell(chrome, leaver(1), VENDORS[0])
    element(chrome, "#leavers .skip").send_keys(Keys.ENTER)
    following = tab()
    assert chrome.execute_script(
        "return Boolean(document.getElementById('after').compareDocumentPosition(arguments[0]) & 4)", following
    )


@pytest.mark.parametrize("kind", ["offboard", "audit"])
def test_no_text_of_a_file_or_of_a_vendor_runs(show: Open, kind: str) -> None:
    chrome = show(nasty_document(kind))
    for button in chrome.find_elements(By.CSS_SELECTOR, "#matrix button"):
        button.click()
    titles = [each.text for each in chrome.find_elements(By.CSS_SELECTOR, "tr.detail h3")]
    assert len(titles) == len(NASTY)
    assert all("@example.com" in title for title in titles)
    with pytest.raises(NoAlertPresentException):
        _text = chrome.switch_to.alert.text
    assert len(chrome.find_elements(By.TAG_NAME, "script")) == 2
    assert chrome.find_elements(By.CSS_SELECTOR, "img, iframe, object, [onerror]") == []
    assert not [each for each in chrome.find_elements(By.TAG_NAME, "a") if "script:" in str(each.get_attribute("href"))]


def test_the_policy_stops_what_would_get_in(chrome: Chrome, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text("".join(render_html(offboard_document())), encoding="utf-8")
    chrome.get(file.as_uri())
    forget_logs(chrome)
    chrome.execute_script(
        """
        const script = document.createElement('script');
        script.textContent = 'window.ran = 1';
        document.body.append(script);
        document.body.insertAdjacentHTML('beforeend', '<img src="http://127.0.0.1:9/x" onerror="window.ran = 2">');
        """
    )
    logged = " ".join(entry["message"] for entry in read_log(chrome, "browser"))
    assert "Content Security Policy" in logged
    assert chrome.execute_script("return window.ran ?? null") is None
    assert [each["blockedReason"] for each in network_events(chrome, "loadingFailed")] == ["csp"]


def test_dark_is_dark(show: Open) -> None:
    chrome = show(offboard_document())
    light = [background(chrome, selector) for selector in ("html", "section", "#matrix [data-failing] button")]
    media(chrome, scheme="dark")
    dark = [background(chrome, selector) for selector in ("html", "section", "#matrix [data-failing] button")]
    assert all(one != other for one, other in zip(light, dark, strict=True))
    assert brightness(light[0]) > 200
    assert brightness(dark[0]) < 50


def brightness(colour: str) -> float:
    parts = [float(part) for part in colour.partition("(")[2].rstrip(")").split(",")[:3]]
    return sum(parts) / 3


def test_every_colour_pair_can_be_read(show: Open) -> None:
    chrome = show(offboard_document())
    for scheme in ("light", "dark"):
        media(chrome, scheme=scheme)
        for selector in (
            "h2",
            ".hint",
            "#verdict h1",
            "#matrix button",
            "#matrix [data-failing] button",
            ".chip",
            "summary",
        ):
            assert contrast(chrome, selector) >= 4.5, (scheme, selector)


def contrast(chrome: Chrome, selector: str) -> float:
    """The ratio of WCAG between an element's colour and the first background behind it."""
    script = """
        let place = document.querySelector(arguments[0]), back;
        const colour = getComputedStyle(place).color;
        do {
            back = getComputedStyle(place).backgroundColor;
            place = place.parentElement;
        } while (back === 'rgba(0, 0, 0, 0)');
        const light = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number).map((part) => part / 255)
            .map((part) => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
            .reduce((sum, part, index) => sum + part * [.2126, .7152, .0722][index], 0);
        const [dim, bright] = [light(colour), light(back)].sort((one, other) => one - other);
        return (bright + .05) / (dim + .05);
    """
    return float(chrome.execute_script(script, selector))


def test_print_has_the_filtered_matrix_and_no_filters(show: Open) -> None:
    chrome = show(offboard_document())
    element(chrome, "#filter-look").click()
    assert not visible(chrome, "#parameters table")
    media(chrome, "print", "dark")
    assert not element(chrome, "#filters").is_displayed()
    assert visible_rows(chrome) == [leaver(5), leaver(8), leaver(9)]
    assert brightness(background(chrome, "#verdict")) > 200
    assert visible(chrome, "#parameters table")


def test_it_can_be_read_without_the_script(show: Open, chrome: Chrome) -> None:
    chrome.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    show(offboard_document())
    chrome.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert not element(chrome, "#filters").is_displayed()
    assert len(visible_rows(chrome)) == 12
    assert cell(chrome, leaver(9), "laurel").text == "FAILED"


def test_a_page_without_records_is_a_page(show: Open) -> None:
    chrome = show(empty_document())
    assert element(chrome, "#verdict h1").text == "There is no record: no account was looked up"
    assert chrome.find_elements(By.ID, "matrix") == []


def test_ten_thousand_leavers_at_five_tenants_are_bearable(show: Open) -> None:
    chrome = show(large_document(10_000))
    count: Any = chrome.execute_script("return document.querySelectorAll('#matrix td[data-tenant]').length")
    assert count == 10_000 * len(VENDORS)
    element(chrome, "#filter-look").click()
    assert shown(chrome) == "100 of 10,000 leavers shown"
    last = "given.family09950@example.com"
    assert visible_rows(chrome)[-1] == last
    cell(chrome, last, "laurel").click()
    assert fields(chrome)["error"].startswith("server_error: ")
    height = "return document.querySelector('.grid').scrollHeight"
    assert chrome.execute_script(height) < 6000
    element(chrome, "#filter-reset").click()
    assert chrome.execute_script(height) > 300_000
