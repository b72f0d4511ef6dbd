# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""A double of AWX's REST API, as far as its set-up goes, which takes no request that AWX does not document.

Modelled on AWX 24.6.1: awx/api/serializers.py (fields), awx/api/views/__init__.py (surveys, associations),
awx/main/fields.py (credential types) and awx/main/models/mixins.py (surveys at launch) of github.com/ansible/awx, and
on how the modules of awx.awx 24.6.1 use it.
"""
