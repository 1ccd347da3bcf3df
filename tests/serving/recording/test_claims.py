from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from serving.providers.inbound import Inbound, Part
from serving.recording.brought import Brought
from serving.recording.claims import (
    ALIKE_WITHIN,
    LEASE,
    PARTS_WITHIN,
    Claim,
    Claimed,
    claim,
    decided,
    left_over,
)
from serving.routing.ruleset import RuleSet
from serving.store.database import open_store, writing
from tests.databases import KINDS, store
from tests.serving.providers.senders import NOW


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    with store(request.param, tmp_path) as url:
        engine = open_store(url)
        yield engine
        engine.dispose()


class Gateway:
    """Brings messages of one person to one program."""

    def __init__(self, engine: sa.Engine, rules: RuleSet) -> None:
        self._engine = engine
        self._rules = rules
        self.now = NOW

    def bring(self, text: str, message_id: str = "1", **fields: Any) -> Claimed:
        program_id = fields.pop("program_id", "shop")
        values = {"number": "+14155550100", "sender": "+14155550199", **fields}
        inbound = Inbound(message_id, text=text, **values)
        brought = Brought(inbound, program_id, "vonage", self.now, self._rules.keywords)
        with writing(self._engine) as connection:
            return claim(connection, brought)

    def part(
        self, number: int, text: str, total: int = 3, message_id: str = ""
    ) -> Claimed:
        part = Part("17", number, total)
        return self.bring(text, message_id or f"part-{number}", part=part)

    def decide(self, claimed: Claimed) -> None:
        assert claimed.arrival
        with writing(self._engine) as connection:
            decided(connection, [claimed.arrival.key])

    def left(self, after: timedelta) -> list[str]:
        """Return the texts that somebody must decide, so long after the start."""
        with writing(self._engine) as connection:
            return [found.text for found in left_over(connection, NOW + after)]


@pytest.fixture
def gateway(engine: sa.Engine, rules: RuleSet) -> Gateway:
    return Gateway(engine, rules)


def test_who_comes_first_decides_and_nobody_after(gateway: Gateway) -> None:
    claims = [gateway.bring("hello").claim for _ in range(3)]

    assert claims == [Claim.OURS, Claim.KNOWN, Claim.KNOWN]


def test_one_id_in_two_programs_is_two_messages(gateway: Gateway) -> None:
    gateway.bring("hello")

    assert gateway.bring("hello", program_id="other").claim is Claim.OURS


def test_what_is_claimed_is_what_came(gateway: Gateway) -> None:
    sent_at = NOW - timedelta(minutes=2)
    arrival = gateway.bring("hello", sent_at=sent_at, channel="mms").arrival

    assert arrival is not None
    assert (arrival.text, arrival.channel, arrival.provider) == (
        "hello",
        "mms",
        "vonage",
    )
    assert (arrival.received_at, arrival.came_at) == (sent_at, NOW)


def test_nothing_was_sent_after_it_came(gateway: Gateway) -> None:
    arrival = gateway.bring("hello", sent_at=NOW + timedelta(hours=2)).arrival

    assert arrival is not None
    assert arrival.received_at == NOW


# --- the same words under another id


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, Claim.KNOWN), (60, Claim.KNOWN), (61, Claim.OURS)]
)
def test_the_same_words_within_a_minute_are_one_message(
    gateway: Gateway, seconds: int, expected: Claim
) -> None:
    gateway.bring("hello")
    gateway.now += timedelta(seconds=seconds)

    assert gateway.bring("hello", "2").claim is expected


def test_the_minute_runs_from_the_first(gateway: Gateway) -> None:
    claims: list[Claim] = []
    for number in range(4):
        claimed = gateway.bring("hello?", str(number))
        claims.append(claimed.claim)
        if claimed.arrival:
            gateway.decide(claimed)
        gateway.now += ALIKE_WITHIN * 0.75

    assert claims == [Claim.OURS, Claim.KNOWN, Claim.OURS, Claim.KNOWN]


@pytest.mark.parametrize(
    "other", [{"sender": "+14155550188"}, {"number": "+14155550101"}]
)
def test_other_numbers_say_the_same_for_themselves(
    gateway: Gateway, other: dict[str, str]
) -> None:
    gateway.bring("hello")

    assert gateway.bring("hello", "2", **other).claim is Claim.OURS


def test_a_stop_after_a_start_is_no_repetition(gateway: Gateway) -> None:
    claims = []
    for number, text in enumerate(["STOP", "START", "STOP"]):
        claims.append(gateway.bring(text, str(number)).claim)
        gateway.now += timedelta(seconds=5)

    assert claims == [Claim.OURS] * 3


