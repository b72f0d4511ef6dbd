# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From AnsibleModule to converge and back.

PRIVATE to the collection.
"""

from __future__ import annotations

import contextlib
import json
import typing as t
from collections.abc import Iterator, Mapping, Sequence

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible.module_utils.common.parameters import remove_values

from ._address import address_fault, text_fault, trimmed
from ._auth import CredentialError
from ._checks import FAILS
from ._converge import Converger, Report
from ._guards import ALL, Guards
from ._journal import Journal
from ._libraries import MissingLibrary, OldLibrary
from ._lookup import View, browse, look_for
from ._match import protection_fault
from ._model import (
    ACTIVE,
    CLOSED_STATES,
    FAILED,
    MISSING,
    OUTCOMES,
    REFUSED,
    UNKNOWN,
    Key,
    Problem,
    UserRequest,
    summary,
)
from ._options import SHOWING, USER_TASK, ArgumentSpec, Option, one_or_many
from ._pacing import Limits
from ._preflight import checks_of
from ._progress import Progress
from ._reach import Reach, lacking_text, reach_text
from ._reading import NONE
from ._redact import misplaced_secrets
from ._text import ended, some
from ._transport import Tls, Transport
from ._url import UrlError
from ._vendor import SettingsError, Vendor
from ._vendor_info import VendorInfo

SHOWN_FAILURES = 5
SHOWN_FAULTS = 20
MAX_CONCURRENCY = 128


class BadOption(ValueError):
    """An option's value that cannot be used. Raised before any request; the message names the option."""


class VendorModule(AnsibleModule):  # type: ignore[misc]
    """An AnsibleModule whose result has the documented shape also when it fails, even on its arguments.

    ``empty`` is the result of a task that did not get as far as to look at an account.
    """

    def __init__(self, vendor: type[Vendor], spec: ArgumentSpec, empty: Mapping[str, t.Any]) -> None:
        self._empty = empty
        self.vendor = vendor
        super().__init__(argument_spec=dict(spec.options), supports_check_mode=True)

    @property
    def product(self) -> str:
        return self.vendor.product_of(self.params)

    def fail_json(self, msg: str, **kwargs: t.Any) -> t.NoReturn:
        self.no_log_values.update(misplaced_secrets(self.params, self.argument_spec))
        super().fail_json(msg, **{**self._empty, "check_mode": getattr(self, "check_mode", False), **kwargs})
        raise SystemExit(1)

    @contextlib.contextmanager
    def checking(self) -> Iterator[None]:
        """Fail for whatever is wrong with the options, before any request."""
        try:
            yield
        except OldLibrary as exc:
            self.fail_json(msg=f"{self.product}: {exc}")
        except MissingLibrary as exc:
            self.fail_json(msg=missing_required_lib(exc.name), exception=exc.trace)
        except (BadOption, CredentialError, UrlError) as exc:
            self.fail_json(msg=f"{self.product}: {exc}")

    def open_transport(self) -> tuple[Transport, Progress]:
        """Return the way to the vendor, and who watches it. Raises BadOption and UrlError."""
        params = self.params
        progress = progress_from(params)
        transport = Transport(limits_from(self.vendor, params), Tls(params["validate_certs"], params["ca_path"]))
        transport.counters.watch = progress.watch
        if not params["validate_certs"]:
            self.warn(f"{self.product}: validate_certs is false: the server that gets the credential is not verified")
        return transport, progress

    def close_transport(self, transport: Transport) -> None:
        """Hide secrets that the vendor may have sent back, and warn of the waits."""
        self.no_log_values.update(transport.secrets())
        transport.close()
        for warning in _waits(self.product, transport):
            self.warn(warning)

    def handed_over(self, result: dict[str, t.Any]) -> dict[str, t.Any]:
        """Return a result without its users where they go to a file.

        Ansible copies and searches each value of a result several times, which for ten thousand users takes longer than
        the work. Raises OSError.
        """
        if not self.params["result_file"]:
            return result
        self.no_log_values.update(misplaced_secrets(self.params, self.argument_spec))
        users = json.dumps(result["users"])
        if any(json.dumps(secret)[1:-1] in users for secret in self.no_log_values):
            users = json.dumps(remove_values(result["users"], self.no_log_values))
        with open(self.params["result_file"], "w", encoding="utf-8") as stream:
            stream.write(users)
        short = {**result, "users": [], "invocation": {"module_args": {}}}
        if "diff" in result and not self._diff:
            short["diff"] = self._empty["diff"]
        return short


