"""`policy.yaml` to a `Policy`."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from serving.routing.decision import Priority
from serving.routing.hours import DAYS, Hours
from serving.routing.policy import (
    MAX_WRONG_PER_INTENT,
    Answer,
    Costs,
    IntentPolicy,
    OptOutPolicy,
    Policy,
    Role,
    SystemTemplates,
)
from serving.routing.yaml_file import YamlFile

_INTENT_KEYS = (
    "answer",
    "template",
    "queue",
    "priority",
    "role",
    "effects",
    "needs_question",
    "negative_escalates",
    "closes_consent",
    "only_alone",
    "max_wrong",
    "wrong_answer_cost",
)
_CHEAPEST, _DEAREST = 0.01, 1_000_000
"""A wrong answer that costs nothing would need no limit."""


def parse_policy(source: YamlFile) -> Policy:
    """Read the policy; RulesError names the field that cannot be meant."""
    source.only(
        "version",
        "limits",
        "costs",
        "automatic_replies_per_hour",
        "negative_sentiment",
        "opt_out",
        "hours",
        "queues",
        "system",
        "values",
        "fallback",
        "intents",
    )
    limits = source.child("limits")
    limits.only("max_wrong_replies", "max_wrong_per_intent", "assurance")
    queues = source.child("queues")
    values = source.child("values")
    return Policy(
        max_wrong_replies=limits.number("max_wrong_replies", 0, 1),
        max_wrong_per_intent=limits.number(
            "max_wrong_per_intent", 0, 1, MAX_WRONG_PER_INTENT
        ),
        assurance=limits.number("assurance", 0, 1),
        costs=_costs(source.child("costs")) if "costs" in source.fields else Costs(),
        automatic_replies_per_hour=int(
            source.number("automatic_replies_per_hour", 1, 1000)
        ),
        negative=source.text("negative_sentiment"),
        opt_out=_opt_out(source.child("opt_out")),
        hours=_hours(source.child("hours")),
        queues={name: queues.text(name) for name in queues.fields},
        system=_system(source.child("system")),
        values={name: values.text(name) for name in values.fields},
        intents={
            intent: _intent(line) for intent, line in source.child("intents").children()
        },
        fallback=_intent(source.child("fallback")),
    )


def _intent(line: YamlFile) -> IntentPolicy:
    line.only(*_INTENT_KEYS)
    role = line.optional_text("role")
    return IntentPolicy(
        answer=line.choice("answer", Answer),
        template=line.optional_text("template"),
        queue=line.text("queue"),
        priority=line.choice("priority", Priority, Priority.NORMAL),
        role=line.choice("role", Role) if role else None,
        effects=line.texts("effects"),
        needs_question=line.flag("needs_question"),
        negative_escalates=line.flag("negative_escalates"),
        closes_consent=line.flag("closes_consent"),
        only_alone=line.flag("only_alone"),
        max_wrong=line.optional_number("max_wrong", 0, 1),
        wrong_answer_cost=line.optional_number(
            "wrong_answer_cost", _CHEAPEST, _DEAREST
        ),
    )


def _costs(source: YamlFile) -> Costs:
    names = Costs.__slots__
    source.only(*names)
    least = {"wrong_answer": _CHEAPEST}
    return Costs(
        **{
            name: source.number(name, least.get(name, 0), _DEAREST)
            for name in names
            if name in source.fields
        }
    )


def _opt_out(source: YamlFile) -> OptOutPolicy:
    source.only("sure_from", "suppress_from", "ask_from")
    suppress = source.number("suppress_from", 0, 1)
    # A policy written before there were three bands is sure wherever it stops.
    told = "sure_from" in source.fields
    return OptOutPolicy(
        sure_from=source.number("sure_from", suppress, 1) if told else suppress,
        suppress_from=suppress,
        ask_from=source.number("ask_from", 0, suppress),
    )


def _system(source: YamlFile) -> SystemTemplates:
    names = SystemTemplates.__slots__
    source.only(*names)
    # Two templates are younger than the policies of some bundles; help tells of STOP.
    older = {"opt_out_presumed": "opt_out", "opt_out_declined": "help"}
    stand_in = {name: source.text(other) for name, other in older.items()}
    return SystemTemplates(
        **{name: source.text(name, stand_in.get(name)) for name in names}
    )


def _hours(source: YamlFile) -> Hours:
    source.only("zone", "week", "closed_on")
    try:
        zone = ZoneInfo(source.text("zone"))
    except (ZoneInfoNotFoundError, OSError, ValueError) as error:
        raise source.error("zone", "expected a zone like America/New_York") from error
    week = source.child("week")
    week.only(*DAYS)
    return Hours(
        zone=zone,
        week={DAYS.index(day): _span(week, day) for day in week.fields},
        closed_on=frozenset(_dates(source)),
    )


def _span(week: YamlFile, day: str) -> tuple[time, time]:
    try:
        opens, closes = map(time.fromisoformat, week.text(day).split("-"))
    except ValueError as error:
        raise week.error(day, "expected hours like 09:00-18:00") from error
    if opens >= closes:
        raise week.error(day, "expected opening before closing")
    return opens, closes


def _dates(source: YamlFile) -> list[date]:
    listed = source.fields.get("closed_on", [])
    # A moment is a date to Python, and would never equal one.
    if not isinstance(listed, list) or not all(
        isinstance(d, date) and not isinstance(d, datetime) for d in listed
    ):
        raise source.error("closed_on", "expected a list of dates like 2026-12-25")
    return listed