def test_a_start_that_comes_again_after_a_stop_lifts_nothing(gateway: Gateway) -> None:
    claims = []
    for number, text in enumerate(["START", "STOP", "START"]):
        claims.append(gateway.bring(text, str(number)).claim)
        gateway.now += timedelta(seconds=5)

    assert claims == [Claim.OURS, Claim.OURS, Claim.KNOWN]


def test_what_else_comes_again_after_a_start_is_a_repetition(gateway: Gateway) -> None:
    claims = []
    for number, text in enumerate(["HELP", "START", "HELP"]):
        claims.append(gateway.bring(text, str(number)).claim)
        gateway.now += timedelta(seconds=5)

    assert claims == [Claim.OURS, Claim.OURS, Claim.KNOWN]


# --- replays


def test_a_signature_proves_one_message(gateway: Gateway) -> None:
    claims = [
        gateway.bring("hello", "1", replay_key="nonce").claim,
        gateway.bring("hello", "1", replay_key="nonce").claim,
        gateway.bring("STOP", "2", replay_key="nonce").claim,
        gateway.bring("STOP", "2", replay_key="nonce", program_id="other").claim,
    ]

    assert claims == [Claim.OURS, Claim.KNOWN, Claim.REPLAYED, Claim.OURS]


# --- parts

TEXTS = {1: "I would like ", 2: "to know where ", 3: "my order is"}


@pytest.mark.parametrize("order", list(permutations(TEXTS)))
def test_parts_in_any_order_are_one_message(
    gateway: Gateway, order: tuple[int, ...]
) -> None:
    first, second, last = (gateway.part(number, TEXTS[number]) for number in order)

    assert [first.claim, second.claim, last.claim] == [
        Claim.HELD,
        Claim.HELD,
        Claim.OURS,
    ]
    assert last.arrival is not None
    assert last.arrival.text == "I would like to know where my order is"
    gateway.decide(last)
    assert gateway.left(timedelta(hours=1)) == []


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_a_part_that_asks_to_stop_does_not_wait(
    gateway: Gateway, order: tuple[int, ...]
) -> None:
    texts = {**TEXTS, 2: "STOP"}
    claims = {number: gateway.part(number, texts[number]) for number in order}

    assert claims[2].claim is Claim.OURS
    assert claims[2].arrival is not None
    assert claims[2].arrival.text == "STOP"
    assert {claims[1].claim, claims[3].claim} == {Claim.HELD}
    gateway.decide(claims[2])
    assert gateway.left(PARTS_WITHIN * 2) == ["I would like my order is"]


def test_missing_parts_are_not_waited_for(gateway: Gateway) -> None:
    gateway.part(3, TEXTS[3])
    gateway.part(1, TEXTS[1])

    assert gateway.left(PARTS_WITHIN) == []
    assert gateway.left(PARTS_WITHIN * 2) == ["I would like my order is"]
    assert gateway.left(PARTS_WITHIN * 2) == []


def test_a_part_under_two_ids_is_said_once(gateway: Gateway) -> None:
    gateway.part(1, TEXTS[1])
    again = gateway.part(1, TEXTS[1], message_id="part-1-again")
    gateway.part(2, TEXTS[2])
    last = gateway.part(3, TEXTS[3])

    assert again.claim is Claim.KNOWN
    assert last.arrival is not None
    assert last.arrival.text == "".join(TEXTS.values())


def test_a_part_that_comes_again_after_the_whole_is_known(gateway: Gateway) -> None:
    claims = [gateway.part(number, text) for number, text in TEXTS.items()]
    gateway.decide(claims[-1])

    assert gateway.part(2, TEXTS[2], message_id="2-again").claim is Claim.KNOWN
    assert gateway.left(timedelta(hours=1)) == []


def test_one_part_of_one_is_a_whole_message(gateway: Gateway) -> None:
    assert gateway.part(1, "hello", total=1).claim is Claim.OURS


# --- left by whoever was at it


def test_a_message_that_nobody_decided_is_found_once(gateway: Gateway) -> None:
    claimed = gateway.bring("hello")

    assert gateway.left(LEASE) == []
    assert gateway.left(LEASE * 2) == ["hello"]
    assert gateway.left(LEASE * 2) == []
    gateway.decide(claimed)
    assert gateway.left(timedelta(days=1)) == []


def test_a_whole_message_that_nobody_decided_is_found_whole(gateway: Gateway) -> None:
    for number in (2, 3, 1):
        gateway.part(number, TEXTS[number])

    assert gateway.left(LEASE * 2) == ["".join(TEXTS.values())]
    assert gateway.left(LEASE * 4) == ["".join(TEXTS.values())]


def test_a_stop_in_a_part_that_nobody_decided_is_found_alone(gateway: Gateway) -> None:
    gateway.part(2, "STOP")
    gateway.part(1, TEXTS[1])

    assert sorted(gateway.left(LEASE * 2)) == ["I would like ", "STOP"]
