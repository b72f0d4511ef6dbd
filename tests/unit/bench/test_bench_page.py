# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The page says what was measured, on what, and what of it was reached; and kept results make the same page."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from bench import floor, goals, page
from bench.__main__ import conclude
from bench.goals import Results
from bench.machine import describe, processor
from bench.sizes import QUICK, Sizes


def test_the_page_is_filled(results: Results) -> None:
    verdicts = goals.table(goals.judge(results))
    text = page.benchmarks(results, {"measured": "2026-11-30", "cores": "2"}, Sizes(playbook=(10_000,)), verdicts)
    assert "$" not in text
    assert verdicts.strip() in text
    assert "- measured: 2026-11-30" in text
    assert "| one leaver at five tenants | " in text
    assert "The mock vendors answer 2,000 requests a second at most" in text
    assert "10,000 leavers, 100 ms:" in text
    step = "At 20 ms the step from 8 to 16 makes the module 2.00 times as fast, the next one to 32 another 2.00 times."
    assert step in text


def test_results_are_read_as_they_were_kept(results: Results) -> None:
    kept = {
        "ceiling": asdict(results.ceiling),
        "goals": asdict(results.goals),
        **{name: [asdict(row) for row in getattr(results, name)] for name in ("contest", "playbook", "concurrency")},
        "growth": {
            "leavers": [asdict(point) for point in results.growth_leavers],
            "accounts": [asdict(point) for point in results.growth_accounts],
        },
    }
    assert page.read(json.loads(json.dumps(kept))) == results


def test_the_machine_is_described_and_not_named(tmp_path: Path) -> None:
    found = describe()
    assert found["cores"].isdecimal()
    assert found["ansible-core"].startswith("2.")
    assert not {"host", "user", "path"} & set(found)
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nmodel name\t: A Processor @ 3 GHz\n")
    assert processor(cpuinfo) == "A Processor @ 3 GHz"
    assert processor(tmp_path / "none") != ""


@pytest.fixture
def old_page(results: Results, tmp_path: Path) -> Path:
    """A page of an earlier run."""
    path = tmp_path / "benchmarks.md"
    path.write_text(page.benchmarks(results, {"cores": "2"}, Sizes(playbook=(10_000,)), "bounds"), encoding="utf-8")
    return path


def test_the_goals_alone_change_their_table_only(results: Results, old_page: Path) -> None:
    before = old_page.read_text(encoding="utf-8")
    row = replace(results.goals.rows[0], found="1.30", reached=False)
    found = replace(results.goals, rows=[row], day="2026-12-24")
    conclude({"goals": asdict(found)}, Sizes(), old_page.parent)
    after = old_page.read_text(encoding="utf-8")
    assert "1.30 | MISSED |" not in before
    assert "1.30 | MISSED |" in after
    assert after.replace(floor.section(found), floor.section(results.goals)) == before
    page.update_goals(results.goals, old_page.parent)
    assert old_page.read_text(encoding="utf-8") == before


def test_small_numbers_change_no_page(results: Results, old_page: Path) -> None:
    before = old_page.read_text(encoding="utf-8")
    conclude({"goals": asdict(replace(results.goals, day="2026-12-24"))}, QUICK, old_page.parent)
    assert old_page.read_text(encoding="utf-8") == before


def test_a_page_without_a_place_for_the_goals_is_an_error(results: Results, tmp_path: Path) -> None:
    (tmp_path / "benchmarks.md").write_text("# Benchmarks", encoding="utf-8")
    with pytest.raises(ValueError, match="no place for the section"):
        page.update_goals(results.goals, tmp_path)


def test_the_page_states_that_other_programs_ran(results: Results) -> None:
    assert "Measured on 2026-12-01.\n" in floor.section(results.goals)
    busy = floor.section(replace(results.goals, load=2.4))
    assert "Measured on 2026-12-01 while other programs ran (load 2.4)" in busy
