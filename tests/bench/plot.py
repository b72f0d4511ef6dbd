# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The picture of the growth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.growth import READABLE, Point

LATENCY = 20
"""At which the vendors are drawn side by side."""
MEASURES: tuple[tuple[str, Callable[[Point], float]], ...] = (
    ("seconds", lambda point: point.wall),
    ("requests", lambda point: point.requests),
    ("peak memory, MB", lambda point: point.memory),
)


def draw(leavers: Sequence[Point], accounts: Sequence[Point], path: Path) -> None:
    """Draw time, requests and memory against the leavers (above) and the size of the tenant (below)."""
    import matplotlib as mpl  # heavy, and installed by `make bench` alone

    mpl.use("svg")
    # The same numbers give the same file.
    mpl.rcParams.update({"svg.hashsalt": "saas.offboarding", "svg.fonttype": "none", "font.size": 9})
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 6.5), layout="constrained")
    axes = figure.subplots(2, 3)
    latencies = dict.fromkeys(point.latency for point in leavers)
    shown = LATENCY if any(point.latency == LATENCY for point in accounts) else accounts[0].latency
    for column, (label, value) in enumerate(MEASURES):
        for latency in latencies:
            points = [point for point in leavers if point.latency == latency]
            line(axes[0][column], [point.leavers for point in points], [value(p) for p in points], f"{latency} ms")
        for vendor in READABLE:
            points = [point for point in accounts if (point.vendor, point.latency) == (vendor, shown)]
            line(axes[1][column], [point.accounts for point in points], [value(p) for p in points], vendor)
        finish(axes[0][column], "leavers (ZITADEL)", label, log=column < 2)
        finish(
            axes[1][column], f"accounts of the tenant ({points[0].leavers} leavers, {shown} ms)", label, log=column < 2
        )
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    # matplotlib leaves blanks at the ends of lines.
    path.write_text("".join(f"{text.rstrip()}\n" for text in path.read_text().splitlines()))


def line(axes: Any, across: Sequence[float], up: Sequence[float], label: str) -> None:
    axes.plot(across, up, marker="o", markersize=3, label=label)


def finish(axes: Any, across: str, up: str, *, log: bool) -> None:
    """Name the axes. Time and requests span powers of ten, memory hardly moves."""
    axes.set_xscale("log")
    if log:
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
