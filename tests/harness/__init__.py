# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""What the tests and the demo share: a collection tree, real playbook runs, and what to hold their results against."""
