# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Any faults in any order over runs in a row: what is promised holds after each, and in the end all is as asked."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from chaos.conftest import PROFILE, SEED, SHRINK, TALLY
from chaos.faults import FORMS
from chaos.schedules import Schedule, Tally, play, schedules
from chaos.tenants import TENANTS
from twin.client import Twin

LONG = os.environ.get(PROFILE) == "long"
SHARES, EACH = (2, 200) if LONG else (1, 20)


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("name", TENANTS)
def test_faults_in_any_order(twin: Twin, name: str, share: int, record_property: Callable[[str, object], None]) -> None:
    tenant = TENANTS[name]
    tally = Tally()

    @hypothesis.seed(int(os.environ.get(SEED, "0")) * SHARES + share)
    @settings(
        max_examples=EACH,
        deadline=None,
        database=None,
        print_blob=False,
        phases=(Phase.generate, Phase.shrink) if os.environ.get(SHRINK) else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(schedules(tenant))
    def each(schedule: Schedule) -> None:
        play(tenant, twin, schedule, tally)

    try:
        each()
    finally:
        record_property(TALLY, json.dumps({"vendor": name, **vars(tally)}))
    assert tally.schedules >= EACH
    if LONG:
        silent = [
            f"{form_name} / {kind}"
            for form_name, form in FORMS.items()
            for kind in ("read", "write", "token")
            if any(form.applies(tenant, login, kind) for login in tenant.logins)
            and not tally.fired[f"{form_name} / {kind}"]
        ]
        assert silent == [], "these faults were never met"
