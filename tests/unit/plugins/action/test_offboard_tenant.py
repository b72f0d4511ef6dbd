# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""How the action reads a file: decrypted, and with a fault that names it where that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.saas.offboarding.plugins.action.offboard_tenant import ActionModule


def action(password: bytes) -> ActionModule:
    made = ActionModule.__new__(ActionModule)
    made._loader = DataLoader()
    made._loader.set_vault_secrets([("default", VaultSecret(password))])
    return made


def test_a_vaulted_file_is_decrypted_and_a_wrong_password_is_a_fault_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "leavers.csv"
    path.write_bytes(VaultLib([("default", VaultSecret(b"password"))]).encrypt("email\njane@example.com\n"))
    assert action(b"password")._content(str(path)) == b"email\njane@example.com\n"
    with pytest.raises(ValueError, match=str(path)):
        action(b"another")._content(str(path))
