"""Reading the ledger: what is recorded of a number, and its consent now."""

import hashlib
import hmac
from collections.abc import Collection
from functools import cache
from typing import Any

import sqlalchemy as sa

from model.errors import SettingsError
from serving.ledger.event import Entry
from serving.ledger.rows import entry_of
from serving.ledger.state import CurrentConsent, current_consent
from serving.store.tables import consent_events

LEAST_PEPPER = 16
"""Bytes. There are few numbers: only the secret keeps a digest from being guessed."""


def keyed_digest(number: str, pepper: bytes) -> str:
    """Return what stands for `number` once it is erased: HMAC-SHA256, hexadecimal.

    Whoever holds the pepper can tell whether a given number is the one. Keep it
    outside of the store, and never change it: with another one, erased numbers are
    no longer known to be suppressed.

    Raises:
        SettingsError: the pepper is too short to be a secret.
    """
    if len(pepper) < LEAST_PEPPER:
        raise SettingsError(
            f"pepper of the consent ledger: expected {LEAST_PEPPER} bytes or more, got "
            f"{len(pepper)}; make one with `openssl rand -hex 32`"
        )
    return hmac.new(pepper, number.encode(), hashlib.sha256).hexdigest()


def histories(
    connection: sa.Connection,
    numbers: Collection[str],
    *,
    pepper: bytes | None = None,
) -> dict[str, list[Entry]]:
    """Return the entries of each of `numbers`, in the order of the chain.

    One query by index for all of them. With the `pepper`, what an erasure left of a
    number is found too; without it an erased number looks like a new one.
    """
    found: dict[str, list[Entry]] = {number: [] for number in numbers}
    if not found:
        return found
    digests = (
        {keyed_digest(number, pepper): number for number in found} if pepper else {}
    )
    wanted: dict[str, list[str]] = {"numbers": list(found)}
    if digests:
        wanted["digests"] = list(digests)
    for row in connection.execute(_query(with_digests=bool(digests)), wanted):
        number = row.number if row.number is not None else digests[row.number_digest]
        found[number].append(entry_of(row))
    return found


def history(
    connection: sa.Connection, number: str, *, pepper: bytes | None = None
) -> list[Entry]:
    """Return the entries of one number, in the order of the chain."""
    return histories(connection, [number], pepper=pepper)[number]


def consent_of(
    connection: sa.Connection,
    number: str,
    *,
    brand: str,
    program: str,
    pepper: bytes | None = None,
) -> CurrentConsent:
    """Return the consent of a number to a program now; one query by index."""
    entries = history(connection, number, pepper=pepper)
    return current_consent(entries, brand=brand, program=program)


@cache
def _query(*, with_digests: bool) -> sa.Select[Any]:
    # Made once: making a statement costs more than running it.
    table = consent_events.c
    wanted: sa.ColumnElement[bool] = table.number.in_(
        sa.bindparam("numbers", expanding=True)
    )
    if with_digests:
        wanted |= table.number_digest.in_(sa.bindparam("digests", expanding=True))
    return sa.select(consent_events).where(wanted).order_by(table.sequence)
