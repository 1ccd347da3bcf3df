"""Short ways to ask whether a message may go out."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from serving.programs.program import ConsentScope, Program
from serving.routing.lined_yaml import LinedYaml
from serving.sending.facts import (
    ComplianceReply,
    ConsentState,
    Facts,
    MessageClass,
    OptOut,
    Question,
    ScopeConsent,
)
from serving.sending.parse_quiet_hours import parse_quiet_hours
from serving.sending.quiet_hours import QuietHours
from serving.sending.verdict import SendReasonCode, Verdict
from tests.serving.programs.shipped import DATA, shipped_programs

PROGRAM = replace(shipped_programs().default, frequency_cap=None)
LONG_CODE, TOLL_FREE = "+12025550142", "+18005550142"
NEW_YORK, BOISE, MIAMI, PARIS = (
    "+12125551234",
    "+12085551234",
    "+13055551234",
    "+33612345678",
)
LONG_AGO = datetime(2026, 1, 5, tzinfo=UTC)
NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)
"""A Tuesday: noon in New York."""
NIGHT = datetime(2026, 11, 24, 7, tzinfo=UTC)
NAME = "quiet_hours.yaml"


def quiet_hours(text: str | None = None) -> QuietHours:
    text = text or (Path(DATA) / NAME).read_text(encoding="utf-8")
    source = LinedYaml.parse(NAME, {NAME: text.encode()})
    return parse_quiet_hours(source, ["fernhill", "fernhill_visits"])


SHIPPED = quiet_hours()


def consent(state: ConsentState, since: datetime = LONG_AGO) -> ScopeConsent:
    return ScopeConsent(state, f"{state}-event", since)


OPTED_IN = Facts(consent=dict.fromkeys(ConsentScope, consent(ConsentState.OPTED_IN)))


def opted_out(moment: datetime = LONG_AGO, *, confirmed: bool = False) -> Facts:
    """Return the facts after a STOP at `moment`."""
    out = consent(ConsentState.OPTED_OUT, moment)
    return Facts(
        consent=dict.fromkeys(ConsentScope, out),
        opt_out=OptOut(out.event_id, moment, confirmed=confirmed),
    )


def question(
    message_class: MessageClass = MessageClass.MARKETING,
    moment: datetime = NOON,
    *,
    contact: str = NEW_YORK,
    sender: str = LONG_CODE,
    program: Program = PROGRAM,
    reply: ComplianceReply | None = None,
    by_owner: bool = False,
) -> Question:
    return Question(
        contact=contact,
        program=program,
        sender=sender,
        message_class=message_class,
        moment=moment,
        reply=reply,
        by_owner=by_owner,
    )


def compliance(
    reply: ComplianceReply, moment: datetime = NOON, sender: str = LONG_CODE
) -> Question:
    return question(MessageClass.COMPLIANCE, moment, sender=sender, reply=reply)


def codes(verdict: Verdict) -> set[SendReasonCode]:
    return {reason.code for reason in verdict.reasons}
