from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from serving.programs.program import ConsentScope, FrequencyCap, StopConfirmer
from serving.sending.check import may_send
from serving.sending.facts import (
    ComplianceReply,
    ConsentState,
    Facts,
    MessageClass,
    OptOut,
    Sent,
)
from serving.sending.place import KnownPlace
from serving.sending.verdict import SEND_REASONS, SendReasonCode
from tests.serving.sending.asked import (
    LONG_AGO,
    MIAMI,
    NEW_YORK,
    NIGHT,
    NOON,
    OPTED_IN,
    PARIS,
    PROGRAM,
    SHIPPED,
    TOLL_FREE,
    codes,
    compliance,
    consent,
    opted_out,
    question,
)

STOP, HELP, START = ComplianceReply
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
Code = SendReasonCode


def test_marketing_goes_out_by_day_to_whoever_agreed() -> None:
    verdict = may_send(question(), OPTED_IN, SHIPPED)

    assert verdict.allowed
    assert verdict.covered_by == "opted_in-event"
    assert verdict.from_when == NOON
    assert verdict.until == datetime(2026, 11, 25, 1, tzinfo=UTC)
    assert codes(verdict) == {Code.CONSENT_COVERS, Code.WINDOW_OPEN}


def test_marketing_waits_for_the_morning_and_says_where_it_is_night() -> None:
    verdict = may_send(question(moment=NIGHT), OPTED_IN, SHIPPED)

    assert not verdict.allowed
    assert verdict.from_when == datetime(2026, 11, 24, 14, tzinfo=UTC)
    assert verdict.until == datetime(2026, 11, 25, 1, tzinfo=UTC)
    assert [reason.detail for reason in verdict.reasons] == [
        "federal, America/New_York: open 08:00-21:00, it is Tue 02:00",
        "default, America/New_York: open 09:00-20:00, it is Tue 02:00",
    ]


@pytest.mark.parametrize(
    ("contact", "moment", "opens"),
    [
        # Saturday evening: Sunday opens at noon.
        (NEW_YORK, "2026-11-29T02:00+00:00", "2026-11-29T17:00+00:00"),
        # Florida's row has Sundays like other days, from eight.
        (MIAMI, "2026-11-29T02:00+00:00", "2026-11-29T13:00+00:00"),
        # The night before the clocks go forward: Sunday noon is an hour earlier.
        (NEW_YORK, "2027-03-14T03:00+00:00", "2027-03-14T16:00+00:00"),
        # The last of April is a Friday; the first of May a holiday, then a Sunday.
        (PARIS, "2027-04-30T19:00+00:00", "2027-05-03T06:00+00:00"),
        # Easter Monday.
        (PARIS, "2027-03-29T10:00+00:00", "2027-03-30T06:00+00:00"),
    ],
)
def test_the_next_window_is_found(contact: str, moment: str, opens: str) -> None:
    asked = question(moment=datetime.fromisoformat(moment), contact=contact)

    verdict = may_send(asked, OPTED_IN, SHIPPED)

    assert verdict.from_when == datetime.fromisoformat(opens)


def test_a_number_that_can_be_anywhere_waits_until_all_are_awake() -> None:
    verdict = may_send(question(contact="+18885551234"), OPTED_IN, SHIPPED)

    assert not verdict.allowed
    # Ten in Adak and Honolulu, and before Rhode Island closes.
    assert verdict.from_when == datetime(2026, 11, 24, 19, tzinfo=UTC)
    assert verdict.until == datetime(2026, 11, 24, 23, tzinfo=UTC)
    assert "windows more" in verdict.reasons[-1].detail


def test_the_profile_opens_what_the_number_kept_closed() -> None:
    # Nine in Chicago is ten in New York, and eight in Denver.
    moment = datetime(2026, 11, 24, 15, tzinfo=UTC)
    asked = question(contact="+12085551234", moment=moment)
    known = replace(OPTED_IN, place=KnownPlace(state="IL", zone="America/Chicago"))

    assert not may_send(asked, OPTED_IN, SHIPPED).allowed
    assert may_send(asked, known, SHIPPED).allowed


@pytest.mark.parametrize("scope", ConsentScope)
def test_an_opt_out_closes_every_scope_where_one_revokes_all(
    scope: ConsentScope,
) -> None:
    out = consent(ConsentState.OPTED_OUT, LONG_AGO + HOUR)
    facts = replace(OPTED_IN, consent={**OPTED_IN.consent, scope: out})

    for message_class in (MessageClass.MARKETING, MessageClass.TRANSACTIONAL):
        verdict = may_send(question(message_class), facts, SHIPPED)

        assert codes(verdict) == {Code.CONSENT_CLOSED}
        assert verdict.from_when is None
        assert "opted_out-event" in verdict.reasons[0].detail


def test_an_opt_out_of_marketing_leaves_the_rest_where_scopes_are_apart() -> None:
    program = replace(PROGRAM, revoke_all=False)
    out = consent(ConsentState.OPTED_OUT, LONG_AGO + HOUR)
    facts = replace(OPTED_IN, consent={**OPTED_IN.consent, ConsentScope.MARKETING: out})

    visits = question(MessageClass.TRANSACTIONAL, program=program)
    assert may_send(visits, facts, SHIPPED).allowed
    assert not may_send(question(program=program), facts, SHIPPED).allowed


