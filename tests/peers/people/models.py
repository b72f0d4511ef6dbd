# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The user model of django-scim2, as its documentation has it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser, Group
from django_scim.models import AbstractSCIMUserMixin


class Person(AbstractSCIMUserMixin, AbstractUser):
    class Meta:
        app_label = "people"

    @property
    def scim_groups(self) -> Any:
        """None: groups are no part of the tests."""
        return Group.objects.none()
