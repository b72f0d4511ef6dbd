# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The pages of the docs, from what was measured."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from bench import ceiling, concurrency, contest, floor, goals, growth, playbook, slices
from bench.plot import draw
from bench.shares import Shares
from bench.sizes import Sizes
from bench.stage import CONCURRENCY
from harness.tree import REPOSITORY

TEMPLATES = Path(__file__).with_name("pages")
DOCS = REPOSITORY / "docs"
PICTURE = "benchmarks-growth.svg"
PARTS = ("ceiling", "contest", "playbook", "growth", "concurrency")
MEASURED = ("goals", *PARTS)
SCIM = re.compile(r"(?<=<!-- scim -->\n).*?(?=<!-- end of scim -->)", re.DOTALL)
GOALS = re.compile(r"(?<=<!-- goals -->\n).*?(?=<!-- end of goals -->)", re.DOTALL)


def read(raw: Mapping[str, Any]) -> goals.Results:
    """Results as they were kept."""
    return goals.Results(
        ceiling=ceiling.Ceiling(**raw["ceiling"]),
        contest=[contest.Row(**row) for row in raw["contest"]],
        playbook=[playbook.Row(**{**row, "shares": Shares(**row["shares"])}) for row in raw["playbook"]],
        goals=floor.read(raw["goals"]),
        growth_leavers=[growth.Point(**point) for point in raw["growth"]["leavers"]],
        growth_accounts=[growth.Point(**point) for point in raw["growth"]["accounts"]],
        concurrency=[concurrency.Row(**row) for row in raw["concurrency"]],
    )


def benchmarks(results: goals.Results, machine: Mapping[str, str], sizes: Sizes, verdicts: str) -> str:
    rows = results.contest
    pairs = sorted({(row.leavers, row.latency) for row in rows})
    contests = [contest.table(rows, latency, leavers, results.ceiling.rate) for leavers, latency in pairs]
    wholes = [playbook.table(results.playbook, leavers, results.ceiling.rate) for leavers in sizes.playbook]
    few, many = sizes.slow
    return _filled(
        "benchmarks.md",
        machine="\n".join(f"- {name}: {value}" for name, value in machine.items()),
        goals=floor.section(results.goals),
        bounds=verdicts,
        bulk=contest.BULK,
        again=contest.AGAIN,
        asyncio=contest.ASYNCIO,
        sequence=contest.SEQUENCE,
        loop=contest.LOOP,
        uri=contest.URI,
        concurrency=CONCURRENCY,
        repeats=sizes.repeats,
        often=f"{sizes.often:,}",
        few=few,
        many=many,
        contest="\n".join(contests),
        ceiling=ceiling.sentence(results.ceiling),
        cores=machine["cores"],
        playbook="\n".join(wholes),
        growth_leavers=growth.leavers_table(results.growth_leavers),
        searched=sizes.searched,
        growth_accounts=growth.accounts_table(results.growth_accounts),
        concurrency_leavers=f"{sizes.concurrency_leavers:,}",
        concurrency_table=concurrency.table(results.concurrency),
        concurrency_gains=concurrency.gains(results.concurrency, CONCURRENCY),
    )


def scaling_out() -> str:
    site = slices.Site()
    return _filled(
        "scaling-out.md",
        startup=f"{site.startup:.0f}",
        concurrency=site.concurrency,
        latency=f"{site.latency * 1000:.0f}",
        cpu=f"{site.cpu * 1000:.0f}",
        cores=site.cores,
        table=slices.table(),
    )


def _filled(name: str, **values: object) -> str:
    return Template((TEMPLATES / name).read_text(encoding="utf-8")).substitute(
        {key: str(value).strip() for key, value in values.items()}
    )


def write(results: goals.Results, machine: Mapping[str, str], sizes: Sizes, folder: Path = DOCS) -> None:
    """Write the page of what was measured, and its picture."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    verdicts = (
        goals.table(goals.judge(results)) if sizes == Sizes() else "None of these bounds is for numbers so small."
    )
    page = benchmarks(results, machine, sizes, verdicts)
    (folder / "benchmarks.md").write_text(page, encoding="utf-8")
    draw(results.growth_leavers, results.growth_accounts, folder / "images" / PICTURE)


def update_goals(found: floor.Found, folder: Path = DOCS) -> None:
    """Write the table of the goals into the page, and leave the rest of it. Raises ValueError where it has no place."""
    _update(GOALS, floor.section(found), folder)


def update_scim(section: str, folder: Path = DOCS) -> None:
    """Write what was measured of SCIM into the page, and leave the rest of it. Raises ValueError as well."""
    _update(SCIM, section, folder)


def _update(place: re.Pattern[str], section: str, folder: Path) -> None:
    page = folder / "benchmarks.md"
    text = page.read_text(encoding="utf-8")
    if len(place.findall(text)) != 1:
        raise ValueError(f"{page.name} has no place for the section")
    page.write_text(place.sub(lambda _old: f"\n{section}\n", text), encoding="utf-8")