@pytest.mark.parametrize(
    ("after", "allowed"), [(-HOUR, False), (0 * HOUR, False), (HOUR, True)]
)
def test_only_a_later_opt_in_of_the_scope_lifts_an_opt_out(
    after: timedelta, *, allowed: bool
) -> None:
    facts = Facts(
        consent={
            ConsentScope.TRANSACTIONAL: consent(ConsentState.OPTED_OUT, LONG_AGO),
            ConsentScope.MARKETING: consent(ConsentState.OPTED_IN, LONG_AGO + after),
        }
    )

    assert may_send(question(), facts, SHIPPED).allowed is allowed


def test_marketing_needs_consent_on_record_and_other_messages_do_not() -> None:
    nothing = Facts()

    assert codes(may_send(question(), nothing, SHIPPED)) == {Code.NO_CONSENT}
    assert may_send(question(MessageClass.TRANSACTIONAL), nothing, SHIPPED).allowed
    assert may_send(question(MessageClass.ANSWER), nothing, SHIPPED).allowed


def test_a_program_sends_nothing_of_a_scope_it_does_not_ask_for() -> None:
    program = replace(PROGRAM, scopes=frozenset({ConsentScope.TRANSACTIONAL}))

    verdict = may_send(question(program=program), OPTED_IN, SHIPPED)

    assert codes(verdict) == {Code.SCOPE_NOT_OFFERED}


@pytest.mark.parametrize("night_answers", [True, False])
def test_an_answer_goes_out_at_night_where_the_program_says_so(
    *, night_answers: bool
) -> None:
    program = replace(PROGRAM, answers_in_quiet_hours=night_answers)
    asked = question(MessageClass.ANSWER, NIGHT, program=program)

    verdict = may_send(asked, OPTED_IN, SHIPPED)

    assert verdict.allowed is night_answers
    assert may_send(replace(asked, by_owner=True), OPTED_IN, SHIPPED).allowed


def test_a_transactional_message_goes_out_at_any_hour() -> None:
    asked = question(MessageClass.TRANSACTIONAL, NIGHT)

    assert codes(may_send(asked, OPTED_IN, SHIPPED)) == {
        Code.CONSENT_COVERS,
        Code.ANY_HOUR,
    }


def test_nothing_automatic_comes_between_a_person_and_their_conversation() -> None:
    facts = replace(OPTED_IN, person_owns=True)
    answer = question(MessageClass.ANSWER)

    assert codes(may_send(answer, facts, SHIPPED)) == {Code.PERSON_OWNS}
    assert codes(may_send(question(), facts, SHIPPED)) == {Code.PERSON_OWNS}
    assert may_send(replace(answer, by_owner=True), facts, SHIPPED).allowed
    assert may_send(question(MessageClass.TRANSACTIONAL), facts, SHIPPED).allowed
    assert may_send(compliance(HELP), facts, SHIPPED).allowed


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (replace(OPTED_IN, wrong_number="event-7"), Code.WRONG_NUMBER),
        (replace(OPTED_IN, provider_suppressed="event-7"), Code.PROVIDER_SUPPRESSED),
    ],
)
def test_a_number_that_is_not_ours_to_text_gets_nothing_of_ours(
    facts: Facts, code: SendReasonCode
) -> None:
    for message_class in MessageClass:
        if message_class is not MessageClass.COMPLIANCE:
            verdict = may_send(question(message_class), facts, SHIPPED)

            assert codes(verdict) == {code}
    assert codes(may_send(compliance(START), facts, SHIPPED)) == {code}


# ---- The replies that the law asks for ----


@pytest.mark.parametrize("moment", [NOON, NIGHT])
def test_the_confirmation_passes_the_suppression_that_it_confirms(
    moment: datetime,
) -> None:
    facts = replace(opted_out(moment), provider_suppressed="event-7")

    verdict = may_send(compliance(STOP, moment + MINUTE), facts, SHIPPED)

    assert verdict.allowed
    assert verdict.covered_by == "opted_out-event"
    assert verdict.until == moment + 5 * MINUTE
    assert codes(verdict) == {Code.CONFIRMS_OPT_OUT, Code.ANY_HOUR}


@pytest.mark.parametrize(
    ("after", "allowed"),
    [(-MINUTE, True), (5 * MINUTE - SECOND, True), (5 * MINUTE, False), (HOUR, False)],
)
def test_the_confirmation_passes_for_five_minutes(
    after: timedelta, *, allowed: bool
) -> None:
    verdict = may_send(compliance(STOP, NOON + after), opted_out(NOON), SHIPPED)

    assert verdict.allowed is allowed
    assert allowed or codes(verdict) == {Code.CONFIRMATION_LATE}


def test_the_confirmation_passes_once() -> None:
    facts = opted_out(NOON, confirmed=True)

    verdict = may_send(compliance(STOP), facts, SHIPPED)

    assert codes(verdict) == {Code.ALREADY_CONFIRMED}


