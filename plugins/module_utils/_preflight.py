# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a credential can do at a tenant, found out without a write: log in, read one page, rights, reach.

PRIVATE to the collection. What a vendor does not state is `unknown`, and no rule is made of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ._checks import FAILS, LIST, LOG_IN, OK, REACH, RIGHTS, CheckResult
from ._faults import ApiError
from ._model import UNKNOWN, Problem
from ._vendor import Vendor

NETWORK = "Check the address of the tenant, and the name resolution and the proxy of the machine where Ansible runs"
CREDENTIAL = "Check the credential of the tenant, whether it has expired, and that it belongs to this host"
ADDRESS = "Check the address of the tenant: this is not the list that the vendor documents"
LATER = "Try again later; if it stays so, ask the vendor's support"
REMEDIES = {
    "unreachable": NETWORK,
    "timeout": NETWORK,
    "connection_lost": NETWORK,
    "tls_error": "Set ca_path, or correct the certificate. Do not set validate_certs to false",
    "redirected": "",  # the message has it, as have those of no_rights and unproven
    "no_rights": "",
    "unproven": "",
    "login_failed": CREDENTIAL,
    "unauthorized": CREDENTIAL,
    "forbidden": "Give the credential the right to list the users. SECURITY.md names the rights for each vendor",
    "rate_limited": LATER,
    "server_error": LATER,
}
"""What to do, by the code of a problem. For all other codes: look at the address."""
NOT_LOGGED_IN = ("login_failed", "unauthorized", "redirected", "tls_error", "unreachable", "timeout", "connection_lost")
_ADDRESS = re.compile(r"[^\s@<>\"(),;:]+@[^\s@<>\"(),;:]+")


@dataclass(frozen=True)
class Check:
    """The result of one check. ``result``: `ok`, `fails` or `unknown`."""

    name: str
    result: str
    message: str = ""
    code: str | None = None

    def as_result(self) -> CheckResult:
        """Return the check without e-mail addresses, which a vendor's message may quote."""
        message = _ADDRESS.sub("(an address)", self.message)
        return {"check": self.name, "result": self.result, "code": self.code, "message": message}


def checks_of(vendor: Vendor, state: str) -> list[Check]:
    """Log in, read one page and the rights, and return the results. ``state``: the desired one."""
    try:
        vendor.log_in()
        has_token = vendor.transport.counters.tokens > 0
        seen = vendor.read_page()
    except ApiError as exc:
        if exc.problem.code in NOT_LOGGED_IN:
            return [_failed(LOG_IN, exc.problem)]
        accepted = vendor.transport.counters.tokens or exc.problem.code == "no_rights"
        logged_in = Check(LOG_IN, OK) if accepted else _unproven_log_in(vendor)
        return [logged_in, _failed(LIST, exc.problem), *_rights(vendor, state)]
    if seen is None:
        text = f"{vendor.product} has no request that reads users. Whether there is an account shows in the run"
        logged_in = Check(LOG_IN, OK) if has_token else _unproven_log_in(vendor)
        return [logged_in, Check(LIST, UNKNOWN, text), *_rights(vendor, state)]
    listed = Check(LIST, OK, "One page was read") if seen else _failed(LIST, _empty(vendor))
    return [Check(LOG_IN, OK), listed, *_rights(vendor, state)]


def _unproven_log_in(vendor: Vendor) -> Check:
    return Check(
        LOG_IN,
        UNKNOWN,
        f"Nothing that {vendor.product} answered shows whether it accepts the credential. {CREDENTIAL}",
    )


def _empty(vendor: Vendor) -> Problem:
    return Problem(
        "unproven",
        f"{vendor.product} answered with an empty list of users, which does not prove that a user has no account. "
        "Check that the address is that of the tenant, and that the credential may see its users",
    )


def _failed(name: str, problem: Problem) -> Check:
    remedy = REMEDIES.get(problem.code, ADDRESS)
    if problem.code == "login_failed" and problem.status is None:
        remedy = NETWORK
    return Check(name, FAILS, f"{problem.message}. {remedy}" if remedy else problem.message, problem.code)


def _rights(vendor: Vendor, state: str) -> list[Check]:
    product = vendor.product
    rights = vendor.rights(state)
    if rights.lacking is None:
        text = f"{product} does not state whether the credential may bring accounts to the state {state}. "
        allowed = Check(RIGHTS, UNKNOWN, f"{rights.note or text}SECURITY.md names the rights that it needs")
    elif rights.lacking:
        text = f"The credential lacks {' and '.join(rights.lacking)} for the state {state}. {rights.note}"
        allowed = Check(RIGHTS, FAILS, text.strip(), "forbidden")
    else:
        text = f"The credential may bring accounts to the state {state}"
        allowed = Check(RIGHTS, OK, f"{text}. {rights.note}" if rights.note else text)
    seen = rights.reach or f"{product} does not state which accounts the credential can see"
    return [allowed, Check(REACH, OK if rights.reach else UNKNOWN, seen)]
