# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Measure, print, and write down: `make bench`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import ceiling, concurrency, contest, floor, goals, growth, page, playbook, scim, slices
from bench.machine import BUSY, describe
from bench.sizes import QUICK, Sizes
from bench.stage import Stage
from harness.tree import REPOSITORY
from mock_vendors import client

Report = Callable[[str], None]
Part = Callable[[Stage, Sizes, Report], Any]
PARTS: dict[str, Part] = {
    "goals": floor.run,
    "ceiling": ceiling.run,
    "contest": contest.run,
    "playbook": playbook.run,
    "growth": growth.run,
    "concurrency": concurrency.run,
    "scim": scim.run,
    "slices": slices.run,
}
KEPT = REPOSITORY / "build" / "bench"


def report(text: str) -> None:
    print(text, flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=PARTS, help="measure only these (goals: before each release)")
    parser.add_argument("--quick", action="store_true", help="small numbers, to try it; writes no page")
    parser.add_argument("--leavers", type=int, help="with --quick: the contest with so many")
    parser.add_argument("--latency", type=int, help="with --quick: at this latency (ms) alone")
    given = parser.parse_args()
    if not given.quick and (given.leavers is not None or given.latency is not None):
        parser.error("--leavers and --latency go with --quick")
    return given


def chosen(given: argparse.Namespace) -> Sizes:
    sizes = QUICK if given.quick else Sizes()
    if given.leavers is not None:
        sizes = replace(sizes, leavers=(given.leavers,), slow=(1, given.leavers))
    if given.latency is not None:
        sizes = replace(sizes, latencies=(given.latency,), concurrency_latencies=(given.latency,))
    return sizes


def main() -> int:
    given = arguments()
    sizes = chosen(given)
    kept = KEPT / ("quick.json" if given.quick else "results.json")
    kept.parent.mkdir(parents=True, exist_ok=True)
    # A part that is measured again goes with the others as they were.
    results: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() and not given.quick else {}
    if given.quick:
        report("Quick: small numbers that say whether it works, and nothing of how fast it is.\n")
    if (load := os.getloadavg()[0]) > BUSY:
        report(f"Something else is at work on this machine (load {load:.1f}): the times below are its times too.\n")
    with tempfile.TemporaryDirectory(prefix="offboarding-bench-") as folder, client.start() as mock:
        stage = Stage.built(mock, Path(folder))
        for name in given.parts or PARTS:
            results[name] = PARTS[name](stage, sizes, report)
            results["machine"] = describe()
            results["dates"] = {**results.get("dates", {}), name: datetime.now(UTC).date().isoformat()}
            kept.write_text(json.dumps(results, indent=1) + "\n")
    conclude(results, sizes, KEPT / "quick" if given.quick else page.DOCS)
    return 0


def conclude(results: dict[str, Any], sizes: Sizes, folder: Path) -> None:
    """Write the pages for which there are results: into the docs, or into a scratch folder if the numbers are small."""
    if "slices" in results:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "scaling-out.md").write_text(page.scaling_out(), encoding="utf-8")
    if all(name in results for name in page.MEASURED):
        found = page.read(results)
        days = sorted({results["dates"][name] for name in page.PARTS})
        page.write(found, {"measured": " and ".join(days), **results["machine"]}, sizes, folder)
        if sizes == Sizes():
            report(goals.table(goals.judge(found)))
        report(f"Written: {(folder / 'benchmarks.md').relative_to(REPOSITORY)}")
    elif "goals" in results and sizes == Sizes():
        page.update_goals(floor.read(results["goals"]), folder)
    if "scim" in results and sizes == Sizes():
        page.update_scim(scim.section(results["scim"], results["dates"]["scim"]), folder)


if __name__ == "__main__":
    sys.exit(main())
