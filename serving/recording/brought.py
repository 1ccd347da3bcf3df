"""A message as a provider brought it to a program, before anything is decided."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import sqlalchemy as sa

from serving.providers.inbound import Inbound, Part, idempotency_key
from serving.providers.webhook import malformed
from serving.routing.keywords import Keyword, KeywordRole, Keywords
from serving.store.tables import contacts, messages_in

_SEVERAL = 2


@dataclass(frozen=True, slots=True)
class Brought:
    """A message as a provider brought it to a program.

    Attributes:
        inbound: the message.
        program_id: whom it was brought to.
        provider: who brought it.
        came_at: when, aware.
        keywords: of the bundle in use; a part that holds an opt-out does not wait.
    """

    inbound: Inbound
    program_id: str
    provider: str
    came_at: datetime
    keywords: Keywords

    @property
    def key(self) -> str:
        """What no other message has."""
        return self._hashed(idempotency_key(self.provider, self.inbound))

    @property
    def replay_key(self) -> str | None:
        """What one honest call has and no other; each sender counts for itself."""
        return replay_digest(self.program_id, self.provider, self.inbound.replay_key)

    @property
    def digest(self) -> str:
        """What two messages have in common that say the same to the same number."""
        inbound, part = self.inbound, self.part
        place = f"{part.reference}/{part.number}" if part else ""
        return self._hashed(inbound.sender, place, inbound.text)

    @property
    def part(self) -> Part | None:
        """Which part of a long message it is; None for a whole one."""
        part = self.inbound.part
        return part if part is not None and part.total >= _SEVERAL else None

    @property
    def part_name(self) -> str | None:
        """What the parts of one message have in common."""
        inbound, part = self.inbound, self.part
        if part is None:
            return None
        return self._hashed(
            self.provider, inbound.number, inbound.sender, part.reference
        )

    @property
    def sent_at(self) -> datetime:
        """When it was sent; never later than it came, whatever the clock says."""
        return min(self.inbound.sent_at or self.came_at, self.came_at)

    @property
    def keyword(self) -> Keyword | None:
        """The keyword that the text is or holds by itself, of a person who opted out.

        Whoever has not may mean another thing by "yes": `when_opted_out` tells.
        """
        return self.keywords.match(self.inbound.text, opted_out=True)

    @property
    def opts_out(self) -> bool:
        """Whether the text holds a plain opt-out."""
        keyword = self.keyword
        return keyword is not None and keyword.role is KeywordRole.OPT_OUT

    @property
    def verdict(self) -> str | None:
        """What the provider took it for and acted on, where that settles it.

        A "yes" that it took for START may answer a question of ours, and "help me find
        my order" says more than HELP: what it did is no answer to those.
        """
        told = self.inbound.opt_out_type
        keyword = self.keyword if told else None
        if told == "START" and keyword is not None and keyword.when_opted_out:
            return None
        if told == "HELP" and len(self.inbound.text.split()) > 1:
            asked = keyword is not None and keyword.role is KeywordRole.HELP
            return told if asked else None
        return told

    def row(self, leased_until: datetime) -> dict[str, object]:
        """Return the row of `messages_in`, which nobody has decided."""
        inbound, part = self.inbound, self.part
        return {
            "key": self.key,
            "program": self.program_id,
            "provider": self.provider,
            "message_id": inbound.message_id,
            "number": inbound.number,
            "sender": inbound.sender,
            "channel": inbound.channel,
            "text": inbound.text,
            "text_digest": self.digest,
            "media": inbound.media,
            "verdict": self.verdict,
            "replay_key": self.replay_key,
            "part": self.part_name,
            "part_number": part.number if part else None,
            "part_total": part.total if part else None,
            "sent_at": self.sent_at.astimezone(UTC),
            "received_at": self.came_at.astimezone(UTC),
            "leased_until": leased_until.astimezone(UTC),
            "decided_as": None,
        }

    def _hashed(self, *said: str) -> str:
        return _digest(self.program_id, *said)


def replay_digest(program_id: str, provider: str, replay_key: str | None) -> str | None:
    """Return what stands for a `replay_key` in the store; None for none."""
    return None if replay_key is None else _digest(program_id, provider, replay_key)


def need_room(inbound: Inbound) -> None:
    """Raise Refused for what no store can hold; it would be refused for ever.

    SQLite holds anything; PostgreSQL counts.
    """
    for name, said, column in (
        ("message id", inbound.message_id, messages_in.c.message_id),
        ("number", inbound.number, contacts.c.number),
        ("sender", inbound.sender, contacts.c.sender),
        ("channel", inbound.channel, messages_in.c.channel),
    ):
        assert isinstance(column.type, sa.String)  # noqa: S101 - as they are made
        most = column.type.length or 0
        if len(said) > most:
            raise malformed(name, f"{most} characters at most")


def _digest(*said: str) -> str:
    return sha256("\n".join(said).encode("utf-8", "surrogatepass")).hexdigest()
