"""Fills a store with a month: replies decided, taken over, counted, drawn, reviewed."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from model.prediction import Prediction
from model.reading import read_all
from serving.demo.chance import Clock, Ids
from serving.demo.reviewers import Reviewers
from serving.demo.traffic import Incoming
from serving.figures.counter import count_up
from serving.figures.handoffs import Handoff, HandoffKind, note
from serving.live import LiveBundle
from serving.recording.arrival import Arrival, Read
from serving.recording.intake import Intake, Recorded
from serving.reviews.adjudication import disputed
from serving.reviews.finding import Choices
from serving.reviews.holds import keep
from serving.reviews.recording import Reviewing, record
from serving.reviews.subject import subject
from serving.reviews.verdict import ReviewKind
from serving.routing.decision import Action
from serving.routing.policy import Role
from serving.sampling.chosen import by_policy
from serving.sampling.draw import draw_day
from serving.schemas import DecisionOut
from serving.store.database import reading, writing
from serving.store.review_tables import sample_draws

Done = Callable[[int], None]

_PART = 256
_AT_WORK = (8, 18)
_LEFT = timedelta(days=2)
"""Of the last days some is left to review."""
_LEFT_SHARE = 0.5
_ADJUDICATED = 0.7
_FORGOTTEN = 0.01
"""How many are never taken, of those that were handed over lately."""
_LATELY = timedelta(days=3)
_AFTER = timedelta(minutes=20)
"""After midnight a day is counted and drawn from."""


@dataclass(slots=True)
class Month:
    """What a simulated month needs, and what is known of it.

    Attributes:
        engine: the store that is filled.
        live: the bundle that decides.
        intake: decides and records; its time is the clock's, its ids are `ids`.
        clock: what the time is in the month.
        ids: gives the ids out.
        chance: what is random.
        until: when it ends, aware.
        reviewers: user ids of those who review.
        adjudicator: user id of who decides between two.
        recorded: what was decided, in order of time.
    """

    engine: sa.Engine
    live: LiveBundle
    intake: Intake
    clock: Clock
    ids: Ids
    chance: random.Random
    until: datetime
    reviewers: Sequence[str]
    adjudicator: str
    recorded: list[Recorded] = field(default_factory=list)
    _wants: dict[str, str] = field(default_factory=dict)
    _handed: dict[str, datetime] = field(default_factory=dict)

    def decide(self, replies: Sequence[Incoming], done: Done) -> None:
        """Decide and record the replies, in their order."""
        texts = sorted({reply.text for reply in replies})
        read = dict(zip(texts, self._read(texts, done), strict=True))
        for start in range(0, len(replies), _PART):
            part = replies[start : start + _PART]
            with writing(self.engine) as connection:
                for place, reply in enumerate(part, start):
                    self._take(connection, reply, f"demo-{place}", read[reply.text])
            done(len(part))

    def hand_over(self) -> None:
        """Have people take and close what was handed to them, but for the last."""
        events: list[Handoff] = []
        for conversation, since in self._handed.items():
            wait = timedelta(minutes=self.chance.lognormvariate(3.0, 1.1))
            taken = _at_work(since + wait)
            closed = taken + timedelta(minutes=self.chance.lognormvariate(1.8, 0.8))
            forgotten = self.chance.random() < _FORGOTTEN
            if taken >= self.until or (forgotten and since > self.until - _LATELY):
                continue
            events.append(Handoff(conversation, HandoffKind.TAKEN, taken, "inbox"))
            if closed < self.until:
                events.append(
                    Handoff(conversation, HandoffKind.CLOSED, closed, "inbox")
                )
        with writing(self.engine) as connection:
            for event in sorted(events, key=lambda event: event.at):
                note(connection, event)

    def count(self) -> None:
        """Count what is closed."""
        self.clock.forward(self.until)
        while not count_up(self.engine, self._write, self.clock.now):
            pass

    def review(self, first: datetime, seed: str, done: Done) -> None:
        """Draw from each day once it is over, and review most of what was drawn."""
        find = by_policy(self.live.rules.policy, self.ids.new, lambda: seed)
        self.clock.at = first.astimezone(UTC)
        while (morning := _next_midnight(self.clock.at)) <= self.until:
            self.clock.at = morning + _AFTER
            day = draw_day(self.engine, self._write, self.clock.now, find)
            if day is not None:
                self._review_day(day.day.isoformat())
            done(1)
        self.clock.forward(self.until)

    def _read(self, texts: Sequence[str], done: Done) -> Iterator[Prediction]:
        for start in range(0, len(texts), _PART):
            part = texts[start : start + _PART]
            yield from read_all(self.live.bundle.classifier, part)
            done(len(part))

    def _take(
        self,
        connection: sa.Connection,
        reply: Incoming,
        message_id: str,
        prediction: Prediction,
    ) -> None:
        slow = self.chance.lognormvariate(-4.0, 0.7)
        self.clock.forward(reply.at + timedelta(seconds=slow))
        arrival = Arrival(
            message_id=message_id,
            number=reply.number,
            sender=reply.sender,
            text=reply.text,
            received_at=reply.at,
        )
        [recorded] = self.intake.take(
            connection, [Read(arrival, self.live, prediction)]
        )
        self.recorded.append(recorded)
        decided = DecisionOut.model_validate_json(recorded.body)
        self._wants[decided.decision_id] = reply.wants
        if decided.action is Action.ESCALATE:
            self._handed[decided.conversation_id] = reply.at

    def _review_day(self, period: str) -> None:
        with reading(self.engine) as connection:
            draws = connection.execute(
                sa.select(sample_draws.c.decision_id, sample_draws.c.double)
                .where(sample_draws.c.period == period)
                .order_by(sample_draws.c.place)
            ).all()
        last = self.clock.at > self.until - _LEFT
        kept = draws[: round(len(draws) * _LEFT_SHARE)] if last else draws
        judges = self._judges()
        self.clock.at = _at_work(self.clock.at)
        for draw in kept:
            people = self.chance.sample(self.reviewers, 2 if draw.double else 1)
            for person in people:
                self._review(judges, draw.decision_id, person, ReviewKind.DRAWN)
        self._adjudicate(judges)

    def _adjudicate(self, judges: Reviewers) -> None:
        with reading(self.engine) as connection:
            differing = disputed(
                connection, self.adjudicator, self.clock.at, most=_PART
            )
        for decision_id in differing:
            if self.chance.random() < _ADJUDICATED:
                kind = ReviewKind.ADJUDICATED
                self._review(judges, decision_id, self.adjudicator, kind)

    def _review(
        self, judges: Reviewers, decision_id: str, person: str, kind: ReviewKind
    ) -> None:
        self.clock.at += timedelta(seconds=self.chance.lognormvariate(2.6, 0.5))
        with writing(self.engine) as connection:
            decision = subject(connection, decision_id).decision
            finding = judges.finding(decision, self._wants[decision_id], decision_id)
            keep(connection, person, decision_id, self.clock.at)
            reviewing = Reviewing(
                self.ids.new(), decision_id, person, kind, self.clock.at
            )
            record(connection, reviewing, finding, self._choices())

    def _judges(self) -> Reviewers:
        rules = self.live.rules
        intents = frozenset(self.live.bundle.manifest.intents)
        return Reviewers(rules.policy, intents, self.chance)

    def _choices(self) -> Choices:
        policy = self.live.rules.policy
        return Choices(
            self.live.bundle.manifest.intents,
            list(policy.queues),
            policy.intent_with(Role.OPT_OUT),
        )

    def _write(self, write: Callable[[sa.Connection], object]) -> object:
        with writing(self.engine) as connection:
            return write(connection)


def _next_midnight(moment: datetime) -> datetime:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)


def _at_work(moment: datetime) -> datetime:
    """Return `moment`, or when people are next at work."""
    opens, closes = _AT_WORK
    if moment.hour >= closes:
        moment = _next_midnight(moment)
    if moment.hour < opens:
        minute = moment.minute
        moment = moment.replace(hour=opens, minute=minute, second=0, microsecond=0)
    return moment
