# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Runs against mock vendors that misbehaves, and what must hold of them all the same."""