def empty_result() -> dict[str, t.Any]:
    """Return the result of a task that did not get as far as to look at an account."""
    return {
        "changed": False,
        "check_mode": False,
        "users": [],
        "summary": {"requested": 0, **dict.fromkeys(OUTCOMES, 0)},
        "plan_hash": None,
        "read": None,
        "scope": None,
        "requests": {"sent": 0, "retried": 0, "tokens": 0},
        "diff": {"before": {}, "after": {}},
    }


def empty_info_result() -> dict[str, t.Any]:
    """Return the result of an info task that did not get as far as to look at an account."""
    return {
        "changed": False,
        "check_mode": False,
        "users": [],
        "complete": False,
        "summary": {"requested": 0, "found": 0, "missing": 0, "failed": 0},
        "read": None,
        "scope": None,
        "requests": {"sent": 0, "retried": 0, "tokens": 0},
    }


def user_spec(vendor: VendorInfo) -> ArgumentSpec:
    """Return all options of a vendor's module that writes."""
    choices: Option = {"type": "str", "choices": list(vendor.states)}
    state = ArgumentSpec({"state": {**choices, "required": True}})
    accounts = one_or_many(vendor.keys, vendor.settings, ArgumentSpec({"state": choices}))
    return vendor.connection + state + accounts + vendor.task_settings + USER_TASK + SHOWING


def info_spec(vendor: VendorInfo) -> ArgumentSpec:
    """Return all options of a vendor's module that reads."""
    filters: dict[str, Option] = {"state": {"type": "str", "choices": list(vendor.found_states)}}
    if vendor.searchable:
        filters["search"] = {"type": "str"}
    details = ArgumentSpec({"details": {"type": "bool", "default": True}})
    if vendor.sessions:
        details += ArgumentSpec({"sessions": {"type": "bool", "default": False}})
    accounts = one_or_many(vendor.keys, ArgumentSpec())
    return vendor.connection + ArgumentSpec(filters) + accounts + vendor.listing_settings + details + SHOWING


def run_user_module(vendor: type[Vendor]) -> None:
    """Be the module that brings accounts of a vendor to a state."""
    module = VendorModule(vendor, user_spec(vendor.info), empty_result())
    params: dict[str, t.Any] = module.params
    if params["preflight"]:
        _run_preflight(module)
    with module.checking():
        user_requests = user_requests_from(vendor, params)
        guards = guards_from(params)
        emails = journal_emails_from(params, user_requests)
        transport, progress = module.open_transport()
        tenant = vendor(params, transport)
        for number, user_request in enumerate(user_requests, 1):
            _checked(tenant, user_request, number, len(user_requests))
    journal = Journal(params["journal_file"], vendor.info.name, tenant.tenant, result_file=params["result_file"])
    converger = Converger(tenant, guards, params["verify"], progress, journal, emails)
    report = converger.run(user_requests, check_mode=module.check_mode)
    journal.close()
    # Asked for last: nothing that is closed waits for it. If nothing could be read, nor can this.
    read = any(outcome.before.state != UNKNOWN for outcome in report.outcomes)
    scope = tenant.scope() if read else None
    ends_sessions = tenant.ends_sessions and any(
        change.before.sessions != 0
        for change in (*report.changes, *report.only_sessions)
        if change.after.state in CLOSED_STATES
    )
    lacking = tenant.lacking(report.changes, ends_sessions=ends_sessions) if module.check_mode else ()
    module.close_transport(transport)
    _leave(module, tenant, report, scope, lacking)


def _run_preflight(module: VendorModule) -> t.NoReturn:
    """Find out what the credential can do at the tenant, and leave."""
    vendor, params = module.vendor, module.params
    with module.checking():
        named = [name for name in (*vendor.info.keys.options, "users") if params.get(name) is not None]
        if named:
            raise BadOption(f"{named[0]} and preflight are both given: preflight looks at no account. Leave one out")
        transport, _progress = module.open_transport()
        tenant = vendor(params, transport)
    checks = [check.as_result() for check in checks_of(tenant, params["state"])]
    module.close_transport(transport)
    result = {
        **empty_result(),
        "check_mode": module.check_mode,
        "requests": transport.counters.as_result(),
        "checks": checks,
    }
    faults = [ended(f"{check['code']}: {check['message']}") for check in checks if check["result"] == FAILS]
    if faults:
        module.fail_json(msg=f"{module.product}: {' '.join(faults)}", **result)
    module.exit_json(**result)
    raise SystemExit(0)


