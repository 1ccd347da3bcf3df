from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import ShelfError
from model.uses import (
    CHALLENGER,
    CHAMPION,
    BundleRole,
    How,
    Use,
    champions,
    from_body,
    live_at,
    live_of,
    promoted,
    rolled_back,
    short,
    to_body,
    withdrawn,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def told(uses: list[Use], said: str, at: datetime = NOON) -> list[Use]:
    """Go on with `uses` as said: "A" promotes A, "a" makes it challenger, "<" "-"."""
    for place, letter in enumerate(said):
        when = at + timedelta(hours=place)
        role: BundleRole = CHALLENGER if letter.islower() else CHAMPION
        who = {"actor": "ann", "reason": "better"}
        if letter == "<":
            uses = [*uses, *rolled_back(uses, **who, at=when)]
        elif letter == "-":
            uses = [*uses, *withdrawn(uses, CHALLENGER, **who, at=when)]
        else:
            use = Use(letter.upper(), role, when, "ann", "better")
            uses = [*uses, *promoted(uses, use)]
    return uses


def names(uses: list[Use]) -> str:
    live = live_of(uses)
    champion, challenger = live.get(CHAMPION), live.get(CHALLENGER)
    return (champion.bundle_id if champion else "") + (
        challenger.bundle_id.lower() if challenger else ""
    )


@pytest.mark.parametrize(
    ("said", "live"),
    [
        ("", ""),
        ("A", "A"),
        ("AB", "B"),
        ("AB<", "A"),
        ("ABC<<", "A"),
        ("A<", ""),
        ("AB<C<", "A"),
        ("ABA<", "B"),
        ("Ab", "Ab"),
        ("a", "a"),
        ("Ab-", "A"),
        # One that decides does not decide beside itself.
        ("AbB", "B"),
        ("ABa<", "A"),
        # Nor does it come back by itself.
        ("AbB<", "A"),
    ],
)
def test_the_last_change_holds(said: str, live: str) -> None:
    assert names(told([], said)) == live


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("AA", "A is the champion already"),
        ("aa", "A is the challenger already"),
        ("Aa", "A is the champion already"),
        ("-", "there is no challenger to withdraw"),
        ("Ab--", "there is no challenger to withdraw"),
        ("<", "there is no champion to roll back"),
        ("A<<", "there is no champion to roll back"),
    ],
)
def test_what_changes_nothing_is_refused(said: str, problem: str) -> None:
    with pytest.raises(ShelfError, match=problem):
        told([], said)


def test_who_was_live_is_known_of_every_moment() -> None:
    uses = told([], "AbB<")

    def at(hours: float) -> str:
        live = live_at(uses, NOON + timedelta(hours=hours))
        return "".join(
            live[role].bundle_id for role in (CHAMPION, CHALLENGER) if role in live
        )

    assert [at(hours) for hours in (-0.1, 0, 0.5, 1, 2, 2.9, 3, 99)] == [
        "",
        "A",
        "A",
        "AB",
        "B",
        "B",
        "A",
        "A",
    ]


@given(st.lists(st.sampled_from("ABCabc<-"), max_size=12))
def test_rolling_back_undoes_the_last_promotion(said: list[str]) -> None:
    uses: list[Use] = []
    for letter in said:
        try:
            uses = told(uses, letter)
        except ShelfError:
            continue
    before = champions(uses)
    other = "Z"

    after = told(told(uses, other), "<")

    assert champions(after) == before
    assert names(after)[:1].isupper() is bool(before)


@given(st.lists(st.sampled_from("ABCabc<-"), max_size=12))
def test_nobody_is_champion_and_challenger(said: list[str]) -> None:
    uses: list[Use] = []
    for letter in said:
        try:
            uses = told(uses, letter)
        except ShelfError:
            continue
        live = live_of(uses)
        assert len({use.bundle_id for use in live.values()}) == len(live)


def test_a_use_comes_back_from_json_in_utc() -> None:
    east = NOON.astimezone(timezone(timedelta(hours=5)))
    use = Use("A", CHALLENGER, east, "ann", "it's better", How.ROLLED_BACK)

    back = from_body(to_body(use))

    assert back == use
    assert back.since.tzinfo is UTC


@pytest.mark.parametrize(
    "change", [{"role": "emperor"}, {"how": "by luck"}, {"since": "yesterday"}]
)
def test_what_is_no_use_is_told_from_one(change: dict[str, str]) -> None:
    body = to_body(Use("A", CHAMPION, NOON, "ann", "better")) | change

    with pytest.raises((KeyError, ValueError)):
        from_body(body)


def test_an_id_is_short_for_people() -> None:
    assert short("sha256:" + "0123456789abcdef" * 4) == "0123456789ab"