def test_there_is_no_confirmation_where_the_provider_sends_it() -> None:
    theirs = replace(PROGRAM, stop_confirmer=StopConfirmer.PROVIDER)
    asked = compliance(STOP)

    for one in (
        replace(asked, program=theirs),
        replace(asked, sender=TOLL_FREE),
    ):
        verdict = may_send(one, opted_out(NOON), SHIPPED)

        assert codes(verdict) == {Code.PROVIDER_CONFIRMS}


def test_there_is_nothing_to_confirm_for_whoever_is_not_opted_out() -> None:
    back = replace(OPTED_IN, opt_out=OptOut("event-1", NOON, confirmed=False))

    for facts in (Facts(), OPTED_IN, back):
        verdict = may_send(compliance(STOP), facts, SHIPPED)

        assert codes(verdict) == {Code.NOTHING_TO_CONFIRM}


def test_help_is_answered_at_any_hour_and_to_whoever_opted_out() -> None:
    for facts in (Facts(), OPTED_IN, opted_out(), Facts(wrong_number="event-7")):
        assert may_send(compliance(HELP, NIGHT), facts, SHIPPED).allowed


def test_help_from_a_toll_free_number_is_for_whoever_is_not_opted_out() -> None:
    asked = compliance(HELP, sender=TOLL_FREE)

    assert may_send(asked, OPTED_IN, SHIPPED).allowed
    assert codes(may_send(asked, opted_out(), SHIPPED)) == {Code.TOLL_FREE_SILENT}


def test_start_is_confirmed_to_whoever_is_back() -> None:
    asked = compliance(START, NIGHT)

    verdict = may_send(asked, OPTED_IN, SHIPPED)

    assert verdict.allowed
    assert verdict.covered_by == "opted_in-event"
    assert codes(may_send(asked, opted_out(), SHIPPED)) == {Code.NO_CONSENT}


# ---- How often ----


def sent(*ago: timedelta) -> tuple[Sent, ...]:
    return tuple(Sent(NOON - a, MessageClass.MARKETING) for a in ago)


def test_a_state_caps_what_arrives_in_a_day() -> None:
    facts = replace(OPTED_IN, sent=sent(HOUR, 5 * HOUR, 23 * HOUR))
    asked = question(contact=MIAMI)

    verdict = may_send(asked, facts, SHIPPED)

    assert verdict.from_when == NOON + HOUR
    (reason,) = verdict.reasons
    assert reason.code is Code.FREQUENCY_CAP
    assert reason.detail == "FL: 3 of 3 in 24 hours"
    assert may_send(question(), facts, SHIPPED).allowed


def test_the_cap_ends_when_the_window_is_open() -> None:
    # Free at three in the morning.
    facts = replace(OPTED_IN, sent=sent(HOUR, 2 * HOUR, 9 * HOUR))

    verdict = may_send(question(contact=MIAMI), facts, SHIPPED)

    assert verdict.from_when == datetime(2026, 11, 25, 13, tzinfo=UTC)


def test_a_program_caps_what_sells_and_counts_nothing_else() -> None:
    program = replace(PROGRAM, frequency_cap=FrequencyCap(2, timedelta(days=30)))
    others = (Sent(NOON, MessageClass.ANSWER), Sent(NOON, MessageClass.TRANSACTIONAL))
    once = replace(OPTED_IN, sent=(*others, *sent(HOUR)))
    twice = replace(OPTED_IN, sent=(*others, *sent(HOUR, 29 * 24 * HOUR)))

    assert may_send(question(program=program), once, SHIPPED).allowed
    verdict = may_send(question(program=program), twice, SHIPPED)
    assert [reason.code for reason in verdict.reasons] == [Code.FREQUENCY_CAP]
    assert verdict.from_when == NOON + timedelta(days=1)
    answer = question(MessageClass.ANSWER, program=program)
    assert may_send(answer, twice, SHIPPED).allowed


# ---- What is asked ----


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="with a zone"):
        question(moment=NOON.replace(tzinfo=None))
    with pytest.raises(ValueError, match="with a zone"):
        Sent(NOON.replace(tzinfo=None), MessageClass.ANSWER)


@pytest.mark.parametrize(
    ("message_class", "reply"),
    [(MessageClass.COMPLIANCE, None), (MessageClass.MARKETING, HELP)],
)
def test_the_laws_reply_is_told_for_compliance_alone(
    message_class: MessageClass, reply: ComplianceReply | None
) -> None:
    with pytest.raises(ValueError, match="`reply`"):
        question(message_class, reply=reply)


@pytest.mark.parametrize("code", SendReasonCode)
def test_a_reason_is_documented(code: SendReasonCode) -> None:
    assert SEND_REASONS[code].endswith(".")


def test_windows_that_never_meet_say_so() -> None:
    # The first hour of Monday is over in Sydney before it begins in Perth.
    early = replace(SHIPPED.default, week={0: (0, 60)})
    rules = replace(SHIPPED, default=early)

    verdict = may_send(question(contact="+61412345678"), OPTED_IN, rules)

    assert verdict.from_when is None
    assert Code.NEVER_OPEN in codes(verdict)
