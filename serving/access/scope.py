"""What a caller may be allowed to do."""

from enum import StrEnum


class Scope(StrEnum):
    """One kind of call. None of them includes another."""

    ROUTE = "route"
    """Hand replies in and get decisions."""
    CLASSIFY = "classify"
    """Read texts with the classifier; nothing is recorded."""
    SENDS = "sends"
    """Ask whether a message may be sent."""
    EVENTS = "events"
    """Hand in what providers and other systems know of consent."""
    HANDOFFS = "handoffs"
    """Tell that a person took or closed a conversation."""
    LEDGER = "ledger"
    """Read the consent ledger and export evidence."""
    ADMIN = "admin"
    """Change what the deployment does."""
    METRICS = "metrics"
    """Read the metrics."""
