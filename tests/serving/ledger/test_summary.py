from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from serving.ledger.event import ConsentEvent, Kind, Scope, SentBy, Source
from serving.ledger.summary import Calendar, ProgramSummary, summarise
from tests.serving.ledger.making import NOON, event, numbered

STOP = event(text="STOP", event_id="stop", matched="stop", deadline=date(2026, 12, 8))


def summary(*events: ConsentEvent, calendar: Calendar | None = None) -> ProgramSummary:
    named = [
        given if given.event_id else replace(given, event_id=f"e{place}")
        for place, given in enumerate(events)
    ]
    return summarise(numbered(*named), "acme", "alerts", calendar or Calendar())


def after_stop(kind: Kind, delay: timedelta, **fields: object) -> ConsentEvent:
    minutes = delay / timedelta(minutes=1)
    return replace(event(kind, minutes, about="stop"), **fields)  # type: ignore[arg-type] # as the fields are


def test_an_opt_out_is_told_from_first_to_last() -> None:
    told = summary(
        STOP,
        after_stop(Kind.HONORED, timedelta(seconds=2)),
        after_stop(
            Kind.CONFIRMATION_SENT, timedelta(seconds=9), sent_by=SentBy.PROVIDER
        ),
    )

    assert "\n".join(told.sentences) == (
        "The number is suppressed for all messages of this program since "
        "23 November 2026, 12:00:00 UTC.\n"
        "It was revoked by sms, recorded from sms keyword, with the words: “STOP” "
        "(matched: stop).\n"
        "It reached us on 23 November 2026, 12:00:01 UTC and was in this ledger on "
        "23 November 2026, 12:00:01 UTC.\n"
        "It had to be honoured by 8 December 2026 and was on "
        "23 November 2026, 12:00:02 UTC: in time.\n"
        "A confirmation was sent by the provider on 23 November 2026, 12:00:09 UTC, "
        "within 5 minutes of receipt."
    )


def test_what_came_late_is_called_late() -> None:
    told = summary(
        STOP,
        after_stop(Kind.HONORED, timedelta(days=16)),
        after_stop(Kind.CONFIRMATION_SENT, timedelta(minutes=6), sent_by=SentBy.US),
    )

    assert told.revocation
    assert told.revocation.honored_in_time is False
    assert told.revocation.confirmed_in_time is False
    assert told.sentences[3].endswith("late.")
    assert "sent by us" in told.sentences[4]
    assert told.sentences[4].endswith("later than 5 minutes after receipt.")


def test_what_is_not_on_record_is_said_to_be_missing() -> None:
    told = summary(event(event_id="stop", source=Source.AGENT))

    assert told.sentences[1:2] == (
        "It was revoked by sms, recorded from agent; no words are on record.",
    )
    assert "no event says when it was" in told.sentences[3]
    assert told.sentences[4] == "No event says that a confirmation was sent."


@pytest.mark.parametrize(
    ("calendar", "due"),
    [
        (Calendar(), date(2026, 12, 8)),
        (Calendar(ZoneInfo("Australia/Sydney"), 5, "AU"), date(2026, 11, 30)),
    ],
)
def test_a_deadline_that_was_not_recorded_is_counted(
    calendar: Calendar, due: date
) -> None:
    told = summary(event(), calendar=calendar)

    assert told.revocation
    assert told.revocation.deadline == due


def test_scopes_that_differ_are_told_apart() -> None:
    told = summary(event(Kind.OPT_IN, -1), event(scope=Scope.MARKETING))

    assert told.sentences[0] == (
        "The number is suppressed for marketing messages of this program since "
        "23 November 2026, 12:00:00 UTC. The number is opted in to transactional "
        "messages of this program since 23 November 2026, 11:59:00 UTC."
    )


def test_who_said_nothing_has_no_consent_on_record() -> None:
    told = summary(event(Kind.NOTE))

    assert told.revocation is None
    assert told.sentences == (
        "No consent to all messages of this program is on record, and no opt-out.",
    )


def test_an_erased_number_is_told_without_words() -> None:
    told = summary(
        event(Kind.ERASED, 60, number=None, number_digest="d", suppressed_since=NOON)
    )

    assert told.sentences[1].endswith("goes back to 23 November 2026, 12:00:00 UTC.")
    assert len(told.sentences) == 3


def test_hidden_characters_of_the_words_are_shown() -> None:
    assert "“S⟨U+200B⟩TOP”" in summary(event(text="S\u200bTOP")).sentences[1]
