# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The report of a run: all hosts of it, the refused and the silent ones too, and what a user's own tasks get."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils._facts import facts_of_run
from ansible_collections.saas.offboarding.plugins.plugin_utils._inputs import Inputs
from ansible_collections.saas.offboarding.plugins.plugin_utils._leavers import read_leavers
from ansible_collections.saas.offboarding.plugins.plugin_utils._records import tenant_report
from ansible_collections.saas.offboarding.plugins.plugin_utils._report import SHOWN_LEAVERS, Outcome, report_on
from ansible_collections.saas.offboarding.plugins.plugin_utils._run import DONE, LEFT_OUT, REFUSED, Run, join_run
from ansible_collections.saas.offboarding.plugins.plugin_utils._settings import Host, read_settings
from ansible_collections.saas.offboarding.plugins.plugin_utils._stages import Stages
from harness.facts import SCOPE

NOW = "2026-11-30T17:00:00Z"
SECRET = "correct-horse-battery"
NOTES = ["the list: ignored the columns Post"]


def emails(count: int, name: str = "l") -> list[str]:
    return [f"{name}{number:03}@example.com" for number in range(count)]


class Play:
    """A run of some hosts, each with a tenant of netexCloud."""

    def __init__(self, place: Path, *hosts: str, part: str = "") -> None:
        self.place = place
        self.found: dict[str, Any] = {}
        self.run: Run = join_run(str(place), hosts[0], ["task", hosts[0]], hosts, part)

    def keep(self, host: str, outcome: str, **more: Any) -> None:
        kept: Any = {"host": host, "position": 0, "vendor": "netex", "tenant": host, "outcome": outcome}
        self.run.keep(kept | {"faults": [], "work": None, **more})

    def done(self, host: str, outcomes: dict[str, str], check: bool = False, **more: Any) -> None:
        listed = read_leavers([{"email": each} for each in outcomes], "the list").leavers
        shut = {"state": "deactivated", "vendor_state": None}
        users = [
            {
                "key": {"email": email},
                "outcome": "failed" if outcome in ("unread", "ambiguous") else outcome,
                "id": None if outcome in ("missing", "unread", "ambiguous") else email,
                "name": None,
                "before": None if outcome in ("unread", "ambiguous") else {"state": "active", "vendor_state": None},
                "after": shut,
                "verified": True,
                "error": {"code": outcome if outcome == "ambiguous" else "timeout", "message": "no answer"}
                if outcome in ("failed", "refused", "unread", "ambiguous")
                else None,
            }
            for email, outcome in outcomes.items()
        ]
        variables: Any = {
            "offboard_leavers": [{}],
            "saas_vendor": "netex",
            "netex_auth_token": SECRET,
            **more,
        }
        self.run.report_dir(more.get("offboard_report_dir", ""))
        faults: list[str] = []
        settings = read_settings("offboard", "netex", Host(host), variables, faults)
        assert settings is not None
        inputs = Inputs(leavers=listed, due=listed, due_at=NOW, notes=NOTES)
        options: Any = {"tenant": host, "vendor": "netex", "stages": Stages.once("deactivated"), "due_at": NOW}
        result: Any = {"users": users, "check_mode": check, "plan_hash": "sha256:00", **self.found}
        facts = facts_of_run(settings, inputs, SCOPE, check_mode=check, variables={})
        made = tenant_report(result, listed, on_missing="ok", **options)
        self.keep(host, DONE, work={"facts": facts, "report": made})

    def report(self, *present: str, tenants: Sequence[str] = ()) -> Outcome:
        reporter = self.run.reporter()
        assert reporter is not None
        return report_on(self.run, reporter, "2.19.0", present or self.run.hosts, tenants)


def test_a_run_that_reached_the_desired_state(tmp_path: Path) -> None:
    play = Play(tmp_path, "a", "b")
    for host in ("a", "b"):
        play.done(host, {"x@example.com": "changed"}, offboard_report_dir=str(tmp_path / "reports"))
    outcome = play.report()
    folder = tmp_path / "reports" / play.run.run_id
    document = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    assert outcome["verdicts"] == {}
    counts = {"requested": 1, "changed": 1, "unchanged": 0, "missing": 0, "failed": 0, "refused": 0, "not_due": 0}
    assert outcome["result"] == {
        "run_id": play.run.run_id,
        "kind": "offboard",
        "check_mode": False,
        "folder": str(folder),
        "seal": document["seal"],
        "outcome": "ok",
        "tenants": {"a": counts, "b": counts},
        "failed": [],
        "refused": [],
        "unmatched": [],
    }
    assert outcome["plan"] == {}
    assert outcome["lines"][-2:] == [f"Evidence: {folder}", f"Seal: {document['seal']}"]


