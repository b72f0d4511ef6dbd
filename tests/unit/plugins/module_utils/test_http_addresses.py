# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""Where a request may go: which addresses are taken, and that a key cannot leave its segment of a path."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.saas.offboarding.plugins.module_utils._url import UrlError, check_url, is_loopback, segment


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("https://host.example.com", "https://host.example.com"),
        ("https://host.example.com/", "https://host.example.com"),
        ("https://host.example.com/prefix//", "https://host.example.com/prefix"),
        ("https://host.example.com:8443/a/b", "https://host.example.com:8443/a/b"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://LOCALHOST", "http://LOCALHOST"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1"),
        ("http://127.200.3.4", "http://127.200.3.4"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
    ],
)
def test_an_address_is_taken_without_its_closing_slashes(url: str, taken: str) -> None:
    assert check_url("api_url", url) == taken


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "https://host"),
        ("host.example.com", "https://host"),
        ("//host.example.com", "https://host"),
        ("https:/host.example.com", "https://host"),
        ("https://", "https://host"),
        ("https:///path", "https://host"),
        ("ftp://host.example.com", "https://host"),
        ("file:///etc/passwd", "https://host"),
        ("https://host:port", "https://host"),
        ("https://host:0", "https://host"),
        ("https://host:99999", "https://host"),
        ("https://ho st.example.com", "https://host"),
        ("https://host.example.com/a b", "https://host"),
        ("https://host.example.com\r\nX: 1", "https://host"),
        ("https://host.example.com\\@evil.example", "https://host"),
        ("https://user@host.example.com", "user name or a password"),
        ("https://user:hunter2@host.example.com", "user name or a password"),
        ("https://:@host.example.com", "user name or a password"),
        ("https://host.example.com?x=1", "query"),
        ("https://host.example.com/?", "query"),
        ("https://host.example.com/#x", "fragment"),
        ("https://host.example.com#", "fragment"),
        ("http://host.example.com", "https://"),
        ("http://localhost.evil.example", "https://"),
        ("http://127.0.0.1.evil.example", "https://"),
        ("http://evil.example/127.0.0.1", "https://"),
        ("http://0.0.0.0", "https://"),
        ("http://10.0.0.1", "https://"),
        ("http://[::2]", "https://"),
        ("http://2130706433", "https://"),
    ],
)
def test_an_address_that_no_credential_may_go_to_is_refused(url: str, why: str) -> None:
    with pytest.raises(UrlError) as caught:
        check_url("some_option", url)
    assert "some_option" in str(caught.value)
    assert why in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("localhost", True), ("127.0.0.1", True), ("::1", True), ("localhost.", False), ("10.0.0.1", False), ("", False)],
)
def test_loopback_is_this_machine_and_nothing_else(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


BASE = "https://host.example.com/prefix/users"


def line(value: str) -> str:
    """Return what a real prepared request would put on its first line for a value as the last segment but one."""
    return requests.Request("GET", f"{BASE}/{segment(value)}/deactivate").prepare().path_url


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("69629023906488334", "69629023906488334"),
        ("jane@example.com", "jane%40example.com"),
        ("../../admin", "..%2F..%2Fadmin"),
        ("a/../b", "a%2F..%2Fb"),
        ("%2e%2e", "%252e%252e"),
        ("%2F..%2F", "%252F..%252F"),
        ("a?b=c", "a%3Fb%3Dc"),
        ("a#b", "a%23b"),
        ("a;b", "a%3Bb"),
        ("a\\b", "a%5Cb"),
        ("a\r\nX-Evil: 1", "a%0D%0AX-Evil%3A%201"),
        ("\u00e9", "%C3%A9"),
        ("\uff0e\uff0e", "%EF%BC%8E%EF%BC%8E"),
        ("a b+c", "a%20b%2Bc"),
        ("...", "..."),
    ],
)
def test_a_key_stays_in_its_segment(value: str, sent: str) -> None:
    assert line(value) == f"/prefix/users/{sent}/deactivate"


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_what_a_client_would_resolve_before_it_sends_is_no_segment(value: str) -> None:
    with pytest.raises(UrlError):
        segment(value)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text not in (".", "..")))
def test_any_text_stays_in_its_segment_and_arrives_whole(value: str) -> None:
    path = urlsplit(f"https://host.example.com{line(value)}").path
    parts = path.split("/")
    assert len(parts) == 5
    assert unquote(parts[3]) == value
