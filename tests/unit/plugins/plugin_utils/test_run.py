# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""A run that is under way: its hosts find it from processes of their own, and it does not mix with another."""

from __future__ import annotations

import multiprocessing
import re
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.plugin_utils._run import DONE, Part, Run, join_run, run_of

HOSTS = [f"host{number}" for number in range(8)]


def part(host: str, position: int = 0, vendor: str = "netex") -> Part:
    return Part(host=host, position=position, vendor=vendor, tenant=host, outcome=DONE, faults=[], work=None)


def joined(base: str, host: str, task: str, hosts: list[str], barrier: object = None) -> tuple[str, str]:
    if barrier is not None:
        barrier.wait(30)  # type: ignore[attr-defined]
    run = join_run(base, host, [task, hosts[0]], hosts)
    run.keep(part(host))
    return run.run_id, run.started


def test_processes_that_join_at_once_are_in_one_run(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    with context.Manager() as manager, context.Pool(len(HOSTS)) as pool:
        barrier = manager.Barrier(len(HOSTS))
        found = pool.starmap(joined, [(str(tmp_path), host, "task", HOSTS, barrier) for host in HOSTS])
    assert len(set(found)) == 1
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{6}", found[0][0])
    run = run_of(str(tmp_path), HOSTS[-1])
    assert run is not None
    assert [each["host"] for each in run.parts()] == HOSTS


def test_runs_do_not_mix(tmp_path: Path) -> None:
    base = str(tmp_path)
    first, second = HOSTS[:2], HOSTS[2:4]
    ids = {
        joined(base, host, task, hosts)[0]
        for task, hosts in (("task", first), ("task", second), ("another", HOSTS[4:]))
        for host in hosts
    }
    assert len(ids) == 3
    for hosts in (first, second):
        run = run_of(base, hosts[1])
        assert run is not None
        assert [each["host"] for each in run.parts()] == hosts
    again = join_run(base, first[0], ["later", first[0]], first)
    assert again.run_id not in ids
    assert again.parts() == []
    assert run_of(base, first[0]) == again
    assert run_of(base, first[1]) != again, "a host is still in the run that it joined last"
    assert run_of(base, "stranger") is None


@settings(max_examples=40)
@given(st.lists(st.sampled_from(["", "/srv/a", "/srv/b", "/srv/ü %"]), max_size=5))
def test_a_run_has_one_folder_for_its_report(tmp_path_factory: pytest.TempPathFactory, given: list[str]) -> None:
    run = join_run(str(tmp_path_factory.mktemp("run")), "a", ["task"], ["a"])
    first = next(filter(None, given), "")
    found = [run.report_dir(each) for each in given]
    assert set(filter(None, found)) <= {first}
    assert run.report_dir() == first


def test_parts_come_in_the_order_of_hosts_and_vendors(tmp_path: Path) -> None:
    hosts = ["b", "a/../x", "c.d.1", "ü %"]
    run = join_run(str(tmp_path), "b", ["task"], hosts)
    for host in reversed(hosts):
        for position in (2, 1):
            run.keep(part(host, position))
    assert [(each["host"], each["position"]) for each in run.parts()] == [
        (host, position) for host in hosts for position in (1, 2)
    ]
    for each in hosts:
        join_run(str(tmp_path), each, ["task"], hosts)
        assert run_of(str(tmp_path), each) == run


def test_the_first_host_with_a_result_reports_and_once(tmp_path: Path) -> None:
    run = join_run(str(tmp_path), "b", ["task"], ["a", "b", "c.d"])
    assert (run.reporter(), run.outcome()) == (None, None)
    run.keep(part("c.d"))
    assert run.reporter() == "c.d"
    run.keep(part("b"))
    assert run.reporter() == "b"
    run.finish({"lines": ["done \ud800"]})
    assert run.outcome() == {"lines": ["done \ud800"]}
    assert (run.reporter(), run.parts()) == (None, [])


def test_a_part_that_is_kept_again_takes_the_place_of_the_first(tmp_path: Path) -> None:
    run = join_run(str(tmp_path), "a", ["task"], ["a"])
    run.keep(part("a", vendor="netex"))
    run.keep(part("a", vendor="zitadel"))
    assert [each["vendor"] for each in run.parts()] == ["zitadel"]


def test_all_of_it_is_for_its_owner_alone(tmp_path: Path) -> None:
    run = join_run(str(tmp_path), "a", ["task"], ["a"])
    run.keep(part("a"))
    run.finish({})
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert {path.name: oct(mode) for path, mode in modes.items() if mode & 0o077} == {}
    assert not [path for path in modes if path.name.startswith(".")], "no half-written file is left"
    assert isinstance(run, Run)
