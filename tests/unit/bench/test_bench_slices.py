# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""When more machines help. The numbers can be checked with a pencil."""

from __future__ import annotations

import pytest

from ansible_collections.saas.offboarding.plugins.module_utils._options import travel
from bench import page, slices, stage
from bench.slices import Batch, Scenario, Site, Tenant, cut, deal, needed, seconds, simulate

IDEAL = Site(latency=0.1, startup=30.0, concurrency=16, cpu=0.0)
CLOUD = Tenant("zitadel", 10_000, 50.0)
OPEN = Tenant("netex", 10_000)


def test_what_a_run_needs_is_the_slowest_limit() -> None:
    assert needed([CLOUD, Tenant("laurel", 3_000, 10.0), OPEN]) == 300
    assert needed([OPEN]) == 0


def test_the_benchmark_measures_the_default_of_the_modules() -> None:
    default = travel("NETEX").options["concurrency"]["default"]
    assert default == stage.CONCURRENCY == Site(latency=0.1).concurrency


def test_a_batch_waits_for_answers_or_for_its_turn() -> None:
    # 625 rounds of 16 requests, each of 0.1 s.
    assert seconds(10_000, 0.1, 16, 0.0) == pytest.approx(62.5)
    # One every 0.02 s, and the last one's turn over.
    assert seconds(10_000, 0.1, 16, 0.02) == pytest.approx(200.08)
    # Two at once cannot use 50 a second when each takes 0.1 s: 20 a second.
    assert seconds(10_000, 0.1, 2, 0.02) == pytest.approx(500, abs=0.1)
    assert seconds(1, 0.1, 16, 0.02) == pytest.approx(0.1)
    assert seconds(0, 0.1, 16, 0.02) == 0


def test_leavers_are_cut_evenly_and_none_is_lost() -> None:
    assert [batch.writes for batch in cut(Tenant("t", 10), 4)] == [3, 3, 2, 2]


def test_hosts_are_dealt_as_awx_does() -> None:
    hosts = [Batch(Tenant(name, 1), 1) for name in "abcde"]
    assert [[batch.tenant.name for batch in job] for job in deal(hosts, 2)] == [["a", "c", "e"], ["b", "d"]]
    assert len(deal(hosts, 8)) == 5


@pytest.mark.parametrize("jobs", [1, 2, 4, 8])
def test_a_limit_of_the_tenant_is_shared_by_all_jobs(jobs: int) -> None:
    found = simulate(deal(cut(CLOUD, jobs), jobs), IDEAL, jobs)
    assert found == pytest.approx(230, abs=0.2)
    assert found >= needed([CLOUD])


@pytest.mark.parametrize(("jobs", "addresses", "seconds"), [(4, 1, 230), (4, 2, 130), (4, 4, 80), (8, 8, 55)])
def test_a_limit_of_the_address_helps_who_has_addresses(jobs: int, addresses: int, seconds: float) -> None:
    tenant = Tenant("zitadel", 10_000, 50.0, "address")
    assert simulate(deal(cut(tenant, jobs), jobs), IDEAL, addresses) == pytest.approx(seconds, abs=0.2)


@pytest.mark.parametrize(("jobs", "seconds"), [(1, 92.5), (2, 61.3), (4, 45.7), (8, 37.9)])
def test_without_a_limit_jobs_divide_the_waiting_and_not_the_start(jobs: int, seconds: float) -> None:
    assert simulate(deal(cut(OPEN, jobs), jobs), IDEAL, jobs) == pytest.approx(seconds, abs=0.1)


def test_cores_limit_a_machine_with_many_tenants() -> None:
    site = Site(latency=0.0, startup=0.0, cpu=0.002, cores=2)
    tenants = [Batch(Tenant(str(number), 1_000), 1_000) for number in range(4)]
    # Four processes on two cores: 4 ms for each request instead of 2.
    assert simulate([tenants], site, 1) == pytest.approx(4.0)
    assert simulate(deal(tenants, 2), site, 2) == pytest.approx(2.0)


def test_dealing_tenants_whole_saves_the_slowest_nothing() -> None:
    whole = Scenario("", (CLOUD, OPEN), IDEAL, cut=False)
    assert whole.takes(1) == pytest.approx(whole.takes(2), abs=0.01)


def test_the_page_is_the_one_that_the_code_writes() -> None:
    written = (page.DOCS / "scaling-out.md").read_text(encoding="utf-8")
    assert written == page.scaling_out(), "write it anew: make bench, or python -m bench slices"
    assert slices.table().strip() in written
