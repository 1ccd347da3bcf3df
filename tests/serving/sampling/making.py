"""Decisions of a day as the service writes them, and strata to sort them into."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st

from serving.reviews.verdict import ReviewKind, Verdict
from serving.sampling.design import Costs, Design
from serving.sampling.stratum import ANY, Stratum
from serving.store.database import writing
from serving.store.review_tables import reviews
from serving.store.tables import decisions

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
DAY = timedelta(days=1)
COSTS = Costs(usual=8.0, dear=14.0, escalation=2.3, opt_out=16.0)
DESIGN = Design(
    per_day=40, double=0.25, costs=COSTS, dear_intents=("refund",), seed="0f" * 16
)

strata = st.builds(
    Stratum,
    done=st.sampled_from(["answered", "escalated", "opted_out"]),
    by=st.sampled_from(["model", "keyword"]),
    stake=st.sampled_from(["usual", "dear", ANY]),
    band=st.sampled_from(["0-0.5", "0.5-0.9", "0.98-1", ANY]),
    program=st.sampled_from(["acme", "other", "third", ANY]),
)
counts = st.dictionaries(strata, st.integers(1, 3_000), min_size=1, max_size=40)


def row(number: int, at: datetime, **columns: object) -> dict[str, object]:
    """Return a decision of the model that answered; `columns` stand in for others."""
    return {
        "message_id": f"m{number}",
        "decision_id": f"d{number}",
        "conversation_id": f"c{number}",
        "received_at": at,
        "recorded_at": at,
        "bundle": "sha256:a",
        "inputs": "{}",
        "decision": "{}",
        "program": "acme",
        "intent": "store_info",
        "confidence": 0.99,
        "decided_by": "model",
        "action": "reply",
        "consent": None,
        **columns,
    }


def add(engine: sa.Engine, rows: Sequence[dict[str, object]]) -> None:
    """Record decisions."""
    with writing(engine) as connection:
        connection.execute(sa.insert(decisions), list(rows))


def a_day(engine: sa.Engine, start: datetime = MIDNIGHT, *, of: int = 400) -> None:
    """Record a day: four in ten escalated, one in ten opted out, the rest answered."""
    kinds: list[dict[str, object]] = [
        {},
        {"confidence": 0.97},
        {"intent": "refund"},
        {"program": "other"},
        {},
        {"action": "escalate", "confidence": 0.7},
        {"action": "escalate", "confidence": 0.3, "program": "other"},
        {"action": "escalate", "confidence": 0.95},
        {"action": "escalate", "confidence": 0.95},
        {
            "decided_by": "keyword",
            "consent": "opt_out",
            "intent": "opt_out",
            "confidence": 1.0,
        },
    ]
    first = int(start.timestamp())
    add(
        engine,
        [
            row(first + n, start + DAY * n / of, **kinds[n % len(kinds)])
            for n in range(of)
        ],
    )


def finding(
    decision_id: str,
    verdict: Verdict,
    *,
    user: str = "u1",
    kind: ReviewKind = ReviewKind.DRAWN,
    minute: int = 0,
    undone: bool = False,
) -> dict[str, object]:
    """Return a review as the store has it."""
    at = MIDNIGHT + 2 * DAY + timedelta(minutes=minute)
    return {
        "review_id": f"r-{decision_id}-{user}-{kind}-{minute}",
        "decision_id": decision_id,
        "user_id": user,
        "kind": kind.value,
        "verdict": verdict.value,
        "note": "",
        "reviewed_at": at,
        "undone_at": at if undone else None,
    }


def review(engine: sa.Engine, *findings: dict[str, object]) -> None:
    """Record reviews."""
    with writing(engine) as connection:
        connection.execute(sa.insert(reviews), list(findings))


def writer(engine: sa.Engine) -> Callable[[Callable[[sa.Connection], Any]], Any]:
    """Return what runs a short transaction."""

    def write(work: Callable[[sa.Connection], Any]) -> Any:
        with writing(engine) as connection:
            return work(connection)

    return write
