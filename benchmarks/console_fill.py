"""A month of made-up traffic, written past the intake: its rows are true to shape.

Hours are busy as people are, campaigns bring spikes, people come back, and the team
takes most of what it is handed. Ids, moments and numbers are new in each row; what was
said and decided is drawn from real decisions.
"""

import random
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple, TypeVar

import sqlalchemy as sa
from rich.console import Console
from rich.progress import track

from benchmarks.console_pool import SENDERS, Pool, Row
from serving.figures.waiting import settle, touched
from serving.routing.decision import Action
from serving.store.database import writing
from serving.store.review_tables import handoff_events
from serving.store.tables import contacts, decisions

DAYS = 30
PART = 2_000
"""Rows in one transaction."""
A_PERSON = 4
"""Replies of a person in the month, on average."""
SPIKES = 8
SPIKE_SHARE = 0.15
"""Of the replies, how many come within half an hour after a campaign."""
BACK = 0.3
"""How many replies are of somebody who wrote lately."""
SAME = 0.4
"""How many of those are about the same."""
TAKEN = 0.97
"""How much of what was handed over the team has taken."""

# How busy each hour in UTC is, for people in North America.
_HOURS = (5, 4, 3, 2, 1, 1, 1, 1, 1, 1, 2, 3, 5, 7, 9, 10, 10, 10, 10, 10, 9, 9, 8, 6)
_PROGRAMS = ("fernhill", "fernhill_visits")
_VISITS = 0.3

_T = TypeVar("_T")


class Person(NamedTuple):
    """One who writes."""

    number: str
    sender: str
    conversation: str
    program: str


def fill(
    engine: sa.Engine, pool: Pool, number: int, until: datetime, seed: int = 1
) -> None:
    """Write `number` decisions of the `DAYS` before `until`, and their people."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    people = [_person(chance, place) for place in range(max(1, number // A_PERSON))]
    with writing(engine) as connection:
        connection.execute(sa.insert(contacts), [_contact(p, until) for p in people])
    rows = _decisions(chance, pool, people, _moments(chance, number, until))
    parts = -(-number // PART)
    for part in track(_parts(rows), "Filling", parts, console=Console(stderr=True)):
        with writing(engine) as connection:
            connection.execute(sa.insert(decisions), part)
            events = list(_taken(chance, part, until))
            if events:
                connection.execute(sa.insert(handoff_events), events)
            settle(connection, touched(part))


def settled(engine: sa.Engine) -> None:
    """Leave the database as one that has run for a while."""
    if engine.dialect.name == "postgresql":
        # The server of the tests leaves to us what others do by themselves.
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql("VACUUM ANALYZE")


def _person(chance: random.Random, place: int) -> Person:
    which = chance.random() < _VISITS
    return Person(
        f"+1{2_000_000_000 + place}", SENDERS[which], f"c-{place:034}", _PROGRAMS[which]
    )


def _contact(person: Person, until: datetime) -> Row:
    return {
        "number": person.number,
        "sender": person.sender,
        "conversation_id": person.conversation,
        "consent": "subscribed",
        "asked_opt_out": False,
        "hour_began_at": until,
        "hour_replies": 0,
    }


def _moments(chance: random.Random, number: int, until: datetime) -> list[datetime]:
    """Return when replies are recorded, in their order."""
    start = until - timedelta(days=DAYS)
    spikes = [start + timedelta(days=chance.uniform(0, DAYS)) for _ in range(SPIKES)]
    found: list[datetime] = []
    while len(found) < number:
        if chance.random() < SPIKE_SHARE:
            after = timedelta(minutes=min(30, chance.expovariate(1 / 8)))
            at = chance.choice(spikes) + after
        else:
            at = start + timedelta(days=chance.uniform(0, DAYS))
            if chance.random() > _HOURS[at.hour] / max(_HOURS):
                continue
        if at < until:
            found.append(at)
    return sorted(found)


def _decisions(
    chance: random.Random,
    pool: Pool,
    people: Sequence[Person],
    moments: Sequence[datetime],
) -> Iterator[Row]:
    lately: deque[tuple[Person, Row]] = deque(maxlen=1_000)
    for place, at in enumerate(moments):
        if lately and chance.random() < BACK:
            person, before = chance.choice(lately)
            again = chance.random() < SAME
            like = pool.like(chance, before) if again else None
        else:
            person, like = chance.choice(people), None
        row = like or pool.draw(chance, person.program)
        lately.append((person, row))
        yield _decision(chance, row, person, place, at)


def _decision(
    chance: random.Random, like: Row, person: Person, place: int, at: datetime
) -> Row:
    """Return a row of its own that says what `like` says."""
    new = {"message_id": f"SM{place:032x}", "decision_id": f"d-{place:034}"}
    new["conversation_id"] = person.conversation
    received = at - timedelta(milliseconds=chance.lognormvariate(3.6, 0.9))
    inputs, decision = like["inputs"], like["decision"]
    for name, value in new.items():
        decision = decision.replace(like[name], value)
    head, _, rest = inputs.partition(like["received_at"].isoformat())
    number = head.partition('"from":"')[2].partition('"')[0]
    head = head.replace(number, person.number, 1)
    return {
        **like,
        **new,
        "received_at": received,
        "recorded_at": at,
        "inputs": f"{head}{received.isoformat()}{rest}",
        "decision": decision,
    }


def _taken(
    chance: random.Random, rows: Sequence[Row], until: datetime
) -> Iterator[Row]:
    """Yield that the team took what it was handed, and closed it, in its time."""
    for row in rows:
        if row["action"] != Action.ESCALATE or chance.random() > TAKEN:
            continue
        at = row["recorded_at"]
        for kind in ("taken", "closed"):
            at += timedelta(minutes=chance.lognormvariate(2.5, 1.2))
            if at < until:
                yield {
                    "event_id": f"{kind}-{row['decision_id'][-24:]}",
                    "conversation_id": row["conversation_id"],
                    "kind": kind,
                    "at": at.astimezone(UTC),
                    "actor": "key:inbox",
                }


def _parts(rows: Iterator[_T]) -> Iterator[list[_T]]:
    while part := list(islice(rows, PART)):
        yield part