def run_info_module(vendor: type[Vendor]) -> None:
    """Be the module that looks at accounts of a vendor."""
    module = VendorModule(vendor, info_spec(vendor.info), empty_info_result())
    params: dict[str, t.Any] = module.params
    with module.checking():
        keys = keys_from(vendor, params)
        transport, progress = module.open_transport()
        tenant = vendor(params, transport)
    if keys:
        view = look_for(tenant, keys, progress)
    else:
        view = browse(tenant, progress, state=params["state"], search=params.get("search"))
    read = view.problem is None and (not view.sights or any(sight.found is not None for sight in view.sights))
    scope = tenant.scope() if read else None
    module.close_transport(transport)
    _show(module, tenant, view, scope)


def _checked(tenant: Vendor, user_request: UserRequest, number: int, of: int) -> None:
    try:
        tenant.check(user_request)
    except SettingsError as exc:
        raise BadOption(f"{_place(number, of)}{exc}") from None


def _place(number: int, of: int) -> str:
    return f"users, entry {number}: " if of > 1 else ""


def keys_from(vendor: type[Vendor], params: Mapping[str, t.Any]) -> list[Key]:
    """Return the accounts that are named; none means that a list is asked for. Raises BadOption, naming the option."""
    filters = [name for name in ("state", "search") if params.get(name) is not None]
    named = [name for name in (*vendor.info.keys.options, "users") if params.get(name) is not None]
    if not named:
        if params.get("search") is not None and (fault := text_fault(params["search"])):
            raise BadOption(f"search {fault}")
        return []
    if filters:
        raise BadOption(f"{named[0]} and {filters[0]} are both given: name accounts, or list those that match")
    return [user_request.key for user_request in user_requests_from(vendor, {**params, "state": ""})]


def progress_from(params: Mapping[str, t.Any]) -> Progress:
    """Return what records the progress of the task. Raises BadOption."""
    if params["batch_size"] is not None and params["batch_size"] < 1:
        raise BadOption(f"batch_size must be 1 or more, not {params['batch_size']}")
    return Progress(params["progress_file"], params["batch_size"])


def user_requests_from(vendor: type[Vendor], params: Mapping[str, t.Any]) -> list[UserRequest]:
    """Return what is asked for, one request a user. Raises BadOption, naming the option and the entry."""
    state = params["state"]
    entries = params.get("users")
    top = {name: params.get(name) for name in (*vendor.info.keys.options, *vendor.info.settings.options)}
    named = vendor.naming(top, state)
    offers = ", ".join(vendor.info.keys.options)
    if entries is None:
        if not named:
            raise BadOption(f"no account is named: give one of {offers}, or users")
        return [_user_request(vendor, top, state, "")]
    if named:
        raise BadOption(
            f"{named[0]} and users are both given: name one account at the top level, or all of them in users"
        )
    if not entries:
        raise BadOption("users is empty: a list without anybody in it is most likely a mistake")
    defaults = {name: top[name] for name in vendor.info.settings.options}
    user_requests: list[UserRequest] = []
    faults: list[str] = []
    seen: dict[tuple[str, str | None, str], int] = {}
    for number, entry in enumerate(entries, 1):
        given = {name: value for name, value in entry.items() if value is not None}
        other = given.get("state") not in (None, state)  # the task's settings of closing are not for another state
        own = {name: value for name, value in defaults.items() if not (other and name in vendor.info.closing_settings)}
        try:
            user_request = _user_request(vendor, {**own, **given}, state, f"users, entry {number}: ")
        except BadOption as exc:
            faults.append(str(exc))
            continue
        user_requests.append(user_request)
        if (first := seen.setdefault(user_request.key.token, number)) != number:
            faults.append(
                f"users, entries {first} and {number} are the same {user_request.key.field} {user_request.key}: "
                "ask for each user once"
            )
    if faults:
        raise BadOption(some(faults, SHOWN_FAULTS, "; "))
    return user_requests


