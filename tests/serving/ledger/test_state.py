from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.ledger.event import ConsentEvent, Entry, Kind, Scope
from serving.ledger.state import (
    CLASSES,
    CurrentConsent,
    Standing,
    current_consent,
    programs_of,
)
from tests.serving.ledger.making import NOON, event, numbered

IN, OUT, UNKNOWN = Standing.OPTED_IN, Standing.OPTED_OUT, Standing.UNKNOWN


def consent(*events: ConsentEvent, program: str = "alerts") -> CurrentConsent:
    entries = numbered(
        *(replace(e, event_id=f"e{place}") for place, e in enumerate(events))
    )
    return current_consent(entries, brand="acme", program=program)


def standings(*events: ConsentEvent, program: str = "alerts") -> list[Standing]:
    found = consent(*events, program=program)
    return [found.of(scope).standing for scope in CLASSES]


def test_nothing_said_is_neither_consent_nor_opt_out() -> None:
    assert standings() == [UNKNOWN, UNKNOWN]
    assert consent().of(Scope.ALL).standing is UNKNOWN
    assert consent().marketing.since is None


def test_an_opt_out_stands_until_a_later_opt_in() -> None:
    out, back = event(Kind.OPT_OUT, 0), event(Kind.OPT_IN, 1)

    assert standings(out) == [OUT, OUT]
    assert standings(out, back) == [IN, IN]
    assert standings(back, out) == [IN, IN]


def test_an_older_yes_that_arrives_late_lifts_nothing() -> None:
    late = event(Kind.OPT_IN, -1, received_at=NOON + timedelta(hours=1))

    assert standings(event(Kind.OPT_OUT, 0), late) == [OUT, OUT]


def test_at_the_same_moment_the_opt_out_wins() -> None:
    assert standings(event(Kind.OPT_IN), event(Kind.OPT_OUT)) == [OUT, OUT]
    assert standings(event(Kind.OPT_OUT), event(Kind.OPT_IN)) == [OUT, OUT]


def test_in_one_message_the_opt_out_wins_whatever_its_date() -> None:
    out = event(Kind.OPT_OUT, 0, provider_message_id="SM1")
    same = event(Kind.OPT_IN, 5, provider_message_id="SM1")

    assert standings(out, same) == [OUT, OUT]
    assert standings(out, replace(same, provider_message_id="SM2")) == [IN, IN]


def test_an_opt_in_dated_ahead_lifts_no_opt_out_that_is_still_to_come() -> None:
    ahead = event(Kind.OPT_IN, 60, received_at=NOON)

    assert standings(ahead, event(Kind.OPT_OUT, 1)) == [OUT, OUT]


@pytest.mark.parametrize(
    ("out", "back", "expected"),
    [
        (Scope.ALL, Scope.MARKETING, [IN, OUT]),
        (Scope.ALL, Scope.TRANSACTIONAL, [OUT, IN]),
        (Scope.ALL, Scope.ALL, [IN, IN]),
        (Scope.MARKETING, Scope.ALL, [IN, IN]),
        (Scope.MARKETING, Scope.TRANSACTIONAL, [OUT, IN]),
    ],
)
def test_an_opt_in_lifts_what_it_names_and_no_more(
    out: Scope, back: Scope, expected: list[Standing]
) -> None:
    events = event(Kind.OPT_OUT, 0, scope=out), event(Kind.OPT_IN, 1, scope=back)

    assert standings(*events) == expected


def test_consent_to_all_is_the_lesser_of_its_parts() -> None:
    found = consent(event(Kind.OPT_IN, 0), event(scope=Scope.MARKETING, minutes=1))

    assert found.of(Scope.ALL) == found.marketing
    assert found.suppressed(Scope.ALL)
    assert found.suppressed(Scope.MARKETING)
    assert not found.suppressed(Scope.TRANSACTIONAL)


def test_a_program_is_no_matter_of_another() -> None:
    assert standings(event(), program="news") == [UNKNOWN, UNKNOWN]
    assert standings(event(brand="other")) == [UNKNOWN, UNKNOWN]


