"""Erasing a person on request: everywhere, with the suppression left and the audit."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from model.errors import SettingsError
from serving.access.audit import record
from serving.ledger.erasure import Erased, erase
from serving.ledger.history import keyed_digest
from serving.programs.programs import Programs

NO_PEPPER = (
    "REPLYWISE_PEPPER: expected the secret that keeps an erased number suppressed, got "
    "none; make one with `openssl rand -hex 32` and give it to `replywise serve` too"
)


def erase_person(
    connection: sa.Connection,
    number: str,
    programs: Programs,
    *,
    reason: str,
    pepper: bytes | None,
    actor: str,
    now: Callable[[], datetime],
    new_id: Callable[[], str],
) -> Erased:
    """Erase `number` within the caller's transaction and audit it.

    Every program of the deployment suppresses the number from then on, also those
    that never heard of it.

    Raises:
        SettingsError: there is no pepper, it is too short, or the reason holds a
            telephone number.
    """
    if pepper is None:
        raise SettingsError(NO_PEPPER)
    erased = erase(
        connection,
        number,
        pepper=pepper,
        actor=actor,
        now=now,
        new_id=new_id,
        programs=[(each.brand, each.program_id) for each in programs],
    )
    try:
        record(
            connection,
            actor=actor,
            action="contact.erased",
            now=now,
            new_id=new_id,
            subject_kind="contact",
            subject_digest=keyed_digest(number, pepper),
            details={"reason": reason, "entries": erased.entries},
        )
    except ValueError as error:
        raise SettingsError(
            "reason: expected nothing personal, got a telephone number"
        ) from error
    return erased
