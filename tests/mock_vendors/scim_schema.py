# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""The discovery documents of the mock SCIM server (RFC 7643, 6 and 7)."""

from __future__ import annotations

from typing import Any


def attribute(name: str, kind: str = "string", mutability: str = "readOnly", **more: Any) -> dict[str, Any]:
    plain_one = {
        "multiValued": False,
        "required": False,
        "caseExact": False,
        "returned": "default",
        "uniqueness": "none",
    }
    return {"name": name, "type": kind, "description": name, "mutability": mutability, **plain_one, **more}


RESOURCE_TYPE: dict[str, Any] = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
    "id": "User",
    "name": "User",
    "endpoint": "/Users",
    "description": "User account",
    "schema": "urn:ietf:params:scim:schemas:core:2.0:User",
}
SCHEMA: dict[str, Any] = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
    "id": "urn:ietf:params:scim:schemas:core:2.0:User",
    "name": "User",
    "description": "User account",
    "attributes": [
        attribute("userName", mutability="immutable", required=True, uniqueness="server"),
        attribute("displayName"),
        attribute("active", "boolean", "readWrite", required=True),
        attribute(
            "emails",
            "complex",
            multiValued=True,
            subAttributes=[attribute("value"), attribute("type"), attribute("primary", "boolean")],
        ),
    ],
}
"""Of a user, this server changes `active`."""
