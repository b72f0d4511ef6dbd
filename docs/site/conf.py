# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""How Sphinx makes the site. `make docs` lays its sources out: see tests/tools/docs.py."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import yaml
from sphinx.application import Sphinx

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
GALAXY = yaml.safe_load((REPOSITORY / "galaxy.yml").read_text(encoding="utf-8"))
GUIDES = yaml.safe_load((REPOSITORY / "docs" / "docsite" / "extra-docs.yml").read_text(encoding="utf-8"))

sys.path.insert(0, str(HERE))

project = "saas.offboarding"
author = "saas.offboarding contributors"
project_copyright = f"2026, {author}"
release = version = GALAXY["version"]
html_title = html_short_title = f"{project} {release}"

extensions = ["myst_parser", "sphinx.ext.intersphinx", "sphinx_antsibull_ext", "repository_links"]
nitpicky = True
default_role = "any"
highlight_language = "yaml+jinja"

# The anchors that the repository's host gives to headings, so that links from page to page are the same there and here.
myst_heading_anchors = 4
repository_url = f"{GALAXY['repository']}/blob/main/"

# Nothing is fetched to build the site: the labels of Ansible's own pages that are pointed to are in ansible.inv.txt.
intersphinx_mapping = {"ansible": ("https://docs.ansible.com/projects/ansible/latest/", "ansible.inv")}

html_theme = "sphinx_ansible_theme"
html_static_path = [str(HERE / "static")]
html_css_files = ["tables.css"]
html_theme_options = {
    "show_extranav": False,
    "show_rtd_ethical_ads": False,
    "documentation_home_url": "https://docs.ansible.com/",
}
html_show_sphinx = False
html_copy_source = False
html_use_index = False


def list_guides(app: Sphinx, docname: str, source: list[str]) -> None:
    """The first page lists the guides as docs/docsite/extra-docs.yml has them."""
    if docname == "index":
        source[0] = app.builder.templates.render_string(source[0], {**GUIDES, "products": products()})


def products() -> str:
    """Return the names of the products, as the README lists them."""
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    return re.search(r"into closed accounts at (.+)\.\n", readme)[1]


def setup(app: Sphinx) -> None:
    app.connect("source-read", list_guides)
