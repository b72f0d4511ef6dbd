# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authentication: one credential class for each method that a vendor accepts.

PRIVATE to the collection. Nothing here sends a request: a grant describes its token request, and the caller passes the
function that sends it. A credential is bound to one origin and is put on no request to another.
"""

from __future__ import annotations

import abc
import base64
import json
import os
import threading
import time
import traceback
import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote_plus

from ._libraries import MissingLibrary
from ._url import origin_of

JWT_IMPORT_ERROR: str | None = None
try:
    import cryptography  # noqa: F401  # pylint: disable=unused-import
    import jwt
except ImportError:
    JWT_IMPORT_ERROR = traceback.format_exc()

if t.TYPE_CHECKING:
    from requests import PreparedRequest

RENEW_BEFORE = 60.0
"""Seconds before a token runs out at which it is replaced; a tenth of its life where that is shorter."""

DEFAULT_LIFETIME = 300.0
"""Seconds a token is taken to live if the answer does not state it; short, since too short costs only a token request.
"""

ASSERTION_LIFETIME = 600
"""Seconds a signed assertion is valid; ZITADEL takes up to an hour after `iat` (its page on private key JWT)."""


class CredentialError(Exception):
    """The credential options are missing, contradict each other or cannot be read. Raised before any request."""


def basic(user: str, password: str) -> str:
    """Return the value of an Authorization header for HTTP Basic (RFC 7617, UTF-8)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@dataclass(frozen=True)
class AuthMethod:
    """One method to log in: the options that make it up.

    ``needs`` must all be given; ``marks`` are those of them whose presence means that this method is meant.
    """

    name: str
    needs: tuple[str, ...]
    marks: tuple[str, ...]


def choose_auth_method(env_prefix: str, params: Mapping[str, t.Any], methods: Sequence[AuthMethod]) -> str:
    """Return the name of the one method for which options are given. A method that was given by options wins over one
    that was given by environment variables alone.

    Raises CredentialError, naming options and environment variables, when none, several or half of one is given.
    """

    def spelled(option: str) -> str:
        return f"{option} (environment variable {env_prefix}_{option.upper()})"

    from_environment = params.get("from_environment") or ()

    def by_option(method: AuthMethod) -> bool:
        values = {mark: params.get(mark) for mark in method.marks}
        return any(
            value and mark not in from_environment and value != os.environ.get(f"{env_prefix}_{mark.upper()}")
            for mark, value in values.items()
        )

    meant = [method for method in methods if any(params.get(mark) for mark in method.marks)]
    if len(meant) > 1:
        meant = [method for method in meant if by_option(method)] or meant
    if not meant:
        offers = "; or ".join(" and ".join(spelled(option) for option in method.needs) for method in methods)
        raise CredentialError(f"no credential is given. Set {offers}")
    if len(meant) > 1:
        given = [next(mark for mark in method.marks if params.get(mark)) for method in meant]
        raise CredentialError(
            f"the options {' and '.join(given)} contradict each other: each belongs to another auth "
            "method. Keep one, and check the environment variables "
            f"{', '.join(f'{env_prefix}_{o.upper()}' for o in given)} too"
        )
    lacking = [option for option in meant[0].needs if not params.get(option)]
    if lacking:
        given_marks = " and ".join(mark for mark in meant[0].marks if params.get(mark))
        raise CredentialError(f"{given_marks} is given, but not {' nor '.join(spelled(option) for option in lacking)}")
    return meant[0].name


def require_header_text(option: str, value: str) -> str:
    """Return a credential that can stand in a header; it is an error if it has line ends or is not ASCII.

    Raises CredentialError; the value itself is never part of the message.
    """
    if not value.isascii() or not value.isprintable() or value != value.strip():
        raise CredentialError(
            f"{option} holds a line end, a space at an end or a character that no HTTP header can carry; "
            "was it copied whole, and without a line break?"
        )
    return value


