"""What must be true of the store, however often the service was killed."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from benchmarks.crash_plan import Sent
from serving.ledger.event import Kind
from serving.ledger.verify import verify
from serving.recording.claims import ALIKE_WITHIN
from serving.store.tables import (
    consent_events,
    decisions,
    messages_in,
    messages_out,
    outbox,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that must hold, and the messages or entries of which it does not."""

    says: str
    broken_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found.

    Attributes:
        claims: each with what breaks it; empty where it holds.
        opt_outs: opt-outs of the plan, each counted once.
        answers: how many answers reached somebody, by a webhook or the outbox.
        unheard: answers that were let out into a webhook which a kill cut off. The
            person got none; that is the price of never sending two.
    """

    claims: tuple[Claim, ...]
    opt_outs: int
    answers: int
    unheard: int

    @property
    def whole(self) -> bool:
        """Whether every claim holds."""
        return not any(claim.broken_by for claim in self.claims)


@dataclass(frozen=True, slots=True)
class _Row:
    sid: str
    decided_as: str | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class _Found:
    """The store, as far as it is looked at.

    Attributes:
        rows: the messages that came in.
        decided: key of each decision by its id.
        opt_outs: sid of each opt-out in the ledger.
        follow_ups: what happened about each opt-out: kind and the opt-out's entry.
        effects: decision of each message in the outbox.
        words: decision and way of each message that was let out.
        flaws: of the chain.
    """

    rows: list[_Row]
    decided: dict[str, str]
    opt_outs: list[str]
    follow_ups: list[tuple[str, str]]
    effects: list[str]
    words: list[tuple[str, str]]
    flaws: tuple[str, ...]


def undecided(connection: sa.Connection) -> int:
    """Return how many messages still wait for their decision."""
    waiting = messages_in.c.decided_as.is_(None)
    found = connection.scalar(
        sa.select(sa.func.count()).select_from(messages_in).where(waiting)
    )
    return int(found or 0)


def audit(
    connection: sa.Connection, sent: Mapping[str, Sent], heard: Mapping[str, int]
) -> Audit:
    """Hold the store against what was sent, all of which was acknowledged.

    Args:
        connection: of a transaction that reads.
        sent: each message by its sid.
        heard: how many acknowledgements of each sid held words.
    """
    found = _read(connection)
    by_sid = {row.sid: row for row in found.rows}
    messages = _messages(sent, found.rows)
    said = _answers(found, by_sid, sent, heard)
    claims = (
        Claim("every acknowledged message is in the store", _missing(sent, by_sid)),
        Claim("no message is there twice", _twice(row.sid for row in found.rows)),
        Claim("nothing else is there", tuple(sorted(by_sid.keys() - sent.keys()))),
        Claim("every message is decided", _not_decided(found)),
        Claim("no message is decided twice", _decided_twice(found, messages)),
        Claim("every opt-out is in the ledger", _unrecorded(found, sent)),
        Claim("no opt-out is there twice", _recorded_twice(found, sent, messages)),
        Claim("each is honoured once, and confirmed once at most", _followed(found)),
        Claim("nobody got two answers to one message", _too_many(said, messages)),
        Claim("every answer is on record", _off_record(found, by_sid, heard)),
        Claim("the chain verifies", found.flaws),
    )
    through_webhook = sum(via == "webhook" for _, via in found.words)
    return Audit(
        claims,
        opt_outs=len({s.of for s in sent.values() if s.opt_out}),
        answers=said.total(),
        unheard=through_webhook - sum(heard.values()),
    )


def _read(connection: sa.Connection) -> _Found:
    table = consent_events.c
    entries = connection.execute(
        sa.select(table.event_id, table.kind, table.details)
    ).all()
    details = [(row, json.loads(row.details)) for row in entries]
    rows = messages_in.c
    verdict = verify(connection)
    return _Found(
        rows=[
            _Row(*row)
            for row in connection.execute(
                sa.select(rows.message_id, rows.decided_as, rows.received_at)
            )
        ],
        decided=_pairs(connection, decisions.c.decision_id, decisions.c.message_id),
        opt_outs=[
            told["provider_message_id"]
            for row, told in details
            if row.kind == Kind.OPT_OUT.value
        ],
        follow_ups=[
            (row.kind, told["about"])
            for row, told in details
            if row.kind in (Kind.HONORED.value, Kind.CONFIRMATION_SENT.value)
        ]
        + [("opt_out", row.event_id) for row in entries if row.kind == "opt_out"],
        effects=list(
            connection.scalars(
                sa.select(outbox.c.decision_id).where(outbox.c.type == "send_message")
            )
        ),
        words=[
            (row.decision_id, row.via)
            for row in connection.execute(
                sa.select(messages_out.c.decision_id, messages_out.c.via)
            )
        ],
        flaws=tuple(f"{f.sequence}: {f.flaw}" for f in verdict.findings),
    )


def _pairs(
    connection: sa.Connection, key: sa.Column[Any], value: sa.Column[Any]
) -> dict[str, str]:
    return {row[0]: row[1] for row in connection.execute(sa.select(key, value))}


def _messages(sent: Mapping[str, Sent], rows: list[_Row]) -> dict[str, int]:
    """Return each message, and how often it may be decided.

    Two ids of one message are told to be one only where they came within a minute.
    """
    came: dict[str, list[datetime]] = {}
    for row in rows:
        if row.sid in sent:
            came.setdefault(sent[row.sid].of, []).append(row.received_at)
    allowed: dict[str, int] = {}
    for message, moments in came.items():
        moments.sort()
        apart = sum(b - a > ALIKE_WITHIN for a, b in pairwise(moments))
        allowed[message] = 1 + apart
    return allowed


def _answers(
    found: _Found,
    by_sid: Mapping[str, _Row],
    sent: Mapping[str, Sent],
    heard: Mapping[str, int],
) -> "Counter[str]":
    """Return how many answers each message got, by either way."""
    message_of = {
        row.decided_as: sent[sid].of for sid, row in by_sid.items() if sid in sent
    }
    said: Counter[str] = Counter()
    for sid, times in heard.items():
        said[sent[sid].of] += times
    for decision_id in found.effects:
        said[message_of.get(found.decided[decision_id], decision_id)] += 1
    return said


def _missing(sent: Mapping[str, Sent], by_sid: Mapping[str, _Row]) -> tuple[str, ...]:
    return tuple(sorted(sent.keys() - by_sid.keys()))


def _twice(names: Iterator[str]) -> tuple[str, ...]:
    return tuple(name for name, times in Counter(names).items() if times > 1)


def _not_decided(found: _Found) -> tuple[str, ...]:
    decided = set(found.decided.values())
    return tuple(row.sid for row in found.rows if row.decided_as not in decided)


def _decided_twice(found: _Found, messages: Mapping[str, int]) -> tuple[str, ...]:
    """Return messages with more decisions than they may have, and those of none."""
    by_key = Counter(found.decided.values())
    known = {row.decided_as for row in found.rows}
    strange = [key for key, times in by_key.items() if times > 1 or key not in known]
    most = sum(messages.values())
    return (*strange, *(["more decisions than messages"] if len(by_key) > most else []))


def _unrecorded(found: _Found, sent: Mapping[str, Sent]) -> tuple[str, ...]:
    recorded = {sent[sid].of for sid in found.opt_outs if sid in sent}
    wanted = {s.of for s in sent.values() if s.opt_out}
    return tuple(sorted(wanted - recorded))


def _recorded_twice(
    found: _Found, sent: Mapping[str, Sent], messages: Mapping[str, int]
) -> tuple[str, ...]:
    recorded = Counter(sent[sid].of if sid in sent else sid for sid in found.opt_outs)
    return _too_many(recorded, messages)


def _followed(found: _Found) -> tuple[str, ...]:
    times = Counter(found.follow_ups)
    wrong = [about for (_, about), count in times.items() if count > 1]
    opt_outs = {about for kind, about in times if kind == Kind.OPT_OUT.value}
    honoured = {about for kind, about in times if kind == Kind.HONORED.value}
    return (*wrong, *sorted(opt_outs - honoured))


def _too_many(times: Mapping[str, int], messages: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(name for name, n in times.items() if n > messages.get(name, 1))


def _off_record(
    found: _Found, by_sid: Mapping[str, _Row], heard: Mapping[str, int]
) -> tuple[str, ...]:
    """Return messages whose acknowledgement held words that nobody let out there."""
    keys = {
        found.decided[decision] for decision, via in found.words if via == "webhook"
    }
    return tuple(
        sid
        for sid, times in heard.items()
        if times and (sid not in by_sid or by_sid[sid].decided_as not in keys)
    )
