"""What every provider must be able to do."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from model.errors import SettingsError
from serving.providers.inbound import Inbound, Received
from serving.providers.webhook import Webhook


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a program trusts of its provider.

    Attributes:
        keys: tokens, keys or `user:password` pairs; more than one while a key is being
            changed. The first is not special. AWS needs none.
        accounts: accounts, profiles, applications or topics that a webhook may be of;
            none given means any that the keys vouch for. Plivo and Sinch name none in
            their webhooks: there the key is the account. AWS needs one at least.

    Raises SettingsError for a blank key: anyone can sign with that.
    """

    keys: tuple[str, ...] = field(default=(), repr=False)
    accounts: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse what would let everyone in."""
        if not all(key.strip() for key in self.keys):
            raise SettingsError("A provider's key is blank; give the key, or none.")
        if not self.keys and not self.accounts:
            raise SettingsError("A provider has neither key nor account; give one.")


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The answer to a webhook."""

    status: int
    content_type: str | None = None
    body: bytes = b""


class Provider(Protocol):
    """One provider's webhooks.

    Attributes:
        name: as configuration and idempotency keys call it.
        answers: whether the answer to a webhook may hold the words to send.
        fetches: whether `verify` may have to fetch something from elsewhere first.
    """

    @property
    def name(self) -> str:  # noqa: D102 - above
        ...

    @property
    def answers(self) -> bool:  # noqa: D102 - above
        ...

    @property
    def fetches(self) -> bool:  # noqa: D102 - above
        ...

    def check(self, secrets: Secrets) -> None:
        """Raise SettingsError where `secrets` cannot be this provider's."""

    def verify(self, webhook: Webhook, secrets: Secrets, now: datetime) -> None:
        """Raise Refused unless the provider sent this to us; `now` is aware."""

    def read(self, webhook: Webhook) -> tuple[Received, ...]:
        """Return what a verified webhook says, never an empty tuple.

        Raises Refused (malformed, naming the field) for what is not to be understood.
        """

    def acknowledge(
        self, words: str | None = None, inbound: Inbound | None = None
    ) -> Acknowledgement:
        """Return the answer, with `words` to `inbound` where the provider sends them.

        Raises ValueError for words where `answers` is false: they would be lost.
        """


def need_keys(name: str, secrets: Secrets) -> None:
    """Raise SettingsError where `secrets` hold no key."""
    if not secrets.keys:
        raise SettingsError(f"{name} needs a key to check its webhooks; give one.")


def no_words(name: str, words: str | None) -> Acknowledgement:
    """Return the empty answer of a provider that sends no words of it."""
    if words is not None:
        raise ValueError(f"{name} sends nothing of an answer; use its send call")
    return Acknowledgement(204)
