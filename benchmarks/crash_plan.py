"""What is sent while the service is killed: the same for the same seed."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from benchmarks.twilio import message_sid

OPT_OUTS = ("STOP", "stop", "Unsubscribe", "OPT OUT", "stop all", "QUIT", "Stop.")
OTHERS = (
    *("HELP", "info", "Help?", "START", "👍", "ok", "thanks!", "yes", "no"),
    *("what time do you open", "where is my order", "can I change my appointment"),
)
OPT_OUT_SHARE, AGAIN_SHARE, ALIKE_SHARE = 0.05, 0.05, 0.03
MESSAGES_A_CONTACT = 4
AWAY = 40
"""How many places a message may come before or after its turn."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One delivery.

    Attributes:
        sid: the message's id; a message that is delivered again keeps it.
        number: who wrote.
        text: what was written.
        opt_out: it asks to stop, in words that a rule knows.
        of: the sid of the message that this one is; another than `sid` where the
            provider brings one message under two ids.
    """

    sid: str
    number: str
    text: str
    opt_out: bool
    of: str


def plan(messages: int, seed: int) -> list[tuple[Sent, ...]]:
    """Return what is sent, in order; what stands together is sent at one time.

    Nobody opts out twice and no text of a contact comes twice, so that what must be
    found afterwards is known beforehand. `messages` counts them once, whatever is
    delivered again.
    """
    chance = random.Random(seed)  # noqa: S311 - a plan, no secret
    turns: list[tuple[float, tuple[Sent, ...]]] = []
    said: dict[int, set[str]] = {}
    for number in range(messages):
        # Near each other, so that they meet in the service.
        contact = number // MESSAGES_A_CONTACT
        before = said.setdefault(contact, set())
        text, opt_out = _words(chance, before)
        before.add("opt out" if opt_out else text)
        sid = message_sid(f"{seed}-{number}")
        sent = Sent(sid, _number(contact), text, opt_out, sid)
        turn = number + chance.uniform(0, AWAY)
        turns.append((turn, (sent, *_alike(chance, sent))))
        if chance.random() < AGAIN_SHARE:
            turns.append((number + chance.uniform(0, 2 * AWAY), (sent,)))
    return [group for _, group in sorted(turns, key=lambda pair: pair[0])]


def kill_at(deliveries: int, kills: int, seed: int) -> list[int]:
    """Return at which deliveries the service is killed, in order."""
    chance = random.Random(seed + 1)  # noqa: S311 - as above
    # Not in the very first and last ones: there must be something to lose.
    return sorted(chance.randint(deliveries // 50, deliveries) for _ in range(kills))


def planned(groups: Sequence[tuple[Sent, ...]]) -> dict[str, Sent]:
    """Return each message that is sent, by its id."""
    return {sent.sid: sent for group in groups for sent in group}


def _words(chance: random.Random, said: set[str]) -> tuple[str, bool]:
    if "opt out" not in said and chance.random() < OPT_OUT_SHARE:
        return chance.choice(OPT_OUTS), True
    return chance.choice([text for text in OTHERS if text not in said]), False


def _alike(chance: random.Random, sent: Sent) -> Iterator[Sent]:
    """Yield the same message under another id, now and then."""
    if chance.random() < ALIKE_SHARE:
        yield replace(sent, sid=message_sid(f"{sent.sid} again"))


def _number(contact: int) -> str:
    return f"+1{212 + contact // 10_000}555{contact % 10_000:04d}"