def _user_request(vendor: type[Vendor], entry: Mapping[str, t.Any], of_task: str, place: str) -> UserRequest:
    state = entry.get("state") or of_task
    named = vendor.naming(entry, state)
    offers = ", ".join(vendor.info.keys.options)
    if not named:
        raise BadOption(f"{place}no account is named: give one of {offers}")
    if len(named) > 1:
        raise BadOption(f"{place}{' and '.join(named)} are both given: name the account by one of them")
    key = Key.parse({named[0]: entry[named[0]]})
    fault = key.fault()
    if fault is not None:
        raise BadOption(f"{place}{named[0]} {fault}: {key.value[:100]!r}")
    settings = {
        name: entry[name] for name in vendor.info.settings.options if name != named[0] and entry.get(name) is not None
    }
    if settings.get("email"):
        settings["email"] = trimmed(settings["email"])
        if fault := address_fault(settings["email"]):
            raise BadOption(f"{place}email {fault}: {settings['email'][:100]!r}")
    return UserRequest(key, state, settings, reopens=of_task == ACTIVE)


def guards_from(params: Mapping[str, t.Any]) -> Guards:
    """Return the guard rails. Raises BadOption."""
    protected = [trimmed(entry) for entry in params["protected"]]
    faults = [
        f"entry {number} {fault}" for number, entry in enumerate(protected, 1) if (fault := protection_fault(entry))
    ]
    if faults:
        raise BadOption(f"protected: {some(faults, SHOWN_FAULTS, '; ')}. Nothing was sent")
    if params["max_changes"] is not None and params["max_changes"] < 0:
        raise BadOption("max_changes must be 0 or more; 0 lets nothing be changed")
    percent = params["max_percent"]
    if percent is not None and not 0 <= percent <= ALL:
        raise BadOption("max_percent must be from 0 to 100; 0 lets nothing be changed, 100 is no limit")
    if params["plan_hash"] is not None and not params["plan_hash"].startswith("sha256:"):
        raise BadOption("plan_hash must be the plan_hash of an earlier result, and begins with sha256:")
    return Guards(tuple(protected), params["max_changes"], params["plan_hash"], percent)


def journal_emails_from(params: Mapping[str, t.Any], user_requests: Sequence[UserRequest]) -> dict[Key, str]:
    """Return the e-mail addresses for the journal, by key. Raises BadOption."""
    emails = params["journal_emails"]
    if emails is None:
        return {}
    if len(emails) != len(user_requests):
        raise BadOption(f"journal_emails has {len(emails)} entries for {len(user_requests)} users: give one for each")
    return {user_request.key: email for user_request, email in zip(user_requests, emails, strict=True)}


def limits_from(vendor: type[Vendor], params: Mapping[str, t.Any]) -> Limits:
    """Return how long and how often requests may be sent. Raises BadOption."""

    def need(option: str, fine: bool, what: str) -> None:
        if not fine:
            raise BadOption(f"{option} must be {what}, not {params[option]}")

    need("timeout", 0 < params["timeout"] <= 3600, "more than 0 and at most 3600 seconds")
    need("retries", 0 <= params["retries"] <= 100, "from 0 to 100")
    need("retry_budget", 0 <= params["retry_budget"] <= 86400, "from 0 to 86400 seconds")
    need("concurrency", 1 <= params["concurrency"] <= MAX_CONCURRENCY, f"from 1 to {MAX_CONCURRENCY}")
    rate = params["requests_per_second"]
    need("requests_per_second", rate is None or 0 < rate <= 100000, "more than 0")
    rate = rate or vendor.default_rate(params)
    return Limits(params["timeout"], params["retries"], params["retry_budget"], rate, params["concurrency"])


def _seen(tenant: Vendor, complete: bool, scope: Reach) -> dict[str, t.Any]:
    """Return the part of a result that states what was asked and read; with the product, where a vendor is many."""
    counters = tenant.transport.counters
    product = tenant.product_used()
    return {
        "read": {
            "tenant": tenant.tenant,
            "strategy": "+".join(counters.strategies) or NONE,
            "accounts": counters.accounts,
            "pages": counters.pages,
            "complete": complete,
        },
        "scope": scope,
        "requests": counters.as_result(),
        **({} if product is None else {"product": product, "notes": list(tenant.notes())}),
    }


