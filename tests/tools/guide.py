# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Print the code of the example vendor into its guide.

Sphinx has a directive for that, which reads files relative to the page. The site is built from copies of the pages.
"""

from __future__ import annotations

from harness.added import GUIDE, printed


def main() -> None:
    GUIDE.write_text(printed(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
