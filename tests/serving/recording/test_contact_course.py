import json
from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from serving.programs.program import Program
from serving.recording.arrival import Arrival, Read
from serving.recording.contact_course import situation_of
from serving.recording.logged import logged_inputs
from serving.recording.record import inputs_body, to_json
from serving.routing.decide import decide
from serving.routing.hours import Hours
from serving.routing.ruleset import RuleSet
from serving.routing.situation import Consent, Reply, Situation
from serving.store.contacts import Contact, ContactKey
from tests.serving.parrot import READ, parrot_live
from tests.serving.programs.shipped import shipped_programs

SUNDAY_MORNING = datetime(2026, 11, 22, 18, tzinfo=UTC)
"""10:00 in Los Angeles; the policy's people are away on Sundays."""
MONDAY_MORNING = datetime(2026, 11, 23, 17, tzinfo=UTC)
"""9:00 in Los Angeles; noon in New York, where the policy's people are there."""
WESTERN = Hours(
    ZoneInfo("America/Los_Angeles"),
    {0: (time(10), time(18)), 6: (time(9), time(17))},
    frozenset({date(2026, 11, 29)}),
)


@pytest.fixture(scope="module")
def western() -> Program:
    return replace(shipped_programs().default, hours=WESTERN)


def read_at(moment: datetime, rules: RuleSet, **told: str) -> Read:
    arrival = Arrival(
        "m1", "+15550100", "+12025550142", "hello", moment, variables=told
    )
    return Read(arrival, parrot_live(rules), READ)


def situation(read: Read, program: Program) -> Situation:
    key = ContactKey(read.arrival.number, read.arrival.sender)
    contact = Contact(
        key=key,
        conversation_id="c1",
        consent=Consent.SUBSCRIBED,
        consent_changed_at=None,
        asked_opt_out=False,
        hour_began_at=read.arrival.received_at,
        hour_replies=0,
    )
    return situation_of(read.arrival, contact, [], program)


def words(read: Read, told: Situation) -> str:
    reply = Reply(read.arrival.text, read.arrival.received_at)
    decision = decide(reply, told, read.live.rules, read.prediction)
    assert decision.reply
    return decision.reply.text


def test_whoever_writes_while_the_program_s_people_are_there_is_not_sent_away(
    rules: RuleSet, western: Program
) -> None:
    read = read_at(SUNDAY_MORNING, rules)

    assert "as soon as they can" in words(read, situation(read, western))
    assert "We are away" in words(read, situation(read, shipped_programs().default))


def test_whoever_writes_while_they_are_away_reads_the_program_s_hours(
    rules: RuleSet, western: Program
) -> None:
    read = read_at(MONDAY_MORNING, rules)

    said = words(read, situation(read, western))

    hours = "Mon 10am-6pm, Sun 9am-5pm (Los Angeles), not holidays"
    assert "We are away" in said
    assert said.endswith(f"Fernhill: {hours}")


def test_the_caller_s_hours_stand_before_the_program_s(
    rules: RuleSet, western: Program
) -> None:
    read = read_at(MONDAY_MORNING, rules, team_hours_en="at ten")

    assert words(read, situation(read, western)).endswith("Fernhill: at ten")


@pytest.mark.parametrize("moment", [SUNDAY_MORNING, MONDAY_MORNING])
def test_what_was_logged_says_the_same_when_the_program_s_hours_have_changed(
    rules: RuleSet, western: Program, moment: datetime
) -> None:
    read = read_at(moment, rules)
    told = situation(read, western)

    logged = logged_inputs(json.loads(to_json(inputs_body(read, told))))

    assert logged
    assert words(read, logged.situation) == words(read, told)


@pytest.mark.parametrize(
    ("text", "sender", "confirmed"),
    [
        ("Stop ", "+18885550142", True),
        ("UNSUBSCRIBE", "+18885550142", False),
        ("Stop", "+12025550142", False),
    ],
)
def test_a_toll_free_network_confirms_stop_and_nothing_else(
    western: Program, rules: RuleSet, text: str, sender: str, *, confirmed: bool
) -> None:
    arrival = Arrival("m1", "+15550100", sender, text, MONDAY_MORNING)

    told = situation(Read(arrival, parrot_live(rules), READ), western)

    assert told.provider_confirms is confirmed
