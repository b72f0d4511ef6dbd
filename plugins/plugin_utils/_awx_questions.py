# Copyright: (c) 2026, saas.offboarding contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The questions that awx_setup adds to the surveys of AWX, checked before anything is sent.

PRIVATE to the collection. AWX refuses a survey with a fault only when its template has been made, and accepts a
variable with a space, which no job can use.
"""

from __future__ import annotations

import re
import typing as t
from contextlib import suppress
from math import isfinite

from ansible.module_utils.parsing.convert_bool import boolean

from ._entries import Fault, is_list, read_each, with_fields

Question = dict[str, t.Any]
MANY = ("multiplechoice", "multiselect")
KINDS: dict[str, type] = {**dict.fromkeys(("text", "textarea", *MANY), str), "integer": int, "float": float}
"""What AWX wants a default to be (JobTemplateSurveySpec of AWX 24.6.1), but for a password, which would be shown."""
FIELDS = ("question_name", "question_description", "variable", "type", "required", "default", "choices", "min", "max")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check_questions(questions: t.Any) -> list[Question]:
    """Return the questions in AWX's form. Raises ValueError, which names each question and field, and no default."""
    if not is_list(questions):
        raise ValueError("awx_survey_questions: is not a list of questions. Nothing was sent")
    found, faults = read_each(questions, _question, "variable")
    if faults:
        raise ValueError(f"awx_survey_questions: {'; '.join(faults)}. Nothing was sent")
    return found


def _question(entry: t.Any) -> Question:
    given = with_fields(entry, FIELDS, "question_name, variable and type")
    name, variable, kind = given.get("question_name"), given.get("variable"), given.get("type")
    if not isinstance(name, str) or not name:
        raise Fault("question_name: is missing, or not a text")
    if not isinstance(variable, str) or not VARIABLE.fullmatch(variable):
        raise Fault(
            "variable: cannot be the name of a variable. Write letters, digits and underscores, and begin with a letter"
        )
    if kind not in KINDS:
        raise Fault(f"type: must be one of {', '.join(KINDS)}")
    question: Question = {
        "question_name": name,
        "question_description": str(given.get("question_description") or ""),
        "variable": variable,
        "type": kind,
        "required": _required(given.get("required")),
        "default": _default(given.get("default"), kind),
    }
    for limit in ("min", "max"):
        if given.get(limit) not in (None, ""):
            question[limit] = _converted(given[limit], int, limit)
    if kind in MANY:
        question["choices"] = _choices(given.get("choices"), question["default"], kind)
    elif given.get("choices"):
        raise Fault(f"choices: go with {' and '.join(MANY)} only")
    return question


def _required(value: t.Any) -> bool:
    try:
        return bool(boolean(False if value is None else value))
    except TypeError:
        raise Fault("required: is neither true nor false") from None


def _default(value: t.Any, kind: str) -> t.Any:
    if value in (None, "", []):
        return ""
    if kind == "multiselect" and is_list(value):
        value = "\n".join(map(str, value))
    value = _converted(value, KINDS[kind], "default")
    # AWX keeps the choices without an empty line at the end.
    return "\n".join(value.splitlines()) if kind in MANY else value


def _converted(value: t.Any, kind: type, field: str) -> t.Any:
    """Return a number that is written as a text, or a whole one for a float, as that number."""
    words = {str: "a text", int: "a whole number", float: "a number"}
    fits = isinstance(value, (str, kind)) or (kind is float and isinstance(value, int))
    if fits and not isinstance(value, bool):
        with suppress(ValueError, OverflowError):
            converted = kind(value)
            if kind is str or isfinite(converted):
                return converted
    raise Fault(f"{field}: is not {words[kind]}")


def _choices(value: t.Any, default: str, kind: str) -> list[str]:
    if not is_list(value) or not value:
        raise Fault("choices: give a list of what can be chosen")
    if not all(isinstance(each, str) and each for each in value):
        raise Fault("choices: holds what is not a text; put it in quotes")
    chosen = default.splitlines()
    if not set(chosen) <= set(value) or (kind == "multiplechoice" and len(chosen) > 1):
        raise Fault("default: is not among the choices")
    return list(value)
