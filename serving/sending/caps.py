"""How often: the caps of the program and of every state that the contact can be in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from serving.programs.program import FrequencyCap
from serving.sending.facts import Facts, MessageClass
from serving.sending.moments import Clock
from serving.sending.verdict import SendReason, SendReasonCode


@dataclass(frozen=True, slots=True)
class NamedCap:
    """A cap, and whose it is."""

    name: str
    cap: FrequencyCap


@dataclass(frozen=True, slots=True)
class CapReached:
    """A cap that is used up, until when, and by how many messages."""

    reached: NamedCap
    count: int
    until: datetime

    def reason(self) -> SendReason:
        """Return it as a ground against sending."""
        cap = self.reached.cap
        hours = cap.period / timedelta(hours=1)
        told = f"{self.count} of {cap.messages} in {hours:g} hours"
        detail = f"{self.reached.name}: {told}"
        return SendReason(SendReasonCode.FREQUENCY_CAP, detail)


def named_caps(
    program_id: str, own: FrequencyCap | None, clocks: Iterable[Clock]
) -> dict[str, NamedCap]:
    """Return every cap that holds, by name."""
    caps = {
        window.name: NamedCap(window.name, window.cap)
        for clock in clocks
        for window in clock.windows
        if window.cap is not None
    }
    return caps | ({program_id: NamedCap(program_id, own)} if own else {})


def caps_reached(
    caps: Iterable[NamedCap], facts: Facts, moment: datetime
) -> Iterator[CapReached]:
    """Yield the caps on marketing that are used up at `moment`.

    A message counts for the period after it. One that was sent after `moment`, by a
    clock that runs ahead, counts as well.
    """
    sent = sorted(
        message.moment.astimezone(UTC)
        for message in facts.sent
        if message.message_class is MessageClass.MARKETING
    )
    for named in caps:
        cap = named.cap
        count = sum(moment < past + cap.period for past in sent)
        if count >= cap.messages:
            # With that one out of the period, one less than the cap is left in it.
            until = sent[-cap.messages] + cap.period
            yield CapReached(named, count, until)
