"""Current consent, derived from events alone; pure.

The answer depends on what happened and when it happened, never on the order in which
we heard of it. A revocation wins: over everything in the same message, at the same
moment, and over every opt-in but a later-dated one. An opt-in dated later than it
reached us counts from when it reached us, so that no clock that runs ahead lifts an
opt-out that is still to come; a revocation counts as it is dated.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from serving.ledger.event import ConsentEvent, Entry, Kind, Scope

REVOKES = frozenset({Kind.OPT_OUT, Kind.WRONG_PARTY, Kind.ERASED})
"""What suppresses. An erasure does: the proof of any consent went with it."""

CLASSES = (Scope.MARKETING, Scope.TRANSACTIONAL)
"""The scopes that hold no other."""


class Standing(StrEnum):
    """Where a person stands."""

    OPTED_IN = "opted_in"
    OPTED_OUT = "opted_out"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ScopeConsent:
    """Consent to one scope.

    Attributes:
        standing: where the person stands; UNKNOWN where nothing was ever said.
        entry: the entry that it rests on: the latest opt-in, or the first revocation
            that no later opt-in lifted, from which deadlines run.
    """

    standing: Standing
    entry: Entry | None = None

    @property
    def since(self) -> datetime | None:
        """Since when, by the provider's clock."""
        return self.entry.event.occurred_at if self.entry else None


@dataclass(frozen=True, slots=True)
class CurrentConsent:
    """Consent of one number to one program."""

    marketing: ScopeConsent
    transactional: ScopeConsent

    def of(self, scope: Scope) -> ScopeConsent:
        """Return the consent to `scope`; to all, the lesser of the two it holds."""
        if scope is Scope.MARKETING:
            return self.marketing
        if scope is Scope.TRANSACTIONAL:
            return self.transactional
        return min(self.marketing, self.transactional, key=_lesser)

    def suppressed(self, scope: Scope) -> bool:
        """Return whether a message of `scope` must not be sent."""
        return self.of(scope).standing is Standing.OPTED_OUT


def current_consent(
    entries: Collection[Entry], *, brand: str, program: str
) -> CurrentConsent:
    """Return the consent of the one number that `entries` are about to `program`.

    Events of other programs of the brand count where they revoke them all; the scope
    that they name is the scope that they revoke.
    """
    ours = [entry for entry in entries if entry.event.brand == brand]
    revoked = [
        entry
        for entry in ours
        if entry.event.kind in REVOKES
        and (entry.event.program == program or entry.event.revoke_all)
    ]
    messages = {_message(entry) for entry in revoked} - {None}
    granted = [
        entry
        for entry in ours
        if entry.event.kind is Kind.OPT_IN
        and entry.event.program == program
        and _message(entry) not in messages
    ]
    return CurrentConsent(*(_consent(granted, revoked, scope) for scope in CLASSES))


def counts_from(event: ConsentEvent) -> datetime:
    """Return from when a change of consent counts, whatever clock dated it."""
    if event.kind is Kind.OPT_IN:
        return min(event.occurred_at, event.received_at)
    return event.occurred_at


def programs_of(entries: Collection[Entry]) -> list[tuple[str, str]]:
    """Return the brands and programs that `entries` are about, sorted."""
    return sorted({(entry.event.brand, entry.event.program) for entry in entries})


def _consent(
    granted: Collection[Entry], revoked: Collection[Entry], scope: Scope
) -> ScopeConsent:
    opt_in = max((e for e in granted if _covers(e, scope)), key=_granted, default=None)
    lasting = [
        entry
        for entry in revoked
        if _covers(entry, scope)
        and (opt_in is None or entry.event.occurred_at >= _granted(opt_in)[0])
    ]
    if lasting:
        return ScopeConsent(Standing.OPTED_OUT, min(lasting, key=_revoked))
    if opt_in is not None:
        return ScopeConsent(Standing.OPTED_IN, opt_in)
    return ScopeConsent(Standing.UNKNOWN)


def _covers(entry: Entry, scope: Scope) -> bool:
    return entry.event.scope in {scope, Scope.ALL}


def _message(entry: Entry) -> tuple[str, str] | None:
    event = entry.event
    if event.provider_message_id is None:
        return None
    return event.provider or "", event.provider_message_id


# Ids settle a draw, so that the order of arrival never does.
def _granted(entry: Entry) -> tuple[datetime, str]:
    return counts_from(entry.event), entry.event_id


def _revoked(entry: Entry) -> tuple[datetime, str]:
    return counts_from(entry.event), entry.event_id


def _lesser(consent: ScopeConsent) -> tuple[int, float]:
    order = (Standing.OPTED_OUT, Standing.UNKNOWN, Standing.OPTED_IN)
    since = consent.since
    return order.index(consent.standing), since.timestamp() if since else 0.0
