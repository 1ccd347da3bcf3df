"""Attempts to sign in, counted."""

from serving.console.attempts import BY_ADDRESS, BY_NAME, MINUTES, Attempts


def test_a_name_is_tried_so_often_from_wherever() -> None:
    attempts = Attempts()

    waits = [attempts.wait("ann", f"192.0.2.{n}") for n in range(BY_NAME.amount)]

    assert set(waits) == {0}
    assert 0 < attempts.wait("ann", "192.0.2.200") <= MINUTES * 60
    assert attempts.wait("bob", "192.0.2.200") == 0


def test_an_address_tries_so_many_names() -> None:
    attempts = Attempts()

    waits = [attempts.wait(f"n{n}", "192.0.2.1") for n in range(BY_ADDRESS.amount)]

    assert set(waits) == {0}
    assert attempts.wait("another", "192.0.2.1") > 0
    assert attempts.wait("another", "192.0.2.2") == 0


def test_one_ipv6_network_is_one_address() -> None:
    attempts = Attempts()
    for n in range(BY_ADDRESS.amount):
        attempts.wait(f"n{n}", f"2001:db8::{n:x}")

    assert attempts.wait("another", "2001:db8::ffff") > 0
    assert attempts.wait("another", "2001:db8:0:1::1") == 0


def test_whoever_came_in_may_mistype_again() -> None:
    attempts = Attempts()
    for _ in range(BY_NAME.amount):
        attempts.wait("ann", "192.0.2.1")
    attempts.succeeded("ann")

    assert attempts.wait("ann", "192.0.2.1") == 0
