# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""The check of language finds what the glossary avoids, in texts and in names, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.tree import checkout_files
from tools import language
from tools.language import EXEMPTIONS, NAME_WORDS, WORDS, Exemption, in_file, in_name, in_text, is_checked


def words(path: str, source: str) -> list[tuple[int, str]]:
    return [(place.line, place.word) for place in in_file(path, source)]


@pytest.mark.parametrize("word", WORDS)
def test_an_avoided_word_is_found_in_prose(word: str) -> None:
    assert [found for _line, found, _text in in_text(f"It is {word.upper()}, it seems.")] == [word]


@pytest.mark.parametrize("word", NAME_WORDS)
def test_an_ordinary_word_is_found_in_names_only(word: str) -> None:
    name = word.replace(" ", "_")

    assert list(in_text(f"It is {word}, it seems.")) == []
    assert list(in_name(name)) == [word]
    assert list(in_name(f"_each_{name}_at")) == [word]
    assert list(in_name(f"Each{''.join(part.title() for part in word.split())}At")) == [word]
    assert list(in_name(f"test_each_{name}")) == [], "the name of a test is a sentence"


@pytest.mark.parametrize(
    "source",
    [
        "# nobody\n",
        "x = 'nobody'\n",
        "x = f'{x} nobody'\n",
        "nobody = 1\n",
        "x.nobody = 1\n",
        "import x as nobody\n",
        "def nobody(): ...\n",
        "async def nobody(): ...\n",
        "def f(nobody): ...\n",
        "class Nobody: ...\n",
        "def test_nobody_is_left(): ...\n",
    ],
)
def test_python_is_read_as_code(source: str) -> None:
    assert words("plugins/x.py", source) == [(1, "nobody")]


@pytest.mark.parametrize("source", ["f(nobody)\n", "x = y.nobody\n", "from nobody import x\n"])
def test_a_use_of_a_name_is_found_where_it_is_defined(source: str) -> None:
    assert words("plugins/x.py", source) == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("plugins/x.py", "\n# One of its\n# own, and\nx = 1\n"),
        ("plugins/x.py", '\nx = """One of its\nown."""\n'),
        ("plugins/x.py", '\nx = ("One of its " "own")\n'),
        ("docs/x.md", "\nOne of its\nown.\n"),
        ("docs/x.yml", "\nx:  # of its\n  # own\n"),
        ("docs/x.rst", "\n*One* of its   own\n"),
        ("Makefile", "\nhelp: ## One of its own\n"),
    ],
)
def test_a_phrase_is_found_across_lines(path: str, source: str) -> None:
    assert words(path, source) == [(2, "of its own")]


def test_a_template_is_read_for_its_names() -> None:
    template = "<p>It took long.</p>\n{% set took = 1 %}\n<p>{{ took }} nobody</p>"

    assert words("plugins/x.html", template) == [(3, "nobody"), (2, "took"), (3, "took")]


def test_a_key_of_a_yaml_file_is_a_name() -> None:
    assert words("roles/x.yml", "- _took: 1\n  other: what it took\n") == [(1, "took")]


@pytest.mark.parametrize(
    "text", ["nobody@example.com", "hotel", "storyteller", "intelligent", "wishbone", "of its owner"]
)
def test_data_and_other_words_are_left_alone(text: str) -> None:
    assert list(in_text(text)) == []


def test_the_path_of_a_file_is_a_name() -> None:
    assert words("docs/what-can-go-wrong.md", "") == [(1, "what can go wrong")]


def test_each_exemption_has_a_reason_and_there_are_few() -> None:
    assert len(EXEMPTIONS) <= 20
    assert all(each.reason for each in EXEMPTIONS)
    assert all(each.word in ("*", *WORDS, *NAME_WORDS) for each in EXEMPTIONS)


@pytest.mark.parametrize(
    "path",
    [
        *("README.md", "Makefile", ".github/workflows/ci.yml", "docs/texts/_role.yml", "docs/docsite/rst/audit.rst"),
        *("plugins/plugin_utils/report.html", "roles/offboard/files/evidence.schema.json", "tests/unit/test_ci.py"),
    ],
)
def test_what_people_read_is_checked(path: str) -> None:
    assert path in checkout_files()
    assert is_checked(path)


# -- the whole check


def checked(monkeypatch: pytest.MonkeyPatch, root: Path, text: str, allowed: int = 0) -> int:
    """Check a repository that has one text. Return the exit status."""
    (root / "docs").mkdir()
    (root / "docs" / "x.md").write_text(text, encoding="utf-8")
    monkeypatch.setattr(language, "REPOSITORY", root)
    monkeypatch.setattr(language, "checkout_files", lambda: ["docs/x.md"])
    monkeypatch.setattr(language, "BASELINE", {"docs/x.md": allowed})
    return language.main([])


@pytest.mark.parametrize(("text", "allowed", "status"), [("users", 0, 0), ("nobody", 0, 1), ("nobody", 1, 0)])
def test_more_than_the_baseline_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, allowed: int, status: int
) -> None:
    monkeypatch.setattr(language, "EXEMPTIONS", ())

    assert checked(monkeypatch, tmp_path, text, allowed) == status


@pytest.mark.parametrize(("files", "word"), [("docs/*", "nobody"), ("docs/x.md", "*")])
def test_an_exempted_word_passes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, files: str, word: str) -> None:
    monkeypatch.setattr(language, "EXEMPTIONS", (Exemption(files, word, "a reason"),))

    assert checked(monkeypatch, tmp_path, "nobody") == 0


def test_an_exemption_that_exempts_nothing_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(language, "EXEMPTIONS", (Exemption("docs/*", "elder", "a reason"),))

    assert checked(monkeypatch, tmp_path, "users") == 1
    assert "elder" in capsys.readouterr().out


@given(st.text())
def test_a_word_is_found_after_any_text(text: str) -> None:
    assert words("plugins/x.py", f"x = {text + ' nobody'!r}\n")[-1][1] == "nobody"
