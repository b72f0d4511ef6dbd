# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CustomerGauge: the one documented endpoint for users, which disables one by e-mail.

PRIVATE to the collection. Sources: CustomerGauge's support articles "PATCH Users/Disable" (5000875271) and
"Authenticating using OAuth2" (5000846993). No API reads a user, so nothing can be known before or seen after.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from .._auth import AuthMethod, ClientCredentials, CredentialError, TokenCredential, bearer, choose_auth_method
from .._faults import ApiError
from .._model import UNREADABLE, Account, Change, Key, LookupResult, Problem, Receipt, fold
from .._transport import Client, Transport
from .._vendor import Vendor, base_url
from .._vendor_info.customergauge import INFO, LOOK_IN_USER_LIST, REGIONS

AUTH_METHODS = (
    AuthMethod("client", ("client_id", "client_secret"), ("client_id", "client_secret")),
    AuthMethod("token", ("access_token",), ("access_token",)),
)
NO_SUCH_USER = "No query results for model"
"""In the message of a 404 for an unknown user; a 404 for a wrong path has another text."""


class CustomerGauge(Vendor):
    info: t.ClassVar = INFO

    def __init__(self, params: Mapping[str, t.Any], transport: Transport) -> None:
        super().__init__(params, transport)
        method = choose_auth_method("CUSTOMERGAUGE", params, AUTH_METHODS)
        region = params.get("region")
        api = base_url(params, "api_url", f"https://api.{region}.customergauge.com" if region else None)
        if not api:
            raise CredentialError(
                f"region is missing: give one of {', '.join(REGIONS)} (environment variable "
                "CUSTOMERGAUGE_REGION), or api_url"
            )
        if method == "token":
            credential: t.Any = bearer(api, params["access_token"])
        else:
            url = base_url(
                params, "token_url", f"https://auth.{region}.customergauge.com/oauth2/token" if region else None
            )
            if not url:
                raise CredentialError(
                    "token_url is missing (environment variable CUSTOMERGAUGE_TOKEN_URL): with api_url and without "
                    "region it cannot be known"
                )
            grant = ClientCredentials(url, params["client_id"], params["client_secret"])
            credential = TokenCredential(api, grant, transport.exchange)
        self._client = Client(transport, api, credential)

    @property
    def tenant(self) -> str:
        return urlsplit(self._client.url).netloc

    def vendor_word(self, state: str) -> str | None:
        return None

    def find(self, keys: Sequence[Key]) -> Mapping[Key, LookupResult]:
        """Take each e-mail for an account, since there is no way to look; but log in, so that check mode finds a wrong
        credential.

        One with letters beyond ASCII is not sent: a database may equate them with others, and close another account.
        """
        self._client.log_in()
        return {
            key: LookupResult(problem=_not_exact(key))
            if not key.value.isascii()
            else LookupResult(
                (
                    Account(
                        fold(key.value),
                        key.value,
                        UNREADABLE,
                        (key.value,),
                        anonymous=True,
                        native={"email": key.value},
                    ),
                )
            )
            for key in keys
        }

    def leftovers(self, account: Account) -> tuple[str, ...]:
        return (LOOK_IN_USER_LIST,)

    def apply(self, change: Change) -> Receipt:
        body = {"email": change.account.native["email"]}
        try:
            reply = self._client.write("PATCH", "v5", "user-manager", "users", "disable", body=body)
        except ApiError as exc:
            if exc.status == 404 and NO_SUCH_USER in _message(exc.payload):
                return Receipt(gone=True, refusal=exc.problem)
            if exc.status == 404:
                raise wrong_address(exc) from None
            raise
        if reply.status != 204:
            raise ApiError(
                reply.fault(
                    "is not the 204 that CustomerGauge documents; it is not known whether the user was disabled"
                ).problem
            )
        return Receipt(answer=reply.answer)


def _not_exact(key: Key) -> Problem:
    text = (
        f"{key} has letters beyond ASCII. How CustomerGauge compares them is not documented, and no request reads "
        "whose account that would be: look in its list of users, and close the account there"
    )
    return Problem("not_exact", text)


def _message(payload: t.Any) -> str:
    message = payload.get("message") if isinstance(payload, dict) else None
    return message if isinstance(message, str) else ""


def wrong_address(error: ApiError) -> ApiError:
    """Return the error for a 404 that does not refer to a user."""
    problem = error.problem
    text = f"{problem.message}. This is not CustomerGauge's answer for an unknown user: check region and api_url"
    return ApiError(type(problem)("wrong_address", text, problem.status, problem.request_id))