def test_what_was_ignored_is_shown_sealed_and_part_of_what_is_approved(tmp_path: Path) -> None:
    play = Play(tmp_path, "a")
    play.done("a", {"x@example.com": "missing"}, check=True, offboard_report_dir=str(tmp_path / "reports"))
    assert NOTES[0] in play.report()["lines"]
    folder = tmp_path / "reports" / play.run.run_id
    for name in ("evidence.json", "plan.json"):
        assert json.loads((folder / name).read_text(encoding="utf-8"))["notes"] == NOTES
    planned = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert (planned["unmatched"], planned["not_due"], planned["scope"]) == (["x@example.com"], [], SCOPE)


ACME = {"id": "1", "name": "Acme"}


@pytest.mark.parametrize("reach", [None, "instance", [ACME], [ACME, {"id": "2", "name": None}], []], ids=str)
def test_where_there_is_no_account_is_in_the_report(tmp_path: Path, reach: Any) -> None:
    play = Play(tmp_path, "a")
    play.found = {"scope": reach}
    outcomes = {"x@example.com": "missing", "y@example.com": "changed"}
    play.done("a", outcomes, check=True, offboard_report_dir=str(tmp_path / "reports"))
    lines = play.report()["lines"]
    folder = tmp_path / "reports" / play.run.run_id
    document = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    planned = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    place = {
        "instance": "any organization of the instance",
        str([ACME]): "organization Acme (1)",
        str([ACME, {"id": "2", "name": None}]): "organizations Acme (1), (2)",
        "[]": "what the credential can see, which is its own account only",
    }.get(str(reach))
    assert document["tenants"][0]["reach"] == reach
    assert [each.get("looked_in") for each in document["records"]] == [place, None]
    notes = [note for note in document["notes"] if note not in NOTES]
    limited = isinstance(reach, list)
    sentence = f"a: 1 leaver has no account in {place}. The credential sees no other accounts of the tenant."
    assert notes == ([sentence] if limited else [])
    assert planned["notes"] == document["notes"]
    (unmatched,) = [line for line in lines if line.startswith("unmatched: ")]
    assert (f" At a only {place} was looked in." in unmatched) is limited
    assert document["unmatched"]["not_final"] == []
    for name in ("evidence.csv", "report.html", "junit.xml"):
        text = (folder / name).read_text(encoding="utf-8")
        assert place is None or place in text, name


def test_what_a_plan_lacks_is_named_before_it_is_approved(tmp_path: Path) -> None:
    play = Play(tmp_path, "a")
    play.found = {"lacking": ["user.delete", "user.write"]}
    play.done("a", {"x@example.com": "changed"}, check=True, offboard_report_dir=str(tmp_path / "reports"))
    outcome = play.report()
    (line,) = [line for line in outcome["lines"] if line.startswith("forbidden: a: ")]
    assert "The credential lacks user.delete and user.write, " in line
    assert outcome["verdicts"] == {}
    planned = json.loads((tmp_path / "reports" / play.run.run_id / "plan.json").read_text(encoding="utf-8"))
    assert planned["notes"] == [*NOTES, line]
    assert line in (tmp_path / "reports" / play.run.run_id / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("choice", "fails"), [("fail", True), ("report", False)])
def test_a_leaver_found_nowhere_fails_the_run_where_that_was_asked_for(
    tmp_path: Path, choice: str, fails: bool
) -> None:
    play = Play(tmp_path, "a")
    play.done("a", {"x@example.com": "missing"}, offboard_unmatched=choice)
    outcome = play.report()
    assert (outcome["result"]["outcome"] == "failed") is fails
    assert [text.partition(":")[0] for text in outcome["verdicts"].get("a", [])] == ["unmatched"] * fails


