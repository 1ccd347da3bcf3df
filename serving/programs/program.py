"""One program: a brand that texts people from some numbers, by its own rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import PurePath
from zoneinfo import ZoneInfo

from serving.programs.number import Number, is_toll_free
from serving.programs.team_hours import team_hours
from serving.routing.hours import Hours


class Provider(StrEnum):
    """Who carries the messages, and how its webhooks are proven.

    `vonage` is the SMS API signed by HMAC-SHA256, `vonage_…` by another method of the
    account; `sinch_basic` proves itself by a password; `generic` is JSON signed by
    Standard Webhooks.
    """

    TWILIO = "twilio"
    TELNYX = "telnyx"
    VONAGE = "vonage"
    VONAGE_MD5 = "vonage_md5"
    VONAGE_MD5HASH = "vonage_md5hash"
    VONAGE_SHA1 = "vonage_sha1"
    VONAGE_SHA512 = "vonage_sha512"
    VONAGE_MESSAGES = "vonage_messages"
    PLIVO = "plivo"
    BANDWIDTH = "bandwidth"
    SINCH = "sinch"
    SINCH_BASIC = "sinch_basic"
    AWS = "aws"
    GENERIC = "generic"


class StopConfirmer(StrEnum):
    """Which side sends the one message after an opt-out."""

    US = "us"
    PROVIDER = "provider"


class ConsentScope(StrEnum):
    """What a person can agree to or leave by itself."""

    MARKETING = "marketing"
    TRANSACTIONAL = "transactional"


@dataclass(frozen=True, slots=True)
class FrequencyCap:
    """At most `messages` marketing messages in any stretch of `period`."""

    messages: int
    period: timedelta


@dataclass(frozen=True, slots=True)
class Support:
    """How a person reaches somebody; one of the two at least.

    Attributes:
        email: an address.
        phone: E.164.
    """

    email: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class HelpFacts:
    """What help must say in one language, word for word.

    Attributes:
        frequency: how often we text ("Up to 6 msgs/month").
        rates: what it may cost ("Msg & data rates may apply").
    """

    frequency: str
    rates: str


@dataclass(frozen=True, slots=True)
class SecretNames:
    """Where the provider's secrets are, never what they are.

    The first is the one in use; the others hold while one is rotated.
    """

    environment: tuple[str, ...]
    files: tuple[PurePath, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """One program of `programs.yaml`.

    Attributes:
        program_id: its key in the file, part of the webhook's address.
        brand: the name people know.
        name: the program's own name, for the record and for help.
        numbers: what it sends from.
        provider: who carries its messages.
        public_url: where the provider believes it sends webhooks: scheme, host, port
            and path prefix, without a slash at the end. Signatures are made over it.
        secrets: where the provider's secrets are found.
        accounts: accounts, profiles, applications or topics that its webhooks may be
            of; none named means any that the secrets vouch for.
        support: whom a person can reach.
        country: ISO 3166; how national numbers are read, and where a contact is taken
            to be of whom nothing is known.
        hours: when people are there to answer, in its own zone.
        languages: ISO 639-1, the default first.
        stop_confirmer: who confirms an opt-out, toll-free numbers aside.
        scopes: what it has consent for.
        help_facts: what help must say, by language.
        revoke_all: an opt-out from one scope closes them all.
        frequency_cap: its own limit of marketing messages; None for none.
        answers_in_quiet_hours: an answer to a person's question may go out at night.
    """

    program_id: str
    brand: str
    name: str
    numbers: tuple[Number, ...]
    provider: Provider
    public_url: str
    secrets: SecretNames
    accounts: frozenset[str]
    support: Support
    country: str
    hours: Hours
    languages: tuple[str, ...]
    stop_confirmer: StopConfirmer
    scopes: frozenset[ConsentScope]
    help_facts: Mapping[str, HelpFacts]
    revoke_all: bool
    frequency_cap: FrequencyCap | None
    answers_in_quiet_hours: bool

    @property
    def zone(self) -> ZoneInfo:
        """Where the program itself is."""
        return self.hours.zone

    def confirmer_of(self, sender: str) -> StopConfirmer:
        """Return who confirms an opt-out that came to `sender` (canonical).

        On a toll-free number the network does, whatever the program says.
        """
        return StopConfirmer.PROVIDER if is_toll_free(sender) else self.stop_confirmer

    def values(self) -> dict[str, str]:
        """Return what templates may say of the program, by variable."""
        told = {
            "brand": self.brand,
            "program": self.name,
            "support": self.support.email or self.support.phone or "",
        }
        for language, words in team_hours(self.hours).items():
            told[f"team_hours_{language}"] = words
        for language, facts in self.help_facts.items():
            told[f"frequency_{language}"] = facts.frequency
            told[f"rates_{language}"] = facts.rates
        return told
