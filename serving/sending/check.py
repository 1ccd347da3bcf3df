"""May we send? Pure: the same question, facts and quiet hours give the same verdict."""

from datetime import UTC, datetime

from serving.sending.caps import CapReached, caps_reached, named_caps
from serving.sending.consent import CONFIRM_WITHIN, cover, grounds, objections
from serving.sending.facts import ComplianceReply, Facts, MessageClass, Question
from serving.sending.moments import Clock, closed_at, closes_at, opens_at
from serving.sending.place import whereabouts
from serving.sending.quiet_hours import QuietHours
from serving.sending.verdict import SendReason, SendReasonCode, Verdict
from serving.sending.window import Window

_SHOWN = 5
"""A toll-free number can be in 90 places; a few that are closed tell enough."""


def may_send(question: Question, facts: Facts, rules: QuietHours) -> Verdict:
    """Return whether the message may go out, from when, until when, and why."""
    standing = tuple(objections(question, facts))
    clocks = _clocks(question, facts, rules)
    caps = _caps(question, facts, clocks)
    passing = (*(cap.reason() for cap in caps), *_quiet(clocks, question.moment))
    if standing:
        return Verdict(
            allowed=False,
            from_when=None,
            until=None,
            reasons=standing + passing,
            covered_by=None,
        )
    if passing:
        return _later(question.moment, clocks, caps, passing)
    event = cover(question, facts)
    return Verdict(
        allowed=True,
        from_when=question.moment.astimezone(UTC),
        until=_until(question, facts, clocks),
        reasons=(grounds(question, event), _hour(clocks)),
        covered_by=event,
    )


def _later(
    moment: datetime,
    clocks: tuple[Clock, ...],
    caps: tuple[CapReached, ...],
    reasons: tuple[SendReason, ...],
) -> Verdict:
    """Return that it may not go out now, and when it may if nothing else happens."""
    free = max([moment.astimezone(UTC), *(cap.until for cap in caps)])
    from_when = opens_at(clocks, free)
    if from_when is None:
        detail = f"{len(clocks)} zones, and no common hour"
        reasons = (*reasons, SendReason(SendReasonCode.NEVER_OPEN, detail))
    return Verdict(
        allowed=False,
        from_when=from_when,
        until=closes_at(clocks, from_when) if from_when else None,
        reasons=reasons,
        covered_by=None,
    )


def _clocks(question: Question, facts: Facts, rules: QuietHours) -> tuple[Clock, ...]:
    """Return the windows that the message must meet; none for one of any hour."""
    if not _has_hours(question):
        return ()
    program = question.program
    where = whereabouts(question.contact, facts.place, program.country)
    return rules.clocks(program.program_id, where)


def _has_hours(question: Question) -> bool:
    if question.message_class is MessageClass.ANSWER:
        # A person who answers by hand at night answers somebody who is awake.
        return not (question.program.answers_in_quiet_hours or question.by_owner)
    return question.message_class is MessageClass.MARKETING


def _caps(
    question: Question, facts: Facts, clocks: tuple[Clock, ...]
) -> tuple[CapReached, ...]:
    if question.message_class is not MessageClass.MARKETING:
        return ()
    program = question.program
    caps = named_caps(program.program_id, program.frequency_cap, clocks)
    return tuple(caps_reached(caps.values(), facts, question.moment))


def _quiet(clocks: tuple[Clock, ...], moment: datetime) -> list[SendReason]:
    closed = list(closed_at(clocks, moment))
    reasons = [_closed(clock, window, moment) for clock, window in closed[:_SHOWN]]
    if len(closed) > _SHOWN:
        detail = f"and {len(closed) - _SHOWN} windows more"
        reasons.append(SendReason(SendReasonCode.QUIET_HOURS, detail))
    return reasons


def _closed(clock: Clock, window: Window, moment: datetime) -> SendReason:
    local = moment.astimezone(clock.zone)
    span = window.week.get(local.weekday())
    if span is None:
        hours = "closed that day"
    elif window.closed_on is not None and window.closed_on.on(local.date()):
        hours = "closed that holiday"
    else:
        hours = "open " + "-".join(f"{m // 60:02}:{m % 60:02}" for m in span)
    detail = f"{window.name}, {clock.zone.key}: {hours}, it is {local:%a %H:%M}"
    return SendReason(SendReasonCode.QUIET_HOURS, detail)


def _until(
    question: Question, facts: Facts, clocks: tuple[Clock, ...]
) -> datetime | None:
    if question.reply is ComplianceReply.STOP_CONFIRMATION and facts.opt_out:
        return (facts.opt_out.received_at + CONFIRM_WITHIN).astimezone(UTC)
    return closes_at(clocks, question.moment) if clocks else None


def _hour(clocks: tuple[Clock, ...]) -> SendReason:
    if not clocks:
        return SendReason(SendReasonCode.ANY_HOUR, "no quiet hours for this kind")
    zones = ", ".join(clock.zone.key for clock in clocks[:_SHOWN])
    more = f" and {len(clocks) - _SHOWN} more" if len(clocks) > _SHOWN else ""
    return SendReason(SendReasonCode.WINDOW_OPEN, f"{zones}{more}")