@pytest.mark.parametrize(
    ("count", "variables", "noted"),
    [(101, {}, True), (100, {}, False), (101, {"offboard_max_changes": 101}, False)],
)
def test_check_mode_predicts_a_refused_run(tmp_path: Path, count: int, variables: dict[str, Any], noted: bool) -> None:
    play = Play(tmp_path, "a")
    play.done("a", dict.fromkeys(emails(count), "changed"), check=True, **variables)
    notes = [line for line in play.report()["lines"] if "offboard_max_changes to 101 or more" in line]
    assert bool(notes) is noted


def test_the_result_groups_leavers_by_outcome(tmp_path: Path) -> None:
    play = Play(tmp_path, "a", "b")
    play.done("a", {"f@x.com": "failed", "r@x.com": "refused", "m@x.com": "missing", "h@x.com": "missing"})
    play.done("b", {"f@x.com": "changed", "r@x.com": "changed", "m@x.com": "missing", "h@x.com": "changed"})
    outcome = play.report()
    result = outcome["result"]
    assert (result["outcome"], result["folder"], result["seal"]) == ("failed", None, None)
    assert (result["failed"], result["refused"], result["unmatched"]) == (["f@x.com"], ["r@x.com"], ["m@x.com"])
    assert list(outcome["verdicts"]) == ["a"]


def test_who_has_no_account_and_could_not_be_looked_for_everywhere_is_unmatched_and_fails_no_run(
    tmp_path: Path,
) -> None:
    play = Play(tmp_path, "a", "b")
    play.done("a", {"m@x.com": "missing", "d@x.com": "missing", "o@x.com": "missing"}, offboard_unmatched="fail")
    play.done("b", {"m@x.com": "unread", "d@x.com": "ambiguous", "o@x.com": "failed"}, offboard_unmatched="fail")
    outcome = play.report()
    assert outcome["result"]["unmatched"] == ["m@x.com"]
    message = "unmatched: 1 leaver with no account at any tenant: m@x.com. This is not final: b could not be read."
    assert message in outcome["lines"]
    assert "unmatched" not in " ".join(text for texts in outcome["verdicts"].values() for text in texts)


def test_the_result_names_a_hundred_leavers_in_all(tmp_path: Path) -> None:
    play = Play(tmp_path, "a")
    outcomes = {**dict.fromkeys(emails(70, "f"), "failed"), **dict.fromkeys(emails(70, "r"), "refused")}
    play.done("a", {**outcomes, **dict.fromkeys(emails(70, "m"), "missing")})
    result = play.report()["result"]
    assert [len(result["failed"]), len(result["refused"]), len(result["unmatched"])] == [70, 30, 0]
    assert SHOWN_LEAVERS == 100


def test_where_all_are_refused_nothing_is_written_and_each_host_fails(tmp_path: Path) -> None:
    play = Play(tmp_path, "a", "b")
    play.keep("a", REFUSED, faults=["same.", "of a."])
    play.keep("b", REFUSED, faults=["same."])
    outcome = play.report()
    assert outcome["lines"] == ["invalid_input: Refused before the first request. Nothing was sent.", "same.", "of a."]
    assert outcome["verdicts"] == {"a": ["invalid_input: same. of a."], "b": ["invalid_input: same."]}
    assert outcome["result"]["outcome"] == "refused"
    assert (outcome["result"]["folder"], outcome["result"]["seal"], outcome["result"]["tenants"]) == (None, None, {})


def test_who_is_refused_does_not_stop_the_others(tmp_path: Path) -> None:
    play = Play(tmp_path, "a", "b")
    play.keep("a", REFUSED, faults=["a variable is wrong."])
    play.done("b", {"x@example.com": "changed"})
    outcome = play.report()
    assert outcome["verdicts"] == {"a": ["invalid_input: a variable is wrong."]}
    assert outcome["result"]["outcome"] == "failed"
    assert set(outcome["result"]["tenants"]) == {"a", "b"}
    assert any("a: a variable is wrong" in line for line in outcome["lines"])


