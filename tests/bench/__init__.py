# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""How fast the collection is, side by side with the ways people have without it. `make bench` runs it."""
