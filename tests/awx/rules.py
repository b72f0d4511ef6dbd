# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, saas.offboarding contributors

"""What AWX asks of credential types, of surveys, of answers to them, and of schedules."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import jinja2.sandbox
import jsonschema

from .fields import is_integer

VARIABLE = r"^[a-zA-Z_]+[a-zA-Z0-9_]*$"
INPUTS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "required": {"type": "array", "items": {"type": "string"}},
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id", "label"],
                "properties": {
                    "type": {"enum": ["string", "boolean"]},
                    "format": {"enum": ["ssh_private_key", "url"]},
                    "choices": {
                        "type": "array",
                        "minItems": 1,
                        "items": {"type": "string"},
                        "uniqueItems": True,
                    },
                    "id": {"type": "string", "pattern": VARIABLE},
                    "label": {"type": "string"},
                    "help_text": {"type": "string"},
                    "multiline": {"type": "boolean"},
                    "secret": {"type": "boolean"},
                    "ask_at_runtime": {"type": "boolean"},
                    "default": {},
                },
            },
        },
    },
}
"""awx/main/fields.py, CredentialTypeInputField"""
INJECTORS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "file": {
            "type": "object",
            "patternProperties": {r"^template(\.[a-zA-Z_]+[a-zA-Z0-9_]*)?$": {"type": "string"}},
            "additionalProperties": False,
        },
        "env": {
            "type": "object",
            "patternProperties": {VARIABLE: {"type": "string", "pattern": "^[\x00-\x7f]*$"}},
            "additionalProperties": False,
        },
        "extra_vars": {
            "type": "object",
            "patternProperties": {VARIABLE: {"type": "string"}},
            "additionalProperties": False,
        },
    },
}
"""awx/main/fields.py, CredentialTypeInjectorField"""
QUESTION_TYPES = {
    **dict.fromkeys(("text", "textarea", "password", "multiplechoice", "multiselect"), str),
    "integer": int,
    "float": float,
}
QUESTION = frozenset(("question_name", "question_description", "required", "type", "variable", "new_question")) | {
    "default",
    "min",
    "max",
    "choices",
}
SANDBOX = jinja2.sandbox.ImmutableSandboxedEnvironment


def _schema_fault(value: Any, schema: Mapping[str, Any]) -> str:
    fault = next(iter(jsonschema.Draft7Validator(schema).iter_errors(value)), None)
    return fault.message if fault else ""


def credential_type_fault(inputs: Any, injectors: Any) -> str:
    """What is wrong with a credential type. Only secrets and texts may have choices, lines and formats."""
    fault = _schema_fault(inputs, INPUTS) or _schema_fault(injectors, INJECTORS)
    if fault:
        return fault
    fields = inputs.get("fields", [])
    ids = [each["id"] for each in fields]
    if "tower" in ids:
        return '"tower" is a reserved field name'
    if len(set(ids)) != len(ids):
        return "field IDs must be unique"
    for each in fields:
        each.setdefault("type", "string")
        odd = {"choices", "multiline", "format", "secret"} & set(each)
        if odd and each["type"] != "string":
            return f"{odd.pop()} not allowed for {each['type']} type ({each['id']})"
    example = dict.fromkeys(ids, "EXAMPLE")
    for kind, templates in injectors.items():
        for name, template in templates.items():
            if kind == "env" and name.startswith("ANSIBLE_"):
                return f"Environment variable {name} may affect Ansible configuration so its use is not allowed"
            try:
                SANDBOX(undefined=jinja2.StrictUndefined).from_string(template).render(**example)
            except jinja2.TemplateError as exc:
                return f"{name} uses an undefined field ({exc})"
    return ""


def credential_fault(inputs: Mapping[str, Any], fields: list[dict[str, Any]]) -> str:
    """What is wrong with a credential. One that lacks an input is taken; a job finds out."""
    known = {each["id"]: each for each in fields}
    for name, value in inputs.items():
        if name not in known:
            return f"Additional properties are not allowed ('{name}' was unexpected)"
        if not isinstance(value, {"string": str, "boolean": bool}[known[name]["type"]]):
            return f"{name} is not of type {known[name]['type']}"
        if known[name].get("choices") and value not in known[name]["choices"]:
            return f"{name} is not one of {known[name]['choices']}"
    return ""


def environment(inputs: Mapping[str, Any], credential_type: Mapping[str, Any]) -> dict[str, str]:
    """What a credential gives to a job (CredentialType.inject_credential): of what was left out, an empty text."""
    given = {name: value for name, value in inputs.items() if value != ""}
    for each in credential_type["inputs"]["fields"]:
        if each["type"] == "boolean":
            given.setdefault(each["id"], False)
    templates = credential_type["injectors"].get("env", {})
    return {name: SANDBOX().from_string(template).render(**given) for name, template in templates.items()}


def survey_fault(spec: Any) -> str:
    """What is wrong with a survey (JobTemplateSurveySpec).

    A variable with a space is refused here, since AWX takes it and jobs break of it.
    """
    for name, kind in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(spec.get(name), kind):
            return f"Field '{name}' is missing from survey spec, or of another type."
    if set(spec) != {"name", "description", "spec"}:
        return f"not documented: {sorted(set(spec) - {'name', 'description', 'spec'})}"
    if not spec["spec"]:
        return "'spec' doesn't contain any items."
    variables = [each.get("variable") for each in spec["spec"]]
    if len(set(variables)) != len(variables):
        return "'variable' duplicated in survey question"
    return next((fault for fault in map(_question_fault, spec["spec"]) if fault), "")


def _question_fault(question: dict[str, Any]) -> str:
    for name, kind in (("type", str), ("question_name", str), ("variable", str), ("required", bool)):
        if not isinstance(question.get(name), kind):
            return f"'{name}' missing from survey question, or not {kind.__name__}"
    where = question["variable"]
    if set(question) - QUESTION:
        return f"{where}: not documented: {sorted(set(question) - QUESTION)}"
    if not re.fullmatch(VARIABLE, where):
        return f"{where!r} cannot be the name of a variable"
    if question["type"] not in QUESTION_TYPES:
        return f"{where}: '{question['type']}' is not an allowed question type"
    default = question.get("default", "")
    if default != "" and not isinstance(default, QUESTION_TYPES[question["type"]]):
        return f"{where}: default value expected to be {question['type']}"
    if any(question.get(name) is not None and not is_integer(question[name]) for name in ("min", "max")):
        return f"{where}: limit expected to be integer"
    if question["type"] in ("multiselect", "multiplechoice"):
        if "choices" not in question:
            return f"{where}: must specify choices"
        if any(each not in question["choices"] for each in str(default).splitlines()):
            return f"{where}: default choice must be answered from the choices listed"
    return ""


def answer_faults(question: Mapping[str, Any], answers: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with an answer (SurveyJobTemplateMixin._survey_element_validation)."""
    name, kind = question["variable"], question["type"]
    if name not in answers:
        if question["required"]:
            yield f"'{name}' value missing"
        return
    value = answers[name]
    if kind in ("text", "textarea", "password") and not isinstance(value, str):
        yield f"Value for '{name}' expected to be a string."
    elif kind == "integer" and not is_integer(value):
        yield f"Value for '{name}' expected to be an integer."
    elif kind == "float" and type(value) not in (int, float):
        yield f"Value for '{name}' expected to be a numeric type."
    elif kind == "multiselect" and not isinstance(value, list):
        yield f"'{name}' value is expected to be a list."
    elif kind in ("multiselect", "multiplechoice") and not _chosen(value) <= set(question["choices"]):
        yield f"Value for '{name}' expected to be one of {question['choices']}."
    elif question["required"] and value == "":
        yield f"'{name}' value missing"


