"""The edge where providers knock: proven, recorded, answered in time, decided once."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from time import monotonic

import sqlalchemy as sa

from model.errors import StoreError
from serving.programs.number import read_number
from serving.programs.program import Program
from serving.providers.inbound import Confirmation, Inbound, Received, StatusEvent
from serving.providers.provider import Acknowledgement, Provider, Secrets
from serving.providers.webhook import RefusalCode, Refused, Webhook
from serving.recording.arrival import Arrival, Waiter
from serving.recording.brought import Brought, need_room, replay_digest
from serving.recording.claims import Claim, Claimed, replayed
from serving.recording.intake import Recorded, canonical
from serving.reported.provider_events import provider_opt_outs
from serving.service import Service

ANSWER_WITHIN = 1.5
"""Seconds. Telnyx gives two from connecting to the answer; the rest is the network's.
What is not decided by then is acknowledged, and its words go out another way."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Door:
    """One program as its provider calls it.

    Attributes:
        program: whose messages come here.
        provider: how its webhooks are proven and read.
        secrets: what proves them; None where the deployment has not set any.
    """

    program: Program
    provider: Provider
    secrets: Secrets | None


@dataclass(frozen=True, slots=True)
class Edge:
    """Takes providers' calls in.

    Attributes:
        service: records and decides.
        doors: by program.
        confirm: asks for the address by which a topic is subscribed to.
        answer_within: seconds after which a call is acknowledged, decided or not.
        within_rate: counts a proven call of a program; false where it is one too many.
    """

    service: Service
    doors: Mapping[str, Door]
    confirm: Callable[[str], bytes]
    answer_within: float = field(default=ANSWER_WITHIN)
    within_rate: Callable[[str], bool] = field(default=lambda _program_id: True)

    async def receive(self, program_id: str, webhook: Webhook) -> Acknowledgement:
        """Take one call in; what it brings is on disk when this returns.

        Of several things in one call each is taken for itself: one that is refused
        costs the others nothing, and is in the log.

        Raises:
            KeyError: there is no such program.
            Refused: nothing is acted on; the log says why, without text and number.
            StoreError: something is not on record; the provider should call again.
        """
        door = self.doors[program_id]
        until = monotonic() + self.answer_within
        try:
            if door.provider.fetches:
                found = await asyncio.to_thread(self._read, door, webhook)
            else:  # Quicker than a thread is woken.
                found = self._read(door, webhook)
            self._need_rate(door)
        except Refused as refused:
            self._refused(door, refused)
            raise
        words = [await self._take_or_log(door, each, until) for each in found]
        refusals = [each for each in words if isinstance(each, Refused)]
        if refusals and (len(refusals) == len(found) or refusals[0].retryable):
            raise refusals[0]
        said = words[0]
        if not (
            door.provider.answers
            and len(found) == 1
            and isinstance(found[0], Inbound)
            and isinstance(said, str)
        ):
            return door.provider.acknowledge()
        return door.provider.acknowledge(said, found[0])

    def _need_rate(self, door: Door) -> None:
        """Refuse one call too many; on the loop's thread, for counters know no other.

        After the proof: a forger must not use up the program's rate.
        """
        if not self.within_rate(door.program.program_id):
            detail = "more calls a minute than the program may bring"
            raise Refused(RefusalCode.UNAVAILABLE, detail)

    def _read(self, door: Door, webhook: Webhook) -> tuple[Received, ...]:
        if door.secrets is None:
            names = door.program.secrets
            told = ", ".join((*names.environment, *map(str, names.files)))
            detail = f"no secret is set for the program; set one of {told}"
            raise Refused(RefusalCode.UNAVAILABLE, detail)
        now = self.service.intake.now()
        door.provider.verify(webhook, door.secrets, now)
        return door.provider.read(webhook)

    async def _take_or_log(
        self, door: Door, found: Received, until: float
    ) -> str | Refused | None:
        try:
            return await self._take(door, found, until)
        except Refused as refused:
            self._refused(door, refused)
            return refused

    async def _take(self, door: Door, found: Received, until: float) -> str | None:
        """Take one thing in that a call brought; return words to answer it with."""
        if isinstance(found, Inbound):
            return await self._inbound(door, found, until)
        if isinstance(found, StatusEvent) and found.opted_out:
            await self._opted_out(door, found)
        elif isinstance(found, Confirmation):
            await asyncio.to_thread(self._subscribe, found)
        return None

    async def _inbound(self, door: Door, inbound: Inbound, until: float) -> str | None:
        brought = self._brought(door, inbound)
        claiming = asyncio.ensure_future(self.service.claim(brought))
        left = max(0.0, until - monotonic())
        done, _ = await asyncio.wait({claiming}, timeout=left)
        if not done:
            # The provider must not hang up on us; what it brought may still be claimed.
            claiming.add_done_callback(self._claimed_late)
            raise StoreError("the store took too long to claim a message")
        claimed = claiming.result()
        if claimed.claim is Claim.REPLAYED:
            raise _replay()
        if claimed.arrival is None:
            if claimed.claim is Claim.KNOWN:
                self.service.metrics.duplicates.inc()
            return None
        if not door.provider.answers:
            self._decide(claimed.arrival)
            return None
        return await self._words(claimed.arrival, until)

    def _brought(self, door: Door, inbound: Inbound) -> Brought:
        self._need_ours(door, inbound.sender)
        named = replace(
            inbound,
            number=canonical(inbound.number, door.program),
            sender=canonical(inbound.sender, door.program),
        )
        need_room(named)
        return Brought(
            inbound=named,
            program_id=door.program.program_id,
            provider=door.provider.name,
            came_at=self.service.intake.now(),
            keywords=self.service.live.rules.keywords,
        )

    def _need_ours(self, door: Door, sender: str) -> None:
        """Refuse what was written to a number that is another program's."""
        programs = self.service.intake.setup.programs
        ours = door.program.program_id
        try:
            key = read_number(canonical(sender, door.program), door.program.country).key
        except ValueError:
            return  # None that a program could name.
        if programs.id_of_key.get(key, ours) != ours:
            detail = "the number that was written to is another program's"
            raise Refused(RefusalCode.WRONG_ACCOUNT, detail)

    async def _words(self, arrival: Arrival, until: float) -> str | None:
        """Decide, and return the words if the decision is made in time."""
        waiter = Waiter()
        deciding = self._decide(replace(arrival, waiter=waiter))
        try:
            left = max(0.0, until - monotonic())
            done, _ = await asyncio.wait({deciding}, timeout=left)
        except asyncio.CancelledError:
            waiter.settle()  # Nobody is left to bring the words.
            raise
        if not done and waiter.settle():
            return None  # Acknowledged; decided after.
        # The words are ours to bring: the commit is under way.
        await asyncio.wait({deciding})
        if deciding.exception() is not None:
            # It is on disk, and will be decided by the sweeper.
            return None
        return deciding.result().words

    def _decide(self, arrival: Arrival) -> "asyncio.Future[Recorded]":
        deciding = asyncio.wrap_future(self.service.decide(arrival))
        deciding.add_done_callback(self._counted)
        return deciding

    def _claimed_late(self, claiming: "asyncio.Future[Claimed]") -> None:
        if claiming.cancelled() or claiming.exception() is not None:
            return
        arrival = claiming.result().arrival
        if arrival is not None:
            self._decide(arrival)

    def _counted(self, deciding: "asyncio.Future[Recorded]") -> None:
        if deciding.cancelled():
            return
        error = deciding.exception()
        if error is not None:
            _log.warning("left for later: %s", type(error).__name__)
        else:
            self.service.metrics.count(deciding.result().decision)

    async def _opted_out(self, door: Door, found: StatusEvent) -> None:
        """Record an opt-out that the provider tells of, unless it is a replay."""
        program, intake = door.program, self.service.intake
        self._need_ours(door, found.sender or "")
        proof = replay_digest(program.program_id, door.provider.name, found.replay_key)

        def write(connection: sa.Connection) -> bool:
            if replayed(connection, proof):
                return False
            provider_opt_outs(
                connection,
                [found],
                program,
                now=intake.now,
                new_id=intake.new_id,
                pepper=intake.setup.pepper,
            )
            return True

        if not await self.service.write(write):
            raise _replay()

    def _subscribe(self, found: Confirmation) -> None:
        try:
            self.confirm(found.url)
        except (OSError, ValueError) as error:
            detail = "the topic's subscription could not be confirmed now"
            raise Refused(RefusalCode.UNAVAILABLE, detail) from error

    def _refused(self, door: Door, refused: Refused) -> None:
        self.service.metrics.refused.labels(door.provider.name, refused.code).inc()
        _log.warning(
            "webhook refused: program=%s provider=%s code=%s: %s",
            door.program.program_id,
            door.provider.name,
            refused.code.value,
            refused.detail,
        )


def _replay() -> Refused:
    detail = "the signature proved another message before"
    return Refused(RefusalCode.REPLAYED, detail)
