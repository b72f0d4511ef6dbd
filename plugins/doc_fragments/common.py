# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all modules share: attributes, how far a task is, and the options of those that write and of those that read."""

from __future__ import annotations


class ModuleDocFragment:
    ATTRIBUTES = r"""
options: {}
attributes:
  check_mode:
    description: Check mode tells what would be done, and changes nothing.
  diff_mode:
    description: Diff mode shows what changes, of accounts that do change.
  idempotent:
    description: The same task a second time changes nothing, and says so.
notes:
  - The module sends its requests from the machine it runs on, in one session with one token however many users there
    are. Make each tenant an inventory host with C(ansible_connection=local), so that environment variables and
    credentials of the controller are at hand.
  - Credentials go to their own host only. Redirects are not followed, plain C(http) is refused except to loopback
    addresses, and no C(.netrc) is read. Proxies are taken from the environment.
  - Instead of the options that say where the tenant is and how to log in, environment variables may be set. One that
    is set but empty counts as not set.
"""

    USER = r"""
options:
  verify:
    description:
      - Whether accounts that were changed are read back. An account that does not read as it should is then
        V(failed), even though the vendor said that all was well.
      - Where the vendor's API cannot read an account, this makes no difference.
    type: bool
    default: true
  on_missing:
    description:
      - What to make of a user without an account, where the account should not be V(absent).
      - V(fail) fails the task at its end, V(warn) warns, V(ok) does neither. RV(users[].outcome) is V(missing) in all
        cases.
    type: str
    choices: [fail, warn, ok]
    default: fail
  protected:
    description:
      - Accounts that are never touched, as keys, vendor's ids or shell patterns such as V(*@example.org).
      - Every name the vendor knows the account by is compared, ignoring case. A protected user who would change is
        V(refused), and the task fails at its end, while the other users go ahead.
    type: list
    elements: str
    default: []
  max_changes:
    description:
      - Refuse everything, before the first write, when more accounts than this would change. V(0) lets nothing
        change.
    type: int
  max_percent:
    description:
      - Refuse everything, before the first write, when more accounts would be changed than this share of the tenant's
        accounts, in percent from V(0) to V(100). V(100) is no limit.
      - What is counted are the accounts in use, which are neither deactivated nor deleted. Where accounts are to be
        re-opened, all of them are counted.
      - It takes a request or two at ZITADEL and Thrive Learning, and one more list of all users at Laurel and
        netexCloud. Where it cannot be told how many accounts there are, everything is refused, which is always so at
        CustomerGauge.
    type: float
  plan_hash:
    description:
      - The RV(plan_hash) of an earlier result, most likely of a run in check mode.
      - Refuse everything, before the first write, when what would be done is no longer exactly that.
    type: str
"""

    INFO = r"""
options:
  details:
    description:
      - Whether RV(users[].account) holds the vendor's own object of each account, without the secrets in it.
      - The requests are the same either way. V(false) makes for a result that is smaller by far, and tells less of
        people.
    type: bool
    default: true
attributes:
  check_mode:
    support: full
    details:
      - The module reads and never writes, in check mode and otherwise.
  diff_mode:
    support: N/A
    details:
      - Nothing changes, so there is no difference to show.
  idempotent:
    support: full
    details:
      - The module never changes anything. What it reads is what the vendor tells at that moment.
notes:
  - The task does not fail because an account is missing. It fails where it could not be told whether there is one, and
    where a list breaks off. It does so at its end, and all that was read is in the result.
"""

    SHOWING = r"""
options:
  batch_size:
    description:
      - Into how many users at a time the work is divided. After each batch a line tells how far the task is.
      - At least V(1). Without it, all is one batch, and no such lines are shown.
      - It has no influence on what is done, nor on the number of requests. All users are planned before the first
        write.
    type: int
  progress_file:
    description:
      - A file to which the module adds lines of JSON that tell how far it is.
      - The collection's action plugin sets it, and shows what is in it while the module runs. To be set by hand only
        where that is not in use.
    type: path
  packed:
    description:
      - Whether RV(users) is one text in place of a list, which the filters of this collection take as well. A
        difference is then told with C(--diff) alone, and O(users) is left out of what Ansible shows of the arguments.
      - P(saas.offboarding.unpacked#filter) gives the list back.
      - It is for lists of thousands, in the role for example. Ansible goes through every value of a result again and
        again, which for ten thousand users takes minutes, and for one text no time.
    type: bool
    default: false
"""
