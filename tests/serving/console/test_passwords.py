"""Passwords, as they are kept and tried."""

from time import process_time

import pytest

from model.errors import SettingsError
from serving.console.passwords import LEAST, MOST, Work, checked, fits, hashed, outdated

PHRASE = "a horse, a battery"


def test_the_right_password_fits_and_no_other_does() -> None:
    kept = hashed(PHRASE)

    assert kept.startswith("$argon2id$")
    assert PHRASE not in kept
    assert fits(PHRASE, kept)
    assert not fits(PHRASE.upper(), kept)
    assert not fits(PHRASE, None)
    assert not fits("", kept)
    assert not outdated(kept)


def test_a_name_that_nobody_bears_takes_as_long() -> None:
    kept = hashed(PHRASE)
    began = process_time()
    fits("wrong", kept)
    there = process_time() - began
    began = process_time()
    fits("wrong", None)
    nobody = process_time() - began

    # Loosely; without the work it is a thousandth.
    assert nobody > there / 5


def test_what_was_hashed_with_less_work_is_outdated() -> None:
    weak = hashed(PHRASE, Work(8, 1, 1))

    assert fits(PHRASE, weak)
    assert outdated(weak)


def test_other_libraries_read_what_is_kept() -> None:
    # The reference implementation's own test vector.
    kept = (
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ"
        "$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
    )

    assert fits("password", kept)
    assert not fits("Password", kept)


def test_what_is_damaged_fits_nothing() -> None:
    assert not fits(PHRASE, "no hash at all")


@pytest.mark.parametrize(
    "password",
    ["a" * (LEAST - 1), "ab" * MOST, "abababababababababab", "my name is annabel ok"],
)
def test_what_is_easily_guessed_is_refused(password: str) -> None:
    with pytest.raises(SettingsError, match="password: expected") as raised:
        checked(password, "annabel")

    assert password not in str(raised.value)


def test_a_short_name_may_occur_in_a_password() -> None:
    assert checked("an ox and a donkey", "an") == "an ox and a donkey"