def test_an_opt_out_that_revokes_all_takes_every_program_of_the_brand() -> None:
    yes = event(Kind.OPT_IN, -5, program="news")
    out = event(Kind.OPT_OUT, 0, revoke_all=True)
    back = event(Kind.OPT_IN, 5, program="news")

    assert standings(yes, out, program="news") == [OUT, OUT]
    assert standings(yes, out, back, program="news") == [IN, IN]
    assert standings(yes, out, back, program="alerts") == [OUT, OUT]
    assert standings(replace(out, brand="other"), program="news") == [UNKNOWN] * 2


@pytest.mark.parametrize("kind", [Kind.WRONG_PARTY, Kind.ERASED])
def test_a_wrong_number_and_an_erasure_suppress(kind: Kind) -> None:
    assert standings(event(Kind.OPT_IN, -1), event(kind)) == [OUT, OUT]
    assert standings(event(kind), event(Kind.OPT_IN, 1)) == [IN, IN]


@pytest.mark.parametrize(
    "kind",
    sorted(set(Kind) - {Kind.OPT_IN, Kind.OPT_OUT, Kind.WRONG_PARTY, Kind.ERASED}),
)
def test_no_other_kind_changes_anything(kind: Kind) -> None:
    assert standings(event(Kind.OPT_OUT), event(kind, 1)) == [OUT, OUT]
    assert standings(event(kind)) == [UNKNOWN, UNKNOWN]


def test_the_first_revocation_that_was_not_lifted_is_the_one_that_counts() -> None:
    found = consent(
        event(Kind.OPT_OUT, 0),
        event(Kind.OPT_IN, 1),
        event(Kind.OPT_OUT, 2),
        event(Kind.OPT_OUT, 3),
    )

    assert found.marketing.since == NOON + timedelta(minutes=2)


def test_the_programs_that_know_a_number_are_told() -> None:
    entries = numbered(event(program="news"), event(), event())

    assert programs_of(entries) == [("acme", "alerts"), ("acme", "news")]


EVENTS = st.builds(
    event,
    kind=st.sampled_from(Kind),
    minutes=st.integers(0, 4),
    scope=st.sampled_from(Scope),
    program=st.sampled_from(["alerts", "news"]),
    revoke_all=st.booleans(),
    provider_message_id=st.sampled_from([None, "SM1", "SM2"]),
    received_at=st.integers(0, 4).map(lambda m: NOON + timedelta(minutes=m)),
)
HISTORIES = st.lists(EVENTS, max_size=9).map(
    lambda events: [replace(e, event_id=f"e{i}") for i, e in enumerate(events)]
)


def of(entries: Sequence[Entry]) -> CurrentConsent:
    return current_consent(entries, brand="acme", program="alerts")


def without_places(found: CurrentConsent) -> list[tuple[Standing, str | None]]:
    return [
        (found.of(scope).standing, e.event_id if (e := found.of(scope).entry) else None)
        for scope in Scope
    ]


@given(HISTORIES.flatmap(lambda h: st.tuples(st.just(h), st.permutations(h))))
def test_the_order_of_arrival_changes_nothing(
    orders: tuple[list[ConsentEvent], list[ConsentEvent]],
) -> None:
    one, other = (of(numbered(*events)) for events in orders)

    assert without_places(one) == without_places(other)


@given(HISTORIES)
def test_what_is_heard_twice_changes_nothing(events: list[ConsentEvent]) -> None:
    assert without_places(of(numbered(*events, *events))) == without_places(
        of(numbered(*events))
    )


@given(HISTORIES)
def test_after_a_stop_that_is_the_latest_nothing_may_be_sent(
    events: list[ConsentEvent],
) -> None:
    stop = event(Kind.OPT_OUT, 4, event_id="stop")

    assert all(of(numbered(*events, stop)).suppressed(scope) for scope in Scope)


@given(HISTORIES)
def test_one_more_revocation_never_opens_anything(events: list[ConsentEvent]) -> None:
    before = of(numbered(*events))
    after = of(numbered(*events, event(Kind.OPT_OUT, 2, event_id="more")))

    assert all(after.suppressed(scope) for scope in Scope if before.suppressed(scope))
