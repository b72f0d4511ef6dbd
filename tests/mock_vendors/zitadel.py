# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors
"""ZITADEL user service v2 over its REST gateway, https://zitadel.com/docs/reference/api/user."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, NamedTuple
from urllib.parse import unquote_plus

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .base import COMMON, TOKEN, Account, Store, Switches, View, now_text
from .tokens import basic, bearer, form, oauth_error, same, token_answer
from .wire import Answer, Call, reply
from .zitadel_base import (
    ACTIVE,
    CALLER,
    CODES,
    DELETED,
    EMPTY_QUERY,
    HTTP,
    INACTIVE,
    INITIAL,
    INVALID_TOKEN,
    LOCKED,
    NESTING,
    NO_MEMBERSHIP,
    PERMISSIONS,
    STATES,
    UNSPECIFIED,
    USER_NOT_FOUND,
    Malformed,
    Problem,
    Refused,
    stripped,
)
from .zitadel_sessions import SESSION_SERVICE, SESSIONS, Sessions

CALLER_NAME = "offboarding-service"
ORGANIZATION = "300000000000000100"
# Special characters, so that a client that does not form-encode its Basic parts is found out.
CLIENT_SECRET = "zitadelSecret:9e+27%c4&5f1=a"
PAT = "zitadelPat-b3f60a7c41d5"
KEY_ID = "300000000000000200"
USER_SERVICE = "zitadel.user.v2.UserService"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
API_AUDIENCE = "urn:zitadel:iam:org:project:id:zitadel:aud"
CREATED = "2025-01-15T09:30:00.123456Z"


class Transition(NamedTuple):
    """A state command: from where to where, and the error ids of the command."""

    allowed: frozenset[str]
    target: str
    not_found: str
    no_id: str
    refusal: Problem


TRANSITIONS = {
    "deactivate": Transition(
        frozenset({ACTIVE, LOCKED, UNSPECIFIED}),
        INACTIVE,
        "COMMAND-5gp2p62iin",
        "COMMAND-78iiirat8y",
        Problem(9, "COMMAND-5gunjw0cd7", "User already inactive", "Errors.User.AlreadyInactive"),
    ),
    "reactivate": Transition(
        frozenset({INACTIVE}),
        ACTIVE,
        "COMMAND-9hy5kzbuk6",
        "COMMAND-0nx1ie38fw",
        Problem(9, "COMMAND-s5qqcz97hf", "User is not inactive", "Errors.User.NotInactive"),
    ),
    "lock": Transition(
        frozenset({ACTIVE, INITIAL}),
        LOCKED,
        "COMMAND-450yxuqrh1",
        "COMMAND-agz3eczifm",
        Problem(9, "COMMAND-lgws8wtsqf", "User is not active or initial", "Errors.User.ShouldBeActiveOrInitial"),
    ),
    "unlock": Transition(
        frozenset({LOCKED}),
        ACTIVE,
        "COMMAND-x377t913pw",
        "COMMAND-a9ld4xckax",
        Problem(9, "COMMAND-olb9vb0oca", "User is not locked", "Errors.User.NotLocked"),
    ),
}
INITIAL_REFUSAL = Problem(
    9,
    "COMMAND-gvx4kct9r2",
    "User with state initial can only be deleted not deactivated",
    "Errors.User.CantDeactivateInitial",
)


def profile(account: Account, name: str) -> str:
    value: str = account.get("human", {}).get("profile", {}).get(name, "")
    return value


def email_of(account: Account) -> str:
    value: str = account.get("human", {}).get("email", {}).get("email", "")
    return value


def phone_of(account: Account) -> str:
    value: str = account.get("human", {}).get("phone", {}).get("phone", "")
    return value


def login_names(account: Account) -> list[str]:
    names: list[str] = account.get("loginNames", [])
    return names


def is_machine(account: Account) -> bool:
    return "machine" in account


class TextQuery(NamedTuple):
    argument: str
    values: Callable[[Account], Iterable[str]]
    key: str | None = None
    least: int = 1
    most: int = 200


TEXT_QUERIES = {
    "userNameQuery": TextQuery("userName", lambda a: [a["username"]], "username"),
    "emailQuery": TextQuery("emailAddress", lambda a: [] if is_machine(a) else [email_of(a)], "email", least=0),
    "loginNameQuery": TextQuery("loginName", login_names, "login"),
    "firstNameQuery": TextQuery("firstName", lambda a: [profile(a, "givenName")]),
    "lastNameQuery": TextQuery("lastName", lambda a: [profile(a, "familyName")]),
    "nickNameQuery": TextQuery("nickName", lambda a: [profile(a, "nickName")]),
    "displayNameQuery": TextQuery("displayName", lambda a: [profile(a, "displayName")]),
    "phoneQuery": TextQuery("number", lambda a: [phone_of(a)], most=20),
}
METHODS: dict[str, Callable[[str, str], bool]] = {
    "EQUALS": lambda value, wanted: value == wanted,
    "STARTS_WITH": str.startswith,
    "CONTAINS": str.__contains__,
    "ENDS_WITH": str.endswith,
}
SORTING: dict[str, Callable[[Account], str]] = {
    "UNSPECIFIED": lambda a: a["userId"],
    "USER_NAME": lambda a: a["username"].lower(),
    "FIRST_NAME": lambda a: profile(a, "givenName").lower(),
    "LAST_NAME": lambda a: profile(a, "familyName").lower(),
    "NICK_NAME": lambda a: profile(a, "nickName").lower(),
    "DISPLAY_NAME": lambda a: profile(a, "displayName").lower(),
    "EMAIL": email_of,
    "STATE": lambda a: str(STATES.index(a.get("state", UNSPECIFIED))),
    "TYPE": lambda a: str(is_machine(a)),
    "CREATION_DATE": lambda a: a["details"]["creationDate"],
}


PATTERNS = {"EQUALS": "{}", "STARTS_WITH": "{}%", "CONTAINS": "%{}%", "ENDS_WITH": "%{}"}


@dataclass(frozen=True)
class Dialect:
    """How a server reads queries: older ones differ. ``depth`` is how deep the query at hand is nested."""

    wildcards: bool
    initial_query: str
    login_names: str = "refused"
    depth: int = 1


@dataclass
class Filter:
    """One compiled query: the test of a row and, where an index helps, the rows worth testing.

    `exact`: these pass the test, all of them.
    """

    test: Callable[[Account], bool]
    candidates: Callable[[View], list[Account]] | None = None
    exact: bool = False


def compile_query(query: Any, dialect: Dialect) -> Filter:
    if dialect.depth > 20:
        raise Refused(NESTING)
    known = {name: value for name, value in query.items() if name in COMPILERS} if isinstance(query, dict) else {}
    if not known:
        raise Refused(EMPTY_QUERY)
    if len(known) > 1:
        raise Malformed("proto: oneof zitadel.user.v2.SearchQuery.query is already set")
    name, value = next(iter(known.items()))
    if not isinstance(value, dict):
        raise Malformed(f"proto: syntax error: unexpected token in {name}")
    return COMPILERS[name](name, value, dialect)


def like(pattern: str) -> Callable[[str], bool]:
    """The test of an SQL LIKE."""
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    expression = re.compile("".join(wild.get(part) or re.escape(part[-1]) for part in parts), re.DOTALL)
    return lambda text: expression.fullmatch(text) is not None


def text_query(name: str, value: Mapping[str, Any], dialect: Dialect) -> Filter:
    query = TEXT_QUERIES[name]
    wanted = value.get(query.argument, "")
    if not isinstance(wanted, str):
        raise Malformed(f"proto: invalid value for string field {query.argument}")
    if not query.least <= len(wanted) <= query.most:
        field = name[0].upper() + name[1:] + "." + query.argument[0].upper() + query.argument[1:]
        raise Malformed(
            f"invalid {field}: value length must be between {query.least} and {query.most} runes, inclusive"
        )
    method = value.get("method", "TEXT_QUERY_METHOD_EQUALS")
    base = str(method).removeprefix("TEXT_QUERY_METHOD_").removesuffix("_IGNORE_CASE")
    if base not in METHODS or not str(method).startswith("TEXT_QUERY_METHOD_"):
        raise Malformed(f"proto: invalid value for enum field method: {method!r}")
    compare, ignore_case = METHODS[base], str(method).endswith("_IGNORE_CASE")
    folded = wanted.lower() if ignore_case else wanted

    def test(account: Account) -> bool:
        return any(compare(text.lower() if ignore_case else text, folded) for text in query.values(account))

    if dialect.wildcards and (base != "EQUALS" or ignore_case):
        alike = like(PATTERNS[base].format(folded))
        return Filter(
            lambda account: any(alike(text.lower() if ignore_case else text) for text in query.values(account))
        )
    key = query.key
    if key is None or base != "EQUALS":
        return Filter(test)
    return Filter(test, lambda view: view.find(key, wanted.lower()))


def strings(value: Mapping[str, Any], name: str) -> list[str]:
    items = value.get(name, [])
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise Malformed(f"proto: invalid value for repeated string field {name}")
    return items


def in_ids(_name: str, value: Mapping[str, Any], _dialect: Dialect) -> Filter:
    wanted = dict.fromkeys(strings(value, "userIds"))

    def candidates(view: View) -> list[Account]:
        return [account for user_id in wanted if (account := view.get(user_id)) is not None]

    return Filter(lambda account: account["userId"] in wanted, candidates)


def in_emails(_name: str, value: Mapping[str, Any], _dialect: Dialect) -> Filter:
    wanted = dict.fromkeys(strings(value, "userEmails"))

    def candidates(view: View) -> list[Account]:
        return unique(account for email in wanted for account in view.find("email", email.lower()))

    return Filter(lambda account: not is_machine(account) and email_of(account) in wanted, candidates)


def state_query(_name: str, value: Mapping[str, Any], dialect: Dialect) -> Filter:
    wanted = value.get("state", UNSPECIFIED)
    if wanted not in STATES:
        raise Malformed(f"proto: invalid value for enum field state: {wanted!r}")
    if wanted == INITIAL and dialect.initial_query == "suspended":
        wanted = UNSPECIFIED
    return Filter(lambda account: account.get("state", UNSPECIFIED) == wanted)


def type_query(_name: str, value: Mapping[str, Any], _dialect: Dialect) -> Filter:
    wanted = value.get("type", "TYPE_UNSPECIFIED")
    if wanted not in ("TYPE_UNSPECIFIED", "TYPE_HUMAN", "TYPE_MACHINE"):
        raise Malformed(f"proto: invalid value for enum field type: {wanted!r}")
    return Filter(lambda account: wanted == ("TYPE_MACHINE" if is_machine(account) else "TYPE_HUMAN"))


def organization_query(_name: str, value: Mapping[str, Any], _dialect: Dialect) -> Filter:
    wanted = value.get("organizationId", "")
    if not isinstance(wanted, str) or not 1 <= len(wanted) <= 200:
        raise Malformed(
            "invalid OrganizationIdQuery.OrganizationId: value length must be between 1 and 200 runes, inclusive"
        )
    return Filter(lambda account: account["details"]["resourceOwner"] == wanted)


def deeper(dialect: Dialect) -> Dialect:
    return replace(dialect, depth=dialect.depth + 1)


def nested(value: Mapping[str, Any], dialect: Dialect) -> list[Filter]:
    queries = value.get("queries", [])
    if not isinstance(queries, list):
        raise Malformed("proto: syntax error: queries is not a list")
    return [compile_query(query, deeper(dialect)) for query in queries]


def login_name_queries(query: Any) -> int:
    """How many login names are asked for in a query, however deep."""
    if isinstance(query, list):
        return sum(login_name_queries(each) for each in query)
    if not isinstance(query, dict):
        return 0
    return sum((name == "loginNameQuery") or login_name_queries(value) for name, value in query.items())


def or_query(_name: str, value: Mapping[str, Any], dialect: Dialect) -> Filter:
    # A real server answers, after 12 to 15 s for a hundred and 131 s for a thousand of them, and its database goes on
    # when the client has given up: https://github.com/zitadel/zitadel/pull/12701. Here such a query is refused.
    if dialect.login_names == "refused" and login_name_queries(value) > 1:
        raise Malformed("two or more login names under an or keep the database busy for minutes")
    filters = nested(value, dialect)

    def test(account: Account) -> bool:
        return any(each.test(account) for each in filters)

    def hits(view: View) -> list[Account]:
        """What the parts find by their keys: of a thousand parts no account is held against all others."""
        pairs = ((each.test, each.candidates(view)) for each in filters if each.candidates is not None)
        return unique(account for fits, accounts in pairs for account in accounts if fits(account))

    if any(each.candidates is None for each in filters):
        return Filter(test)
    return Filter(test, hits, exact=True)


def and_query(_name: str, value: Mapping[str, Any], dialect: Dialect) -> Filter:
    return all_of(nested(value, dialect))


def not_query(_name: str, value: Mapping[str, Any], dialect: Dialect) -> Filter:
    inner = compile_query(value.get("query"), deeper(dialect))
    return Filter(lambda account: not inner.test(account))


def all_of(filters: list[Filter]) -> Filter:
    if len(filters) == 1:
        return filters[0]
    source = next((each.candidates for each in filters if each.candidates is not None), None)
    return Filter(lambda account: all(each.test(account) for each in filters), source)


def unique(accounts: Iterable[Account]) -> list[Account]:
    return list({account["userId"]: account for account in accounts}.values())


COMPILERS: dict[str, Callable[[str, Mapping[str, Any], Dialect], Filter]] = {
    **dict.fromkeys(TEXT_QUERIES, text_query),
    "inUserIdsQuery": in_ids,
    "inUserEmailsQuery": in_emails,
    "stateQuery": state_query,
    "typeQuery": type_query,
    "organizationIdQuery": organization_query,
    "orQuery": or_query,
    "andQuery": and_query,
    "notQuery": not_query,
}


class Zitadel(Sessions):
    name = "zitadel"
    services = ("zitadel",)
    login = ("client_id", "client_secret")
    opened: ClassVar = {"state": "USER_STATE_ACTIVE"}
    closed: ClassVar = {"state": "USER_STATE_INACTIVE"}
    native_keys: ClassVar = {"user_id": "userId"}
    requests_to_count = 2
    switches: ClassVar[Switches] = {
        **COMMON,
        **TOKEN,
        **SESSIONS,
        "token_ttl": (43199,),
        "list_limit": ("new", "old"),
        "rights": ("full", "none", "read_only"),
        # The permissions that the credential says it has, and that decide what it may write and whether it sees
        # sessions. None: those of `rights`. AuthService.ListMyZitadelPermissions, proto/zitadel/auth.proto.
        "permissions": (None,),
        "hidden_organizations": ((),),
        "filter_after_limit": (False, True),
        "wildcards": (False, True),
        "initial_query": ("initial", "suspended"),
        "login_names_in_or": ("refused", "slow"),
        "uint64": ("string", "number"),
        "messages": ("english", "key"),
        "auth_me": (True, False),
        "userinfo": (True, False),
        "roles": (("iam",),),
        "empty_body": (400, 200),
        # False: the first version of the API, which alone returns a credential's roles and permissions, is gone.
        "own_rights": (True, False),
        # Which paths are there. REST is to go: apps/docs/content/apis/migration_v1_to_v2.mdx. What a server without a
        # REST path answers is not documented: "gone" is its router's 404, the numbers are what other gateways say.
        "rest": ("there", "gone", 405, 501),
        "connect": (True, False),
        # The accepted changes that never reach what is read, by their number since the switch was set: seen on a server
        # of July 2026 (14 of 3,000), https://github.com/zitadel/zitadel/pull/12703. "all" loses each of them.
        "lost_writes": ((),),
        # Personal access tokens and keys, by the id of the service account. None: a server before version 4, which has
        # no such searches. Without a role a server counts and shows nothing; an unknown user has none. Seen on servers
        # of December 2025 and July 2026.
        "service_tokens": ({},),
    }

    def __init__(self) -> None:
        super().__init__()
        self.tokens.fix(PAT, frozenset({"openid", API_AUDIENCE}))

    @classmethod
    def named(cls, email: str) -> Account:
        return {"username": email}

    @classmethod
    def address(cls, account: Account) -> str:
        return str(account["username"])

    @classmethod
    def with_key(cls, key: str, value: Any) -> Account:
        return {"username": value, "loginNames": [value]} if key == "login_name" else super().with_key(key, value)

    def new_store(self) -> Store:
        return Store(
            email=lambda a: [] if is_machine(a) else [email_of(a).lower()],
            username=lambda a: [a["username"].lower()],
            login=lambda a: {name.lower() for name in login_names(a)},
        )

    def reset(self) -> None:
        super().reset()
        self.stale_states: dict[str, str] = {}
        """The states that commands see and reads do not show, by user id."""
        self._accepted = 0
        self._listed: dict[str, list[Account]] = {}
        self._listed_version = -1

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def connect(self, urls: Mapping[str, str]) -> dict[str, str]:
        pem = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        ).decode()
        return {
            "api_url": urls["zitadel"],
            "token_url": urls["zitadel"] + "/oauth/v2/token",
            "client_id": CALLER_NAME,
            "client_secret": CLIENT_SECRET,
            "access_token": PAT,
            "key_content": json.dumps({"type": "serviceaccount", "keyId": KEY_ID, "key": pem, "userId": CALLER}),
            "user_id": CALLER,
        }

    def set_switches(self, values: Mapping[str, Any]) -> None:
        super().set_switches(values)
        if "lost_writes" in values:
            self._accepted = 0

    def seed(self, accounts: Iterable[Mapping[str, Any]]) -> None:
        self.stale_states = {}
        given = list(accounts)
        if not any(account.get("userId") == CALLER for account in given):
            given.append({"userId": CALLER, "username": CALLER_NAME, "machine": {"hasSecret": True}})
        super().seed(given)

    def fill(self, account: Account, number: int) -> tuple[str, Account]:
        human = account.get("human", {})
        email = human.get("email", {}).get("email") or account.get("username") or f"user{number:05d}@example.com"
        username = account.get("username", email)
        filled: Account = {
            "userId": str(310000000000000000 + number),
            "state": ACTIVE,
            "username": username,
            "loginNames": [username],
            **account,
        }
        filled["details"] = {
            "sequence": "2",
            "changeDate": CREATED,
            "resourceOwner": ORGANIZATION,
            "creationDate": CREATED,
            **account.get("details", {}),
        }
        filled.setdefault("preferredLoginName", filled["loginNames"][0])
        if "machine" in account:
            filled["machine"] = {"name": username, **account["machine"]}
        else:
            filled["human"] = {
                **human,
                "profile": {
                    "givenName": "First",
                    "familyName": "Last",
                    "displayName": "First Last",
                    "preferredLanguage": "en",
                    **human.get("profile", {}),
                },
                "email": {"email": email, "isVerified": filled["state"] != INITIAL, **human.get("email", {})},
            }
        return filled["userId"], stripped(filled)

    def word(self, account: Account | None) -> str | None:
        return None if account is None else str(account.get("state", UNSPECIFIED))

    def person(self, number: int) -> Account:
        return {}

    def is_token(self, call: Call) -> bool:
        return call.path == "/oauth/v2/token"

    def is_reading(self, call: Call) -> bool:
        method = call.path.rpartition("/")[2]
        reading = method in ("ListUsers", "GetUserByID", "ListSessions", "GetSession", "search", "_search")
        return call.method == "POST" and (call.path == "/v2/users" or reading)

    def answer(self, call: Call) -> Answer:
        try:
            return self._answer(call)
        except Refused as refused:
            return self.problem(refused.problem)
        except Malformed as malformed:
            return self.error(400, str(malformed))

    def _answer(self, call: Call) -> Answer:
        handlers: dict[str, Callable[[], Answer]]
        match call.segments:
            case ["oauth", "v2", "token"]:
                return self._token(call) if call.method == "POST" else self._wrong_verb()
            case ["ui", "login", "user", "init"]:
                return self._follow_invitation(call) if call.method == "POST" else self._wrong_verb()
            case [".well-known", "openid-configuration"]:
                return self._discovery() if call.method == "GET" else self._wrong_verb()
            case ["oidc", "v1", "userinfo"] if self.switch["userinfo"]:
                handlers = {"GET": self._userinfo, "POST": self._userinfo}
            case ["auth", "v1", "users", "me"] if self.switch["auth_me"]:
                handlers = {"GET": self._me}
            case ["auth", "v1", "memberships", "me", "_search"] if self.switch["own_rights"]:
                handlers = {"POST": self._memberships}
            case ["auth", "v1", "permissions", "zitadel", "me", "_search"] if self.switch["own_rights"]:
                handlers = {"POST": self._permissions}
            case [service, method] if service in (USER_SERVICE, SESSION_SERVICE) and self.switch["connect"]:
                connected = self._connect_user if service == USER_SERVICE else self._connect_session
                handlers = {"POST": lambda: self._connect(connected, call, method)}
            case ["v2", *_] if self.switch["rest"] != "there":
                gone = self.switch["rest"]
                return self.error(404 if gone == "gone" else gone, "Not Found")
            case ["v2", "users", "pats" | "keys" as what, "search"] if self.switch["service_tokens"] is not None:
                handlers = {"POST": lambda: self._service_tokens(call, what)}
            case ["v2", "sessions"]:
                handlers = {"POST": lambda: self._create_session(call)}
            case ["v2", "sessions", "search"]:
                handlers = {"POST": lambda: self._list_sessions(call)}
            case ["v2", "sessions", session]:
                handlers = {
                    "GET": lambda: self._get_session(call, session),
                    "DELETE": lambda: self._end_session(session),
                }
            case ["v2", "users"]:
                handlers = {"POST": lambda: self._list(call)}
            case ["v2", "users", user]:
                handlers = {"GET": lambda: self._get(call, user), "DELETE": lambda: self._delete(user)}
            case ["v2", "users", user, verb] if verb in TRANSITIONS:
                handlers = {"POST": lambda: self._change(call, user, TRANSITIONS[verb])}
            case _:
                return self.error(404, "Not Found")
        if call.method not in handlers:
            return self._wrong_verb()
        if call.headers.get("Authorization") is None:
            return reply(401, {"code": 16, "message": "auth header missing"})
        token = self.tokens.find(bearer(call) or "")
        caller = self.store.rows.get(CALLER)
        if token is None or caller is None or caller.get("state") != ACTIVE or API_AUDIENCE not in token.scopes:
            raise Refused(INVALID_TOKEN)
        return handlers[call.method]()

    def _follow_invitation(self, call: Call) -> Answer:
        """Do what the page behind a mailed invitation does.

        HumanVerifyInitCode (internal/command/user_human_init.go) looks at no state but deleted, so that an account that
        was locked or deactivated is active afterwards.
        """
        account = self.store.rows.get((form(call) or {}).get("userID", ""))
        human = {} if account is None else account.get("human", {})
        if account is None or human.get("passwordChanged") or human["email"].get("isVerified"):
            return self.error(400, "Errors.User.Code.NotFound")
        human = {**human, "passwordChanged": now_text(), "email": {**human["email"], "isVerified": True}}
        self.store.put(account["userId"], {**account, "state": ACTIVE, "human": human})
        self.locked.remove(account["userId"])
        return reply(200, {})

    def _service_tokens(self, call: Call, what: str) -> Answer:
        """The user service v2, ListPersonalAccessTokens and ListKeys."""
        filters = self._body(call).get("filters") or []
        users = [str(each["userIdFilter"]["id"]) for each in filters if "userIdFilter" in each]
        stale_states = self.switch["service_tokens"]
        rows = [
            {"id": f"{what}{number}", "userId": user}
            for user in (users or stale_states)
            for number in range(stale_states.get(user, {}).get(what, 0))
            if user in self.store.rows
        ]
        answer: dict[str, Any] = {"pagination": {"totalResult": str(len(rows))} if rows else {}}
        return reply(200, answer | ({"result": rows} if rows and self.switch["rights"] != "none" else {}))

    def _connect(self, service: Callable[[Call, str], Answer | None], call: Call, method: str) -> Answer:
        """The methods by Connect: JSON in, the id in the body. Source: the client zitadel-client 4.1.9."""
        try:
            answer = service(call, method)
        except Refused as refused:
            problem = refused.problem
            return reply(HTTP[problem.code], {"code": CODES[problem.code], "message": f"{problem.text} ({problem.id})"})
        return answer or reply(404, {"code": "unimplemented", "message": "unimplemented"})

    def _connect_user(self, call: Call, method: str) -> Answer | None:
        user = str(self._body(call).get("userId", ""))
        name = method.removesuffix("User").lower()
        if method == "ListUsers":
            return self._list(call)
        if method == "GetUserByID":
            return self._get(call, user)
        if method == "DeleteUser":
            return self._delete(user)
        if method.endswith("User") and name in TRANSITIONS:
            return self._change(call, user, TRANSITIONS[name])
        return None

    def _wrong_verb(self) -> Answer:
        return reply(405, {"code": 12, "message": "Method Not Allowed", "details": []})

    def _discovery(self) -> Answer:
        return reply(200, {"issuer": self.ready["api_url"], "token_endpoint": self.ready["token_url"]})

    def _token(self, call: Call) -> Answer:
        fields = form(call)
        if fields is None or "grant_type" not in fields:
            return oauth_error(400, "invalid_request", "The request body is not the expected form.")
        grant = fields["grant_type"]
        if grant == "client_credentials":
            parts = basic(call)
            if parts is None or not self._is_client(*parts):
                return oauth_error(401, "invalid_client", "invalid secret")
        elif grant == JWT_BEARER:
            if self._is_of_unknown_key(fields.get("assertion", "")):
                # Seen on servers of December 2025 and July 2026.
                return oauth_error(500, "server_error", "Errors.Internal")
            if (wrong := self._wrong_assertion(fields.get("assertion", ""))) is not None:
                return oauth_error(400, "invalid_grant", wrong)
        else:
            return oauth_error(400, "unsupported_grant_type", f"{grant} is not supported")
        scopes = frozenset(fields.get("scope", "").split())
        if "openid" not in scopes:
            return oauth_error(400, "invalid_scope", "The scope openid is missing.")
        if self.store.rows.get(CALLER, {}).get("state") != ACTIVE:
            return oauth_error(400, "invalid_grant", "Errors.User.NotActive (OIDCS-kj3g2)")
        return token_answer(self, scopes, call.service)

    def _is_client(self, client_id: str, secret: str) -> bool:
        return unquote_plus(client_id) == CALLER_NAME and same(unquote_plus(secret), CLIENT_SECRET)

    def _is_of_unknown_key(self, assertion: str) -> bool:
        try:
            return bool(jwt.get_unverified_header(assertion).get("kid") != KEY_ID)
        except jwt.InvalidTokenError:
            return False

    def _wrong_assertion(self, assertion: str) -> str | None:
        try:
            claims = jwt.decode(
                assertion,
                self._key.public_key(),
                algorithms=["RS256"],
                audience=self.ready["api_url"],
                issuer=CALLER,
                options={"require": ["aud", "iss", "sub", "iat", "exp"]},
            )
        except jwt.InvalidTokenError as error:
            return str(error)
        if claims["sub"] != CALLER:
            return "sub is not iss"
        if claims["iat"] < time.time() - 3600:
            return "iat is older than an hour"
        return None

    def _userinfo(self) -> Answer:
        return reply(200, {"sub": CALLER, "name": CALLER_NAME, "preferred_username": CALLER_NAME})

    def _me(self) -> Answer:
        caller = self.store.rows[CALLER]
        user = {
            "id": CALLER,
            "details": caller["details"],
            "state": caller["state"],
            "userName": caller["username"],
            "loginNames": caller["loginNames"],
            "preferredLoginName": caller["preferredLoginName"],
            "machine": caller.get("machine", {}),
        }
        return reply(200, {"user": user})

    def _memberships(self) -> Answer:
        """The roles of the credential, none of which it has if it has no rights."""
        organizations = {"organization": (ORGANIZATION, "Acme"), "elsewhere": ("300000000000000101", "Other")}
        found = []
        for role in () if self.switch["rights"] == "none" else self.switch["roles"]:
            place = {"iam": True, "displayName": "ZITADEL"}
            if role in organizations:
                place = dict(zip(("orgId", "displayName"), organizations[role], strict=True))
            found.append({"userId": CALLER, "roles": ["OWNER"], **place})
        return reply(200, {"details": {"totalResult": str(len(found))}, **({"result": found} if found else {})})

    def _permissions(self) -> Answer:
        """The permissions in the credential's own organization."""
        listed = self.switch["permissions"]
        if listed is None:
            here = {"iam", "organization"} & set(self.switch["roles"])
            listed = list(PERMISSIONS[self.switch["rights"]]) if here else []
        return reply(200, {"result": listed} if listed else {})

    def _get(self, call: Call, user: str) -> Answer:
        if not 1 <= len(user) <= 200:
            raise Malformed(
                "invalid GetUserByIDRequest.UserId: value length must be between 1 and 200 runes, inclusive"
            )
        account = self.view(call, listing=False).get(user)
        if account is None:
            raise Refused(USER_NOT_FOUND)
        if not self._readable(account):
            raise Refused(NO_MEMBERSHIP)
        return reply(200, {"details": account["details"], "user": account})

    def _change(self, call: Call, user: str, transition: Transition) -> Answer:
        self._body(call)
        account = self._existing(user, transition.no_id, transition.not_found)
        state = self.stale_states.get(user) or account.get("state", UNSPECIFIED)
        if state == INITIAL and transition.target == INACTIVE:
            raise Refused(INITIAL_REFUSAL)
        if state not in transition.allowed:
            raise Refused(transition.refusal)
        self._check("user.write", self._place(account))
        details = self._event(account["details"])
        if not self._loses(user, transition.target):
            self.store.put(user, {**account, "state": transition.target, "details": details})
            if transition.target == LOCKED:
                self.locked.put(user, {})
            elif state == LOCKED and transition.target == ACTIVE:
                self.locked.remove(user)
        if user == CALLER:
            self.tokens.revoke_all()
        return self._details(details)

    def _loses(self, user: str, state: str) -> bool:
        """Whether reads do not show an accepted change. Commands see it nevertheless."""
        self._accepted += 1
        lost = self.switch["lost_writes"]
        if lost != "all" and self._accepted not in lost:
            self.stale_states.pop(user, None)
            return False
        self.stale_states[user] = state
        return True

    def _delete(self, user: str) -> Answer:
        account = self._existing(user, "COMMAND-vaipl7s13l", "COMMAND-bd4ir1mblj")
        self._check("user.delete", self._place(account))
        if not self._loses(user, DELETED):
            self.store.remove(user)
        if user == CALLER:
            self.tokens.revoke_all()
        return self._details(self._event(account["details"]))

    def _existing(self, user: str, no_id: str, not_found: str) -> Account:
        if not user:
            raise Refused(Problem(3, no_id, "User ID missing", "Errors.User.UserIDMissing"))
        if len(user) > 200:
            raise Malformed("invalid UserId: value length must be between 1 and 200 runes, inclusive")
        account = self.store.rows.get(user)
        if account is None or self.stale_states.get(user) == DELETED:
            raise Refused(Problem(5, not_found, "User could not be found", "Errors.User.NotFound"))
        return account

    def _place(self, account: Account) -> str | None:
        """The organization that decides about the rights; itself a credential knows anyway."""
        return None if account["userId"] == CALLER else str(account["details"]["resourceOwner"])

    def _list(self, call: Call) -> Answer:
        request = self._body(call)
        query, wanted = self._paging(request)
        column = str(request.get("sortingColumn", "USER_FIELD_NAME_UNSPECIFIED")).removeprefix("USER_FIELD_NAME_")
        if column not in SORTING:
            raise Malformed(f"proto: invalid value for enum field sortingColumn: {column!r}")
        queries = request.get("queries") or []
        if not isinstance(queries, list):
            raise Malformed("proto: syntax error: queries is not a list")
        rows = self._rows(self.view(call, listing=True), queries, column, query.get("asc") is True)
        if self.switch["filter_after_limit"]:
            total, page = len(rows), rows[wanted]
            page = [row for row in page if self._readable(row)]
        else:
            if self.switch["rights"] == "none" or self.switch["hidden_organizations"]:
                rows = [row for row in rows if self._readable(row)]
            total, page = len(rows), rows[wanted]
        return self._listing("result", page, total)

    def _rows(self, view: View, queries: list[Any], column: str, ascending: bool) -> list[Account]:
        """The sorted hits. A scan is kept until the next write, so that paging through it costs one sorting."""
        dialect = Dialect(self.switch["wildcards"], self.switch["initial_query"], self.switch["login_names_in_or"])
        wanted = all_of([compile_query(query, dialect) for query in queries])
        if self._listed_version != self.store.version:
            self._listed, self._listed_version = {}, self.store.version
        key = json.dumps([queries, column, ascending, dialect.wildcards, dialect.initial_query])
        if wanted.candidates is None and view.fresh and key in self._listed:
            return self._listed[key]
        found = view if wanted.candidates is None else wanted.candidates(view)
        rows = list(found) if wanted.exact else [row for row in found if wanted.test(row)]
        rows.sort(key=SORTING[column], reverse=not ascending)
        if wanted.candidates is None and view.fresh:
            self._listed = {**dict(list(self._listed.items())[-3:]), key: rows}
        return rows