class Credential(abc.ABC):
    """Puts something on requests to one origin, and on no others."""

    header_name = "Authorization"

    def __init__(self, url: str) -> None:
        self.origin = origin_of(url)

    @abc.abstractmethod
    def header(self) -> str:
        """Return the value of the header that carries the credential."""

    def refused(self, value: str) -> bool:
        """Take note that the vendor refused this header value (401); return whether another try makes sense."""
        return False

    def secrets(self) -> tuple[str, ...]:
        """Return the texts that must never be shown."""
        return ()

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if origin_of(request.url or "") == self.origin:
            request.headers[self.header_name] = self.header()
        return request


class StaticHeader(Credential):
    """A credential that is one header and stays as it is: a PAT, an access token, an API token, HTTP Basic."""

    def __init__(self, url: str, name: str, value: str, secret: str) -> None:
        super().__init__(url)
        self.header_name = name
        self._value = value
        self._secret = secret

    def header(self) -> str:
        return self._value

    def secrets(self) -> tuple[str, ...]:
        return (self._secret, self._value, self._value.split(" ", 1)[-1])


def bearer(url: str, token: str, option: str = "access_token") -> StaticHeader:
    """Return the credential for a token that was given to us."""
    return StaticHeader(url, "Authorization", f"Bearer {require_header_text(option, token)}", token)


def http_basic(url: str, user: str, password: str) -> StaticHeader:
    """Return the credential for HTTP Basic."""
    return StaticHeader(url, "Authorization", basic(user, password), password)


@dataclass(frozen=True)
class TokenRequest:
    """A token request as it is to be sent (always POST). Exactly one of ``form`` and ``json`` is set."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    json: Mapping[str, str] | None = None


class Grant(t.Protocol):
    """A way to get a token."""

    def token_request(self) -> TokenRequest: ...

    def secrets(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class ClientCredentials:
    """OAuth2 client credentials (RFC 6749, section 4.4), in the three forms that vendors ask for.

    ``style``: ``form`` puts id and secret into the form body (CustomerGauge, Thrive), ``basic`` into an HTTP Basic
    header with form-encoded parts (ZITADEL), ``json`` into a JSON body (Laurel). ``extra`` goes into the body beside
    them.
    """

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    style: t.Literal["form", "basic", "json"] = "form"
    extra: Mapping[str, str] = field(default_factory=dict)

    def token_request(self) -> TokenRequest:
        body = {"grant_type": "client_credentials", **self.extra}
        if self.style == "basic":
            header = basic(quote_plus(self.client_id), quote_plus(self.client_secret))
            return TokenRequest(self.token_url, headers={"Authorization": header}, form=body)
        body |= {"client_id": self.client_id, "client_secret": self.client_secret}
        if self.style == "json":
            return TokenRequest(self.token_url, json=body)
        return TokenRequest(self.token_url, form=body)

    def secrets(self) -> tuple[str, ...]:
        return (self.client_secret, basic(quote_plus(self.client_id), quote_plus(self.client_secret)).split(" ")[1])


@dataclass(frozen=True)
class JwtProfile:
    """ZITADEL's private key JWT: a signed assertion for a token (RFC 7523; ZITADEL's guide on private key JWT).

    ``audience`` is the instance's own address, without a path.
    """

    token_url: str
    audience: str
    scope: str
    key_id: str
    user_id: str
    private_key: str = field(repr=False)

    @classmethod
    def from_key(cls, content: str, *, origin: str, token_url: str, audience: str, scope: str) -> JwtProfile:
        """Read the key JSON that ZITADEL's console hands out for a service account.

        ``origin`` names where the text came from, for the error. Raises CredentialError, without a part of the key in
        it.
        """
        if JWT_IMPORT_ERROR is not None:
            raise MissingLibrary("PyJWT[crypto]", JWT_IMPORT_ERROR)
        try:
            data = json.loads(content)
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise CredentialError(f"{origin} is not the JSON of a ZITADEL service account key") from None
        lacking = [name for name in ("keyId", "key", "userId") if not isinstance(data.get(name), str) or not data[name]]
        if lacking:
            raise CredentialError(
                f"{origin} has no {' and no '.join(lacking)}: it is not the key JSON of a ZITADEL service account"
            )
        grant = cls(token_url, audience, scope, data["keyId"], data["userId"], data["key"])
        grant._assertion()
        return grant

    def _assertion(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.user_id,
            "sub": self.user_id,
            "aud": self.audience,
            "iat": now,
            "exp": now + ASSERTION_LIFETIME,
        }
        try:
            return jwt.encode(claims, self.private_key, algorithm="RS256", headers={"kid": self.key_id})
        except Exception as exc:
            # PyJWT and cryptography raise many kinds here, some of which quote the key.
            raise CredentialError(
                f"the private key cannot sign ({type(exc).__name__}): is it a whole RSA key?"
            ) from None

    def token_request(self) -> TokenRequest:
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "scope": self.scope,
            "assertion": self._assertion(),
        }
        return TokenRequest(self.token_url, form=form)

    def secrets(self) -> tuple[str, ...]:
        return (self.private_key,)


class TokenRefused(Exception):
    """The token endpoint's answer has no usable token in it."""


