# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""A bare asyncio client: what the bulk task does on the wire, and no more. The practical limit.

It searches by pages, closes so many at once, and looks again by pages. It retries nothing and reports nothing.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import aiohttp

SCOPE = "openid urn:zitadel:iam:org:project:id:zitadel:aud"
PAGE = 1000


def pages(values: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(values), PAGE):
        yield values[start : start + PAGE]


class Client:
    def __init__(self, session: aiohttp.ClientSession, concurrency: int) -> None:
        self._session = session
        self._free = asyncio.Semaphore(concurrency)
        self._token = ""

    async def login(self) -> None:
        parts = [quote_plus(os.environ[name]) for name in ("ZITADEL_CLIENT_ID", "ZITADEL_CLIENT_SECRET")]
        basic = base64.b64encode(":".join(parts).encode()).decode()
        form = {"grant_type": "client_credentials", "scope": SCOPE}
        async with self._session.post(
            os.environ["ZITADEL_TOKEN_URL"], data=form, headers={"Authorization": f"Basic {basic}"}
        ) as answer:
            self._token = (await answer.json())["access_token"]

    async def post(self, path: str, body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"}
        async with (
            self._free,
            self._session.post(os.environ["ZITADEL_API_URL"] + path, json=body, headers=headers) as answer,
        ):
            return await answer.json()

    async def users(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        body = {"query": {"offset": "0", "limit": PAGE, "asc": True}, "queries": [query]}
        answer = await self.post("/v2/users", body)
        users: list[dict[str, Any]] = answer.get("result", [])
        if int(answer["details"]["totalResult"]) != len(users):
            sys.exit("more users than fit a page")
        return users


def by_emails(emails: list[str]) -> dict[str, Any]:
    method = "TEXT_QUERY_METHOD_EQUALS_IGNORE_CASE"
    return {"orQuery": {"queries": [{"emailQuery": {"emailAddress": email, "method": method}} for email in emails]}}


async def close(leavers: list[str], concurrency: int) -> None:
    connector = aiohttp.TCPConnector(limit=concurrency)
    async with aiohttp.ClientSession(connector=connector, raise_for_status=True) as session:
        client = Client(session, concurrency)
        await client.login()
        found = await asyncio.gather(*(client.users(by_emails(page)) for page in pages(leavers)))
        accounts = {user["human"]["email"]["email"].lower(): user for page in found for user in page}
        if sum(map(len, found)) != len(leavers) or not all(email.lower() in accounts for email in leavers):
            sys.exit("not exactly one account for each leaver")
        ids = [user["userId"] for user in accounts.values() if user["state"] == "USER_STATE_ACTIVE"]
        queue = iter(ids)

        async def work() -> None:
            for identifier in queue:
                await client.post(f"/v2/users/{identifier}/deactivate", {})

        await asyncio.gather(*(work() for _worker in range(concurrency)))
        seen = await asyncio.gather(*(client.users({"inUserIdsQuery": {"userIds": page}}) for page in pages(ids)))
        if sum(user["state"] == "USER_STATE_INACTIVE" for page in seen for user in page) != len(ids):
            sys.exit("not every account is closed")


if __name__ == "__main__":
    asyncio.run(close(json.loads(Path(sys.argv[1]).read_text()), int(sys.argv[2])))