def _show(module: VendorModule, tenant: Vendor, view: View, scope: Reach) -> None:
    hide = tenant.transport.hider() if module.params["details"] else None
    found = sum(sight.found is True for sight in view.sights)
    failed = [sight for sight in view.sights if sight.found is None]
    named = sum(sight.key is not None for sight in view.sights)
    result = {
        "changed": False,
        "check_mode": module.check_mode,
        "users": [sight.as_result(hide, with_sessions=tenant.info.sessions) for sight in view.sights],
        "complete": view.complete,
        "summary": {
            "requested": named,
            "found": found,
            "missing": len(view.sights) - found - len(failed),
            "failed": len(failed),
        },
        **_seen(tenant, view.complete, scope),
    }
    for gap in view.gaps:
        module.warn(f"{tenant.product}: not complete: {gap}")
    result = module.handed_over(result)
    faults = _by_code([(sight.key, "not read", sight.problem) for sight in failed if sight.problem])
    if view.problem is not None:
        faults.append(f"{view.problem.code}: the list is not whole: {view.problem.message}")
    if faults:
        module.fail_json(msg=f"{tenant.product}: {' '.join(map(ended, faults))}", **result)
    module.exit_json(**result)


def _leave(module: VendorModule, vendor: Vendor, report: Report, scope: Reach, lacking: Sequence[str]) -> None:
    counts = summary(report.outcomes)
    result = module.handed_over(
        {
            "changed": any(outcome.altered for outcome in report.outcomes),
            "check_mode": module.check_mode,
            "users": [outcome.as_result(with_sessions=report.with_sessions) for outcome in report.outcomes],
            "summary": counts,
            "plan_hash": report.plan_hash,
            **_seen(vendor, report.complete, scope),
            "diff": report.diff(),
            **({"lacking": list(lacking)} if lacking else {}),
        }
    )
    for warning in report.warnings:
        module.warn(warning)
    if lacking:
        module.warn(f"{vendor.product}: {lacking_text(lacking)}")
    within = f" in {reach_text(scope)}" if scope is not None else ""
    missing = [str(outcome.key) for outcome in report.outcomes if outcome.outcome == MISSING]
    if missing and module.params["on_missing"] == "warn":
        module.warn(f"{vendor.product} has no account for {some(missing, SHOWN_FAILURES)}{within}")
    bad = {FAILED, REFUSED} | ({MISSING} if module.params["on_missing"] == "fail" else set())
    words = {REFUSED: "would be refused"} if module.check_mode else {}
    without_account = Problem("no_account", f"no account{within}") if within else None
    faults = [
        (outcome.key, words.get(outcome.outcome, outcome.outcome), outcome.problem or without_account)
        for outcome in report.outcomes
        if outcome.outcome in bad
    ]
    if faults:
        count = f"{len(faults)} of {len(report.outcomes)} accounts are not as asked."
        module.fail_json(msg=" ".join([f"{vendor.product}: {count}", *map(ended, _by_code(faults))]), **result)
    module.exit_json(**result)


def _by_code(faults: Sequence[tuple[Key | None, str, Problem | None]]) -> list[str]:
    """Return a sentence for each code: how many accounts it is about, and one reason."""
    groups: dict[str, list[tuple[Key | None, str, Problem | None]]] = {}
    for fault in faults:
        groups.setdefault(fault[2].code if fault[2] else "no_account", []).append(fault)
    sentences = []
    for code, group in groups.items():
        keys = some([str(key) for key, _word, _problem in group], SHOWN_FAILURES)
        reasons = list(dict.fromkeys(problem.message for _key, _word, problem in group if problem))
        reason = f": {reasons[0]}" if reasons else ""
        more = f" (and {len(reasons) - 1} more messages)" if len(reasons) > 1 else ""
        sentences.append(f"{code}: {len(group)} {group[0][1]} ({keys}){reason}{more}")
    return sentences


def _waits(product: str, transport: Transport) -> list[str]:
    counters = transport.counters
    if not counters.waits:
        return []
    waits = f"{counters.waits} waits before sending again, {counters.waited:.1f} s added up over all threads"
    return [f"{product} was busy or out of reach for a while: {waits}"]
