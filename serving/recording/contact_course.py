"""What is known of a contact when a reply comes, and what the decision leaves of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from serving.ledger.event import Entry
from serving.programs.number import is_toll_free
from serving.programs.program import Program, StopConfirmer
from serving.recording.arrival import Arrival
from serving.recording.standing import routing_consent, superseded
from serving.routing.decision import Action, ConsentChange, Decision, ReasonCode
from serving.routing.situation import Consent, Situation
from serving.store.contacts import Contact

_HOUR = timedelta(hours=1)
_ANSWERED_WITHIN = timedelta(days=1)
"""A "yes" that comes later is to something else; a person reads it."""


def this_hour(contact: Contact, moment: datetime) -> Contact:
    """Return the contact with its automatic words of the hour of `moment`."""
    # In both directions: a clock that ran ahead must not freeze the count.
    if abs(moment - contact.hour_began_at) < _HOUR:
        return contact
    return replace(contact, hour_began_at=moment, hour_replies=0)


def situation_of(
    arrival: Arrival, contact: Contact, entries: Sequence[Entry], program: Program
) -> Situation:
    """Return what `decide()` is told of the contact; `entries` are of its number."""
    return Situation(
        consent=routing_consent(entries, program),
        owner=arrival.owner,
        last_message=arrival.last_message,
        asked_opt_out=contact.asked_opt_out,
        question_closed=not _just_asked(contact, arrival.received_at),
        automatic_replies=contact.hour_replies,
        language=arrival.language,
        provider_verdict=arrival.provider_verdict,
        provider_confirms=_provider_confirms(arrival, program),
        superseded=superseded(entries, program, arrival.received_at),
        open_now=program.hours.open_at(arrival.received_at),
        variables={**program.values(), **arrival.variables},
    )


def _provider_confirms(arrival: Arrival, program: Program) -> bool:
    if program.confirmer_of(arrival.sender) is not StopConfirmer.PROVIDER:
        return False
    # A toll-free network knows none of the other words.
    return not is_toll_free(arrival.sender) or arrival.text.strip().lower() == "stop"


def _just_asked(contact: Contact, moment: datetime) -> bool:
    asked = contact.asked_opt_out_at
    return asked is not None and asked <= moment <= asked + _ANSWERED_WITHIN


def after(contact: Contact, decision: Decision, moment: datetime) -> Contact:
    """Return the contact as the decision leaves it."""
    if decision.reply is not None:
        contact = replace(contact, hour_replies=contact.hour_replies + 1)
    if decision.consent is not None:
        opted_out = decision.consent is ConsentChange.OPT_OUT
        contact = replace(
            contact,
            consent=Consent.OPTED_OUT if opted_out else Consent.SUBSCRIBED,
            consent_changed_at=moment,
            asked_opt_out=False,
        )
    asked = decision.action is Action.ASK and (
        decision.reasons[0].code is ReasonCode.OPT_OUT_UNSURE
    )
    return replace(
        contact,
        asked_opt_out=contact.asked_opt_out or asked,
        asked_opt_out_at=moment if asked else None,
    )