def _chosen(value: Any) -> set[Any]:
    return set(value) if isinstance(value, list) else {value}


def not_accepted(template: Mapping[str, Any], survey: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """Why variables are refused at launch, or kept out of a node or a schedule. `unanswered` says what is not given."""
    questions = {each["variable"]: each for each in survey.get("spec", [])} if template["survey_enabled"] else {}
    faults = [fault for name in given if name in questions for fault in answer_faults(questions[name], given)]
    strangers = [] if template["ask_variables_on_launch"] else sorted(set(given) - set(questions))
    return faults + ([f"Variables {', '.join(strangers)} are not allowed on launch."] if strangers else [])


def unanswered(template: Mapping[str, Any], survey: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """What must be given and is not, whatever its default: at launch, and in a schedule, but not in a node."""
    questions = survey.get("spec", []) if template["survey_enabled"] else []
    return [fault for each in questions if each["variable"] not in given for fault in answer_faults(each, given)]


def as_kept(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A survey as AWX keeps it (JobTemplateSurveySpec._validate_spec_data): defaults of choices without empty lines."""
    questions = [
        {**each, "default": "\n".join(str(each.get("default", "")).splitlines())}
        if each["type"] in ("multiselect", "multiplechoice")
        else each
        for each in spec["spec"]
    ]
    return {**spec, "spec": questions}


def rule_as_kept(rule: str) -> str:
    """A rule as AWX keeps it: an UNTIL without zone becomes one in UTC (Schedule.coerce_naive_until)."""
    return re.sub(r"UNTIL=(\d{8}T\d{6})(?!Z)", r"UNTIL=\1Z", rule)


def with_defaults(template: Mapping[str, Any], survey: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The extra variables of a job: the template's, then defaults that could be an answer, then what was given.

    The default of a multi-select is a text and no answer could be one, so that it is never filled in.
    """
    variables: dict[str, Any] = json.loads(template["extra_vars"] or "{}")
    if template["survey_enabled"]:
        for question in survey.get("spec", []):
            default = question.get("default")
            optional = {**question, "required": False}
            if default is not None and not list(answer_faults(optional, {question["variable"]: default})):
                variables[question["variable"]] = default
    return {**variables, **given}


def rrule_faults(rule: str) -> list[str]:
    """What is wrong with a schedule's rule (SchedulePreviewSerializer.validate_rrule)."""
    faults = []
    starts = re.findall(r"DTSTART(?:;[^:]+)?:[0-9]+T[0-9]+Z?", rule)
    rules = re.findall(r"RULE:[^\s]*", rule)
    if len(starts) != 1:
        faults.append("Valid DTSTART required in rrule, and one alone.")
    if re.search(r"DTSTART:[0-9]+T[0-9]+ ", rule):
        faults.append("DTSTART cannot be a naive datetime.")
    if "rrule:" not in rule.lower():
        faults.append("One or more rule required in rrule.")
    if re.search(r"exdate:|rdate:", rule.lower()):
        faults.append("EXDATE and RDATE not allowed in rrule.")
    for each in rules:
        if "interval" not in each.lower():
            faults.append(f"INTERVAL required in rrule: {each}")
        if "secondly" in each.lower():
            faults.append(f"SECONDLY is not supported: {each}")
        if "COUNT" in each and "UNTIL" in each:
            faults.append(f"RRULE may not contain both COUNT and UNTIL: {each}")
        if re.search(r"BYDAY[:=][0-9]+[a-zA-Z]{2}", each):
            faults.append(f"BYDAY with numeric prefix not supported: {each}")
    return faults
