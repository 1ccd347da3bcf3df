"""Laws of the check, tried over contacts, facts and the days when clocks change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.programs.program import ConsentScope, FrequencyCap
from serving.sending.check import may_send
from serving.sending.facts import (
    ComplianceReply,
    ConsentState,
    Facts,
    MessageClass,
    OptOut,
    Question,
    ScopeConsent,
    Sent,
)
from serving.sending.place import KnownPlace, whereabouts
from tests.serving.sending.asked import (
    LONG_CODE,
    OPTED_IN,
    PROGRAM,
    SHIPPED,
    TOLL_FREE,
    question,
)

CONTACTS = (
    "+12125551234",
    "+12085551234",
    "+13055551234",
    "+18505551234",
    "+19075551234",
    "+14015551234",
    "+12055551234",
    "+12145551234",
    "+18885551234",
    "+16715551234",
    "+33612345678",
    "+61412345678",
    "72345",
)
MINUTE = timedelta(minutes=1)
# The changes of clocks in Australia, Europe and America, and a holiday before a Sunday.
SPANS = (
    ("+61412345678", datetime(2026, 10, 3, tzinfo=UTC)),
    ("+33612345678", datetime(2026, 10, 24, tzinfo=UTC)),
    ("+12085551234", datetime(2026, 10, 31, tzinfo=UTC)),
    ("+12145551234", datetime(2027, 3, 13, tzinfo=UTC)),
    ("+33612345678", datetime(2027, 3, 27, tzinfo=UTC)),
    ("+33612345678", datetime(2027, 4, 30, tzinfo=UTC)),
)
moments = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001 - the strategy wants it so
    datetime(2028, 1, 1),  # noqa: DTZ001 - as above
    timezones=st.just(UTC),
)
places = st.builds(
    KnownPlace,
    zone=st.sampled_from([None, "America/Chicago", "Europe/Paris", "US/Eastern"]),
    state=st.sampled_from([None, "TX", "RI", "FL"]),
    postcode=st.sampled_from([None, "79901", "06390"]),
)
events = st.builds(
    ScopeConsent,
    state=st.sampled_from(ConsentState),
    event_id=st.uuids().map(str),
    since=moments,
)
facts_told = st.builds(
    Facts,
    consent=st.dictionaries(st.sampled_from(ConsentScope), events),
    sent=st.lists(
        st.builds(Sent, moments, st.sampled_from(MessageClass)), max_size=8
    ).map(tuple),
    opt_out=st.none() | st.builds(OptOut, st.just("out"), moments, st.booleans()),
    person_owns=st.booleans(),
    wrong_number=st.none() | st.just("event-1"),
    provider_suppressed=st.none() | st.just("event-2"),
    place=places,
)
programs = st.builds(
    lambda revoke, nights, cap: replace(
        PROGRAM,
        revoke_all=revoke,
        answers_in_quiet_hours=nights,
        frequency_cap=cap,
    ),
    st.booleans(),
    st.booleans(),
    st.none() | st.just(FrequencyCap(2, timedelta(hours=36))),
)


@st.composite
def questions(draw: st.DrawFn) -> Question:
    kind = draw(st.sampled_from(MessageClass))
    compliance = kind is MessageClass.COMPLIANCE
    return Question(
        contact=draw(st.sampled_from(CONTACTS)),
        program=draw(programs),
        sender=draw(st.sampled_from([LONG_CODE, TOLL_FREE])),
        message_class=kind,
        moment=draw(moments),
        reply=draw(st.sampled_from(ComplianceReply)) if compliance else None,
        by_owner=draw(st.booleans()),
    )


@pytest.mark.parametrize(("contact", "start"), SPANS)
def test_from_when_is_the_first_minute_that_is_allowed(
    contact: str, start: datetime
) -> None:
    sent = tuple(
        Sent(start + timedelta(hours=hours), MessageClass.MARKETING)
        for hours in (1, 20)
    )
    program = replace(PROGRAM, frequency_cap=FrequencyCap(2, timedelta(hours=30)))
    facts = replace(OPTED_IN, sent=sent)
    minutes = [start + timedelta(hours=20) + n * MINUTE for n in range(60 * 60)]
    verdicts = [
        may_send(
            question(moment=minute, contact=contact, program=program), facts, SHIPPED
        )
        for minute in minutes
    ]

    first = None
    for minute, verdict in zip(reversed(minutes), reversed(verdicts), strict=True):
        first = minute if verdict.allowed else first
        if first is not None:
            assert verdict.from_when == first
    assert first is not None


@settings(deadline=None)
@given(questions(), facts_told)
def test_a_verdict_holds_together(asked: Question, facts: Facts) -> None:
    verdict = may_send(asked, facts, SHIPPED)

    assert verdict.reasons
    if verdict.allowed:
        assert verdict.from_when == asked.moment
    else:
        assert verdict.covered_by is None
        assert verdict.from_when is None or verdict.from_when > asked.moment
    for moment, allowed in ((verdict.from_when, True), (verdict.until, False)):
        if moment is not None:
            later = may_send(replace(asked, moment=moment), facts, SHIPPED)
            assert later.allowed is allowed
    if verdict.from_when is not None and not verdict.allowed:
        before = verdict.from_when - timedelta(microseconds=1)
        assert not may_send(replace(asked, moment=before), facts, SHIPPED).allowed


@settings(deadline=None)
@given(st.sampled_from(CONTACTS), moments, places)
def test_marketing_never_goes_out_outside_the_narrowest_window(
    contact: str, moment: datetime, place: KnownPlace
) -> None:
    facts = replace(OPTED_IN, place=place)

    if not may_send(question(moment=moment, contact=contact), facts, SHIPPED).allowed:
        return

    where = whereabouts(contact, place, "US")
    for spot in where.spots:
        local = moment.astimezone(ZoneInfo(spot.zone))
        row = SHIPPED.states.get(spot.state or "") or SHIPPED.countries.get(
            where.country or "", SHIPPED.default
        )
        opens, closes = row.week[local.weekday()]
        assert opens <= local.hour * 60 + local.minute < closes
        assert 8 <= local.hour < 21
        assert where.country != "FR" or local.weekday() != 6


@settings(deadline=None)
@given(questions(), facts_told, moments)
def test_whoever_opted_out_gets_no_marketing_until_they_opt_in(
    asked: Question, facts: Facts, since: datetime
) -> None:
    out = ScopeConsent(ConsentState.OPTED_OUT, "out", since)
    closed = replace(facts, consent={**facts.consent, ConsentScope.MARKETING: out})
    marketing = replace(asked, message_class=MessageClass.MARKETING, reply=None)

    verdict = may_send(marketing, closed, SHIPPED)

    assert not verdict.allowed
    assert verdict.from_when is None


@settings(deadline=None)
@given(questions(), facts_told)
def test_no_ground_holds_the_persons_number(asked: Question, facts: Facts) -> None:
    verdict = may_send(asked, facts, SHIPPED)

    told = " ".join(reason.detail for reason in verdict.reasons)
    assert asked.contact.removeprefix("+") not in told


@settings(deadline=None)
@given(questions(), facts_told)
def test_of_a_confirmed_opt_out_there_is_no_second_confirmation(
    asked: Question, facts: Facts
) -> None:
    stop = replace(
        asked,
        message_class=MessageClass.COMPLIANCE,
        reply=ComplianceReply.STOP_CONFIRMATION,
    )
    opt_out = OptOut("out", asked.moment, confirmed=True)

    assert not may_send(stop, replace(facts, opt_out=opt_out), SHIPPED).allowed
