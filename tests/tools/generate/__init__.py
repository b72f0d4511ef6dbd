# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""What is generated from the facts of the vendors (`VendorInfo`) and the texts in docs/texts: `make generate`."""
