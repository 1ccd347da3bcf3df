"""The answer to "may we send?", and its grounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SendReasonCode(StrEnum):
    """Why a message may go out or not. Stable: programs may branch on these."""

    CONSENT_CLOSED = "consent_closed"
    NO_CONSENT = "no_consent"
    SCOPE_NOT_OFFERED = "scope_not_offered"
    QUIET_HOURS = "quiet_hours"
    NEVER_OPEN = "never_open"
    FREQUENCY_CAP = "frequency_cap"
    PERSON_OWNS = "person_owns"
    NOTHING_TO_CONFIRM = "nothing_to_confirm"
    ALREADY_CONFIRMED = "already_confirmed"
    CONFIRMATION_LATE = "confirmation_late"
    PROVIDER_CONFIRMS = "provider_confirms"
    WRONG_NUMBER = "wrong_number"
    PROVIDER_SUPPRESSED = "provider_suppressed"
    TOLL_FREE_SILENT = "toll_free_silent"
    CONSENT_COVERS = "consent_covers"
    CONFIRMS_OPT_OUT = "confirms_opt_out"
    ASKED_FOR = "asked_for"
    WINDOW_OPEN = "window_open"
    ANY_HOUR = "any_hour"


SEND_REASONS: Mapping[SendReasonCode, str] = {
    SendReasonCode.CONSENT_CLOSED: "The person has opted out.",
    SendReasonCode.NO_CONSENT: "No consent is on record, and this needs one.",
    SendReasonCode.SCOPE_NOT_OFFERED: "The program asks for no consent of this scope.",
    SendReasonCode.QUIET_HOURS: "It is too early, too late or a day of rest somewhere "
    "the person can be.",
    SendReasonCode.NEVER_OPEN: "The windows of the places where the person can be do "
    "not meet within two weeks; learn their zone or state.",
    SendReasonCode.FREQUENCY_CAP: "The person got as many messages as are allowed.",
    SendReasonCode.PERSON_OWNS: "A person of the team owns the conversation.",
    SendReasonCode.NOTHING_TO_CONFIRM: "No opt-out is open that could be confirmed.",
    SendReasonCode.ALREADY_CONFIRMED: "The one confirmation has been sent.",
    SendReasonCode.CONFIRMATION_LATE: "The opt-out is older than five minutes.",
    SendReasonCode.PROVIDER_CONFIRMS: "The provider or the network confirms it.",
    SendReasonCode.WRONG_NUMBER: "The number is not our customer's.",
    SendReasonCode.PROVIDER_SUPPRESSED: "The provider blocks the number.",
    SendReasonCode.TOLL_FREE_SILENT: "From a toll-free number whoever opted out hears "
    "nothing until START, not even help.",
    SendReasonCode.CONSENT_COVERS: "The person agreed to messages of this kind.",
    SendReasonCode.CONFIRMS_OPT_OUT: "The one message that may follow an opt-out.",
    SendReasonCode.ASKED_FOR: "The person asked for it by writing to us.",
    SendReasonCode.WINDOW_OPEN: "Every window is open wherever the person can be.",
    SendReasonCode.ANY_HOUR: "Messages of this kind may go out at any hour.",
}
"""What each code means, for the API's description and for people."""


@dataclass(frozen=True, slots=True)
class SendReason:
    """One ground; `detail` never holds the person's number or words."""

    code: SendReasonCode
    detail: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a message may go out.

    Attributes:
        allowed: at the moment that was asked about.
        from_when: the first moment (UTC) from the one asked about at which it may go
            out if nothing else happens; None where no moment will make it allowed.
        until: the first moment (UTC) after `from_when` at which it may not any more;
            None where time alone does not end it.
        reasons: never empty. Where it may not go out, every ground against it; where
            it may, what for.
        covered_by: the consent event that covers it; None where none is needed or none
            does.
    """

    allowed: bool
    from_when: datetime | None
    until: datetime | None
    reasons: tuple[SendReason, ...]
    covered_by: str | None
