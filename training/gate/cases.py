"""Behaviour cases: texts that a bundle must decide as stated, whatever its scores.

    version: 1
    cases:
      asks where an order is:
        expect: {intent: order_status}
        texts: [where is my order, hey wheres my stuff its been 2 weeks]

What can be expected: `intent`, `sentiment`, `decided_by`, `action`, `consent`, `queue`
and `priority` of a decision; `none` where there must be none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from model.errors import InputError
from serving.routing.decision import (
    Action,
    ConsentChange,
    DecidedBy,
    Decision,
    Priority,
)
from serving.routing.lined_yaml import LinedYaml

VERSION = 1
NONE = "none"
FIELDS: Mapping[str, tuple[str, ...] | None] = {
    "intent": None,
    "sentiment": None,
    "decided_by": tuple(DecidedBy),
    "action": tuple(Action),
    "consent": (*ConsentChange, NONE),
    "queue": None,
    "priority": (*Priority, NONE),
}
"""What may be expected of a decision, with the values where they are fixed."""


@dataclass(frozen=True, slots=True)
class CaseSet:
    """Texts of which the same is expected.

    Attributes:
        name: what they have in common.
        expect: fields of a decision, each with the value it must have.
        texts: what is said, at least one.
        quoted: whether texts may be repeated: they are made up, not what people wrote.
    """

    name: str
    expect: Mapping[str, str]
    texts: tuple[str, ...]
    quoted: bool = True


def read_cases(paths: Sequence[Path], reviewed: Sequence[Path] = ()) -> list[CaseSet]:
    """Read behaviour files, sets in their order.

    Args:
        paths: files of texts that were made up.
        reviewed: files of texts that people wrote, as `export-labels` makes them.

    Raises:
        InputError: a file is not there.
        RulesError: a line of it cannot be meant, or two sets have one name.
    """
    found: dict[str, CaseSet] = {}
    for path in (*paths, *reviewed):
        try:
            data = path.read_bytes()
        except OSError as error:
            problem = f"expected behaviour cases: {error.strerror}"
            raise InputError(path, problem) from error
        body = LinedYaml.parse(path.name, {path.name: data})
        for case in parse_cases(body):
            if case.name in found:
                raise body.error(f"cases.{case.name}", "names a set of another file")
            found[case.name] = replace(case, quoted=path not in reviewed)
    return list(found.values())


def parse_cases(body: LinedYaml) -> list[CaseSet]:
    """Read the fields of one behaviour file; RulesError where they cannot be meant."""
    body.only("version", "cases")
    if body.fields.get("version") != VERSION:
        raise body.error("version", f"expected {VERSION}")
    return [_case(name, each) for name, each in body.child("cases").children()]


def otherwise(case: CaseSet, decisions: Sequence[Decision]) -> tuple[str, ...]:
    """Return the texts that were decided otherwise, each with what came instead.

    Args:
        case: the set.
        decisions: about its texts, in their order.
    """
    told = []
    pairs = zip(case.texts, decisions, strict=True)
    for number, (text, decision) in enumerate(pairs, start=1):
        wrong = {
            field: getattr(decision, field)
            for field, value in case.expect.items()
            if (getattr(decision, field) or NONE) != value
        }
        if wrong:
            came = ", ".join(f"{what} {value or NONE}" for what, value in wrong.items())
            name = repr(text) if case.quoted else f"text {number}"
            told.append(f"{name} gives {came}")
    return tuple(told)


def _case(name: str, body: LinedYaml) -> CaseSet:
    body.only("expect", "texts")
    expected = body.child("expect")
    expected.only(*FIELDS)
    expect = {field: expected.text(field) for field in expected.fields}
    for field, value in expect.items():
        known = FIELDS[field]
        if known and value not in known:
            problem = f"expected one of {', '.join(known)}, got {value!r}"
            raise expected.error(field, problem)
    if not expect:
        raise body.error("expect", "expects nothing of a decision")
    texts = body.texts("texts")
    if not texts:
        raise body.error("texts", "expected at least one text")
    return CaseSet(name, expect, texts)
