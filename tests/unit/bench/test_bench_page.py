# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The page says what was measured, on what, and what of it was reached; and kept results make the same page."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from bench import goals, page
from bench.goals import Results
from bench.machine import describe, processor
from bench.sizes import Sizes


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
        **{
            name: [asdict(row) for row in getattr(results, name)]
            for name in ("contest", "playbook", "floor", "concurrency")
        },
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
