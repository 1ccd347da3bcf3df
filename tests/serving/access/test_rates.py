import pytest
from limits.storage import MemoryStorage

from serving.access.caller import ANONYMOUS, Caller
from serving.access.rates import PLACES, Rates
from serving.access.scope import Scope


@pytest.fixture
def memory() -> MemoryStorage:
    return MemoryStorage()


@pytest.fixture
def rates(memory: MemoryStorage) -> Rates:
    return Rates(
        anonymous_per_minute=1,
        webhooks_per_minute=2,
        memory=memory,
        # Known, so that no two of the addresses below share a place by chance.
        blinding=b"known",
    )


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("testclient", "another", False),
    ],
)
def test_addresses_are_counted_by_who_has_them(
    rates: Rates, first: str, second: str, *, alike: bool
) -> None:
    rates.caller(ANONYMOUS, first)

    assert (rates.caller(ANONYMOUS, second) is not None) is alike


def test_no_address_is_kept(rates: Rates, memory: MemoryStorage) -> None:
    rates.caller(ANONYMOUS, "192.0.2.1")

    kept = list(memory.events)
    assert len(kept) == 1
    assert "192.0.2.1" not in kept[0]


def test_a_flood_of_addresses_takes_bounded_memory(
    rates: Rates, memory: MemoryStorage
) -> None:
    for number in range(3 * PLACES):
        rates.caller(ANONYMOUS, f"10.0.{number // 256}.{number % 256}")

    assert len(memory.events) <= PLACES


def test_a_key_is_counted_wherever_it_is_used(rates: Rates) -> None:
    caller = Caller("0123456789ab", frozenset({Scope.ROUTE}), per_minute=2)

    told = [rates.caller(caller, f"192.0.2.{n}") is None for n in range(3)]

    assert told == [True, True, False]


def test_webhooks_are_counted_by_program(rates: Rates) -> None:
    told = [rates.webhook("acme") is None for _ in range(3)]

    assert told == [True, True, False]
    assert rates.webhook("other") is None
