# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Links between the guides, the pages in Markdown and the rest of the repository.

Guides point to the repository's address, since they are also shown where nothing of this site is. Pages in Markdown
point to files beside them, since they are also read in the repository. Here both come to the page of this site, where
it has one, and otherwise to the repository.
"""

from __future__ import annotations

import posixpath
import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import NoUri
from sphinx.util import logging

MARKDOWN_LINK = re.compile(r"\]\((?!https?://|#)(?P<path>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")

logger = logging.getLogger(__name__)


def point_to_repository(app: Sphinx, docname: str, source: list[str]) -> None:
    """In Markdown, make a link to a file that is no part of this site one to the repository."""
    if app.env.doc2path(docname).suffix != ".md":
        return

    def replace(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(docname), match["path"]))
        if (app.srcdir / path).exists():
            return match[0]
        return f"]({app.config.repository_url}{path}{match['anchor'] or ''})"

    source[0] = MARKDOWN_LINK.sub(replace, source[0])


def point_to_pages(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Make a link to a file in the repository one to the page that this site has of it."""
    for link in doctree.findall(nodes.reference):
        path, _mark, anchor = link.get("refuri", "").removeprefix(app.config.repository_url).partition("#")
        target = path.removesuffix(".md")
        if not path.endswith(".md") or target not in app.env.found_docs:
            continue
        try:
            uri = app.builder.get_relative_uri(docname, target)
        except NoUri:
            continue
        slugs = app.env.metadata[target].get("myst_slugs", {})
        if anchor and anchor not in slugs:
            logger.warning("%s has no heading #%s", path, anchor, location=link)
        link["refuri"] = f"{uri}#{slugs[anchor][1]}" if anchor in slugs else uri
        link["classes"] = ["internal" if name == "external" else name for name in link["classes"]]


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_config_value("repository_url", None, "env", types=[str])
    app.connect("source-read", point_to_repository)
    app.connect("doctree-resolved", point_to_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
