# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the filters say of lists of thousands."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  packed:
    description:
      - Whether to return one text in place of a list or a dict. The filters and modules of this collection take such a
        text wherever they take what is in it.
      - For lists of thousands, of which Ansible goes through every single value in each task.
    type: bool
    default: false
"""