class TokenCredential(Credential):
    """A bearer token that is fetched when it is first needed, kept until shortly before it runs out, and shared by
    all threads.

    ``exchange`` sends a TokenRequest and returns the decoded answer. A token that is refused (401) is renewed once,
    by one thread. If the renewed token is refused too, it is not renewed again. ``otherwise`` is the same grant in
    another form, for a vendor that does not document which one it takes: it is tried once, if the first is refused.
    """

    def __init__(
        self,
        url: str,
        grant: Grant,
        exchange: Callable[[TokenRequest], Mapping[str, t.Any]],
        *,
        otherwise: Grant | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(url)
        self._grant = grant
        self._otherwise = otherwise
        self._exchange = exchange
        self._clock = clock
        self._lock = threading.Lock()
        self._token: str | None = None
        self._renew_at = 0.0
        self._last_chance = False
        self._failure: Exception | None = None
        self._seen: frozenset[str] = frozenset()

    def header(self) -> str:
        with self._lock:
            if self._token is None or self._clock() >= self._renew_at:
                self._fetch()
            return f"Bearer {self._token}"

    def refused(self, value: str) -> bool:
        with self._lock:
            if value != f"Bearer {self._token}":
                return True
            if self._last_chance:
                return False
            self._fetch()
            self._last_chance = True
            return True

    def secrets(self) -> tuple[str, ...]:
        return (*self._grant.secrets(), *self._seen)

    def _fetch(self) -> None:
        if self._failure is not None:
            # One log-in per process: what was refused once is not asked for again by each thread that waited.
            raise self._failure
        asked_at = self._clock()
        try:
            answer = self._ask()
            token = answer.get("access_token")
            if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
                raise TokenRefused("the answer of the token endpoint has no access_token")
        except Exception as exc:
            self._failure = exc
            raise
        self._token = token
        self._seen |= {token}
        lifetime = _seconds(answer.get("expires_in"))
        self._renew_at = asked_at + lifetime - min(RENEW_BEFORE, lifetime / 10)

    def _ask(self) -> Mapping[str, t.Any]:
        request = self._grant.token_request()
        if request.form and request.form.get("assertion"):
            self._seen |= {request.form["assertion"]}
        try:
            return self._exchange(request)
        except Exception as exc:
            if self._otherwise is None or not _is_about_the_client(exc):
                raise
            second, self._otherwise = self._otherwise, None
            try:
                answer = self._exchange(second.token_request())
            except Exception:
                raise exc from None
            self._grant = second
            return answer


def _is_about_the_client(error: Exception) -> bool:
    """Whether a token request was refused for the client's sake, and not for its scope or its grant (RFC 6749, 5.2)."""
    payload = getattr(error, "payload", None)
    code = payload.get("error") if isinstance(payload, dict) else None
    about = code is None or code in ("invalid_client", "invalid_request") or not isinstance(code, str)
    return getattr(error, "status", None) in (400, 401) and about


def _seconds(value: t.Any) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return DEFAULT_LIFETIME
    return seconds if 0 < seconds < float("inf") else DEFAULT_LIFETIME
