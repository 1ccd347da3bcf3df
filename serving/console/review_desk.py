"""The desk of the Review page: hands decisions out, and takes findings in.

What is next is looked for while others may write; the transaction that writes only
makes sure that it is still to be had. So replies never wait for a reviewer.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa

from serving.console.review_case import Case, read_case
from serving.live import LiveBundle
from serving.reviews.adjudication import disputed, hold_disputed
from serving.reviews.finding import Choices, Finding
from serving.reviews.holds import forget_holds, hold, pass_by
from serving.reviews.progress import Progress, progress
from serving.reviews.recording import Reviewing, record, undo
from serving.reviews.review import Review
from serving.reviews.verdict import ReviewKind
from serving.reviews.waiting import count_waiting, waiting
from serving.routing.policy import Role
from serving.service import Service
from serving.store.database import reading
from serving.store.review_tables import sample_draws

SPARE = 6
"""Looked for beyond what is wanted: somebody else may be faster with the first."""

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Day:
    """A reviewer's day.

    Attributes:
        progress: how far they are.
        waiting: how many decisions wait for them.
        drawn: whether any were ever drawn.
    """

    progress: Progress
    waiting: int
    drawn: bool


@dataclass(frozen=True, slots=True)
class ReviewDesk:
    """Somebody who reviews, and the service that they do it at."""

    service: Service
    user_id: str

    async def hand_out(
        self,
        kind: ReviewKind,
        most: int,
        showing: Sequence[str] = (),
        besides: Sequence[str] = (),
    ) -> list[Case]:
        """Give up to `most` decisions that wait, and keep those that are shown.

        Those in `besides` are neither given nor kept.
        """
        held: list[str] = []
        for _ in range(_TRIES):
            left = most - len(held)
            out = [*showing, *besides, *held]
            ids = await asyncio.to_thread(self._waiting, kind, left + SPARE, out)
            held += await self.service.write(
                partial(self._hold, kind=kind, ids=ids, most=left, showing=showing)
            )
            if len(held) == most or len(ids) < left + SPARE:
                break
        return await asyncio.to_thread(self._read, held, kind)

    async def case(self, decision_id: str, kind: ReviewKind) -> Case:
        """Give the decision of this id.

        Raises:
            ReviewUnknown: there is none.
        """
        (case,) = await asyncio.to_thread(self._read, [decision_id], kind)
        return case

    async def record(
        self, decision_id: str, kind: ReviewKind, finding: Finding
    ) -> Review:
        """Record what was found of a decision.

        Raises:
            ReviewRefused: it cannot be taken, as the message says.
        """
        intake = self.service.intake
        reviewing = Reviewing(
            intake.new_id(), decision_id, self.user_id, kind, intake.now()
        )
        choices = choices_of(self.service.live)
        review: Review = await self.service.write(
            lambda c: record(c, reviewing, finding, choices)
        )
        return review

    async def undo(self, review_id: str | None) -> Review:
        """Take a finding back, the last one where none is named.

        Raises:
            ReviewRefused: it cannot be undone, as the message says.
        """
        now = self.service.intake.now()
        review: Review = await self.service.write(
            lambda c: undo(c, self.user_id, now, review_id)
        )
        return review

    async def pass_by(self, decision_id: str) -> None:
        """Pass a decision by; it comes back after all others."""
        now = self.service.intake.now()
        await self.service.write(lambda c: pass_by(c, self.user_id, decision_id, now))

    async def day(self) -> Day:
        """Say how far the reviewer is."""
        return await asyncio.to_thread(self._day)

    def _waiting(
        self, kind: ReviewKind, most: int, besides: Sequence[str]
    ) -> list[str]:
        now = self.service.intake.now()
        find = disputed if kind is ReviewKind.ADJUDICATED else waiting
        with reading(self.service.engine) as connection:
            return find(connection, self.user_id, now, most=most, besides=besides)

    def _hold(
        self,
        connection: sa.Connection,
        kind: ReviewKind,
        ids: Sequence[str],
        most: int,
        showing: Sequence[str],
    ) -> list[str]:
        now = self.service.intake.now()
        take = hold_disputed if kind is ReviewKind.ADJUDICATED else hold
        forget_holds(connection, now)
        take(connection, self.user_id, showing, now, most=len(showing))
        return take(connection, self.user_id, ids, now, most=most)

    def _read(self, ids: Sequence[str], kind: ReviewKind) -> list[Case]:
        with reading(self.service.engine) as connection:
            return [read_case(connection, each, self.user_id, kind) for each in ids]

    def _day(self) -> Day:
        now = self.service.intake.now()
        local = now.astimezone(self.service.intake.setup.programs.default.zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        with reading(self.service.engine) as connection:
            return Day(
                progress(connection, self.user_id, now, midnight),
                count_waiting(connection, self.user_id, now),
                connection.scalar(sa.select(sa.exists(sample_draws))) or False,
            )


def choices_of(live: LiveBundle) -> Choices:
    """Return what reviewers may name: what the bundle in use knows."""
    policy = live.rules.policy
    return Choices(
        intents=tuple(sorted({*live.bundle.manifest.intents, *policy.intents})),
        queues=tuple(policy.queues),
        opt_out=policy.intent_with(Role.OPT_OUT),
    )
