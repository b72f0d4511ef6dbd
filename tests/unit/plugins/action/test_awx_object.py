# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""What the modules of AWX say of a name that is not there once, in plain words."""

from __future__ import annotations

import pytest

from ansible_collections.saas.offboarding.plugins.action.awx_object import _plain


@pytest.mark.parametrize("path", ["/api/v2", "/api/controller/v2"])
@pytest.mark.parametrize(
    ("number", "start"),
    [(0, "AWX has nothing of that name"), (2, "AWX has 2 of that name (credentials), in other organizations")],
)
def test_a_name_that_is_not_there_once(path: str, number: int, start: str) -> None:
    awx_message = f"Request to {path}/credentials/?name=Vault returned {number} items, expected 1"
    assert _plain(awx_message).startswith(start)
    assert _plain(awx_message).endswith(awx_message)


def test_other_messages_are_left_alone() -> None:
    assert _plain("Project update failed") == "Project update failed"
