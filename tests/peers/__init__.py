# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""SCIM 2.0 servers that others wrote, for tests of scim_user: a mock only knows what its author has read."""
