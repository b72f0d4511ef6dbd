# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""Runs against mock vendors with faults, and the promises that they must keep."""