def test_a_vendor_that_is_refused_on_this_host_is_named_by_its_vendor(tmp_path: Path) -> None:
    """On localhost a host is several tenants, and its own name is none of them."""
    play = Play(tmp_path, "localhost")
    play.done("localhost", {"x@example.com": "changed"})
    for position, vendor in enumerate(("learn", "zitadel"), 1):
        play.keep("localhost", REFUSED, vendor=vendor, position=position, tenant=vendor, faults=[f"of {vendor}."])
    outcome = play.report()
    assert set(outcome["result"]["tenants"]) == {"localhost", "learn", "zitadel"}
    assert outcome["verdicts"] == {"localhost": ["invalid_input: of learn. of zitadel."]}


def test_a_host_without_a_result_is_in_the_report_unless_the_play_left_it_out(tmp_path: Path) -> None:
    play = Play(tmp_path, "a", "b", "c")
    play.done("a", {"x@example.com": "changed"})
    outcome = play.report("a", "c")
    assert set(outcome["result"]["tenants"]) == {"a", "b"}
    assert any("b: left no result" in line for line in outcome["lines"])


@given(st.lists(st.sampled_from(["done", "refused", "left out", "skipped", "failed"]), min_size=1, max_size=5))
def test_each_tenant_of_a_run_is_in_its_report_or_named_as_left_out(
    tmp_path_factory: pytest.TempPathFactory, fates: list[str]
) -> None:
    fates = ["done", *fates]
    hosts = [f"host{number}" for number in range(len(fates))]
    play = Play(tmp_path_factory.mktemp("run"), *hosts)
    for host, fate in zip(hosts, fates, strict=True):
        if fate == "done":
            play.done(host, {"x@example.com": "changed"})
        elif fate in ("refused", "left out"):
            play.keep(host, REFUSED if fate == "refused" else LEFT_OUT, faults=["wrong."] * (fate == "refused"))
    present = [host for host, fate in zip(hosts, fates, strict=True) if fate != "failed"]
    # A host in the same play that is no tenant, and a tenant of another batch.
    outcome = play.report(*present, "web01", "other", tenants=[*present, "other"])
    (line,) = [each for each in outcome["lines"] if "left these tenants out" in each] or [""]
    for host, fate in zip(hosts, fates, strict=True):
        assert (host in outcome["result"]["tenants"]) == (fate in ("done", "refused", "failed"))
        assert (f" {host}" in line) == (fate == "skipped")
    assert "web01" not in line
    assert "other" not in line


def test_a_run_without_a_tenant_fails(tmp_path: Path) -> None:
    play = Play(tmp_path, "a", "b")
    for host in ("a", "b"):
        play.keep(host, LEFT_OUT)
    outcome = play.report()
    message = "nothing_done: No host of this run is a tenant of one of offboard_vendors."
    assert (outcome["lines"], outcome["verdicts"]) == ([message], {"a": [message]})


def test_each_batch_has_a_report_with_a_note(tmp_path: Path) -> None:
    text = "This report covers 1 of 2 hosts of the play (serial): the others have their own."
    plays = [Play(tmp_path, host, part=text) for host in ("a", "b")]
    for play in plays:
        play.done(play.run.hosts[0], {"x@example.com": "changed"}, offboard_report_dir=str(tmp_path / "reports"))
    results = [play.report() for play in plays]
    assert all(text in each["lines"] for each in results)
    assert [list(each["result"]["tenants"]) for each in results] == [["a"], ["b"]]
    assert len({each["result"]["folder"] for each in results}) == 2


def test_a_run_in_check_mode_hands_its_plan_on(tmp_path: Path) -> None:
    play = Play(tmp_path, "a")
    play.done("a", {"x@example.com": "changed"}, check=True)
    outcome = play.report()
    assert outcome["plan"]["offboard_plan"] == {"a": "sha256:00"}
    assert outcome["result"]["check_mode"] is True


@pytest.mark.parametrize("report_dir", ["", "file/below"])
def test_no_secret_is_in_what_is_shown_and_handed_on(tmp_path: Path, report_dir: str) -> None:
    (tmp_path / "file").touch()
    play = Play(tmp_path, "a")
    play.done("a", {"x@example.com": "failed"}, offboard_report_dir=report_dir and str(tmp_path / report_dir))
    outcome = play.report()
    assert SECRET not in json.dumps(outcome)
    assert len(outcome["verdicts"]["a"]) == (2 if report_dir else 1), "evidence that cannot be written is a fault"
    assert "Nothing was sent" not in json.dumps(outcome), "the run is done"
