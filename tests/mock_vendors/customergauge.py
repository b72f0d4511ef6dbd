# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""CustomerGauge: one endpoint, https://support.customergauge.com/support/solutions/articles/5000875271."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from .base import COMMON, TOKEN, Account, Store, Switches, Vendor, is_email
from .tokens import bearer, form, oauth_error, same, token_answer
from .wire import Answer, Call, reply

CLIENT_ID = "customergauge-connected-app"
CLIENT_SECRET = "cgSecret-7f1c2d9be4a0"
DISABLE = "/v5/user-manager/users/disable"


class CustomerGauge(Vendor):
    name = "customergauge"
    services = ("customergauge_api", "customergauge_token")
    login = ("client_id", "client_secret")
    opened: ClassVar = {"status": "Active"}
    closed: ClassVar = {"status": "Deactivated"}
    switches: ClassVar[Switches] = {
        **COMMON,
        **TOKEN,
        "already_disabled": (204, 404),
        "email_case_sensitive": (False, True),
        "redirect_without_accept": (True, False),
    }

    def new_store(self) -> Store:
        return Store(email=lambda account: [account["email"].lower()])

    def connect(self, urls: Mapping[str, str]) -> dict[str, str]:
        return {
            "api_url": urls["customergauge_api"],
            "token_url": urls["customergauge_token"] + "/oauth2/token",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }

    def fill(self, account: Account, number: int) -> tuple[str, Account]:
        email = account.get("email", f"user{number:05d}@example.com")
        filled = {
            "id": 1000 + number,
            "email": email,
            "username": email,
            "first_name": "First",
            "last_name": "Last",
            "role_id": 86,
            "status": "Active",
            **account,
        }
        return str(filled["id"]), filled

    def word(self, account: Account | None) -> str | None:
        return None if account is None else str(account["status"])

    def person(self, number: int) -> Account:
        return {}

    def is_token(self, call: Call) -> bool:
        return call.service == "customergauge_token"

    def error(self, status: int, text: str) -> Answer:
        return reply(status, {"message": text})

    def answer(self, call: Call) -> Answer:
        if call.service == "customergauge_token":
            return self._token(call)
        if call.path != DISABLE:
            return self.error(404, f"The route {call.path.strip('/')} could not be found.")
        if call.method != "PATCH":
            text = f"The {call.method} method is not supported for this route. Supported methods: PATCH."
            return self.error(405, text)
        answer = self._disable(call)
        if answer.status in (401, 422) and self.switch["redirect_without_accept"] and not wants_json(call):
            return Answer(302, b"", {"Location": "/login"})
        return answer

    def _token(self, call: Call) -> Answer:
        if call.path != "/oauth2/token":
            return self.error(404, "Not Found")
        if call.method != "POST":
            return self.error(405, "Method Not Allowed")
        fields = form(call)
        if fields is None or "grant_type" not in fields:
            return oauth_error(400, "invalid_request", "The request body is not the expected form.")
        if fields["grant_type"] != "client_credentials":
            return oauth_error(400, "unsupported_grant_type", "The grant type is not supported.")
        if not (fields.get("client_id") == CLIENT_ID and same(fields.get("client_secret"), CLIENT_SECRET)):
            return oauth_error(401, "invalid_client", "Client authentication failed")
        return token_answer(self, service=call.service)

    def _disable(self, call: Call) -> Answer:
        if self.tokens.find(bearer(call) or "") is None:
            return self.error(401, "Unauthenticated.")
        email = self._email(call)
        if not email:
            return invalid("The email field is required.")
        if not is_email(email):
            return invalid("The email must be a valid email address.")
        assert isinstance(email, str)
        for account in self.view(call, listing=False).find("email", email.lower()):
            if self.switch["email_case_sensitive"] and account["email"] != email:
                continue
            if account["status"] != "Active" and self.switch["already_disabled"] == 404:
                break
            if account["status"] != "Deactivated":
                self.store.put(str(account["id"]), {**account, "status": "Deactivated"})
            return Answer(204)
        return self.error(404, "No query results for model [Library\\Eloquent\\Master\\User].")

    def _email(self, call: Call) -> object:
        if call.content_type != "application/json":
            return None
        try:
            data = call.json()
        except ValueError:
            return None
        return data.get("email") if isinstance(data, dict) else None


def invalid(text: str) -> Answer:
    return reply(422, {"message": "The given data was invalid.", "errors": {"email": [text]}})


def wants_json(call: Call) -> bool:
    first = call.headers.get("Accept", "").split(",")[0]
    return "/json" in first or "+json" in first
