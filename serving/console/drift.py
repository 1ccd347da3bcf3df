"""The Drift page: whether replies are still what the bundle was made for."""

import asyncio
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Request, Response

from serving.api.replies import Running
from serving.console.drift_charts import charts
from serving.console.shell import Role, Viewer, only, show
from serving.drift.days import DAY, kept_days
from serving.drift.drift_day import DriftDay
from serving.drift.in_words import day_in_words, findings, headline, percent
from serving.drift.judge import FEWEST_REPLIES, UNUSUAL
from serving.drift.usual import FEWEST
from serving.service import Service
from serving.store.database import reading

router = APIRouter(prefix="/console/drift", include_in_schema=False)

PERIODS = {"30": "30 days", "90": "90 days"}
"""How far back the page looks."""

SHOWN_DAYS = 14
"""Days whose findings stand on the page one by one."""


@router.get("")
async def page(
    request: Request,
    service: Running,
    viewer: Annotated[Viewer, only(Role.ANALYST, Role.ADMIN)],
) -> Response:
    """Show the last day in words, the measures over time, and what was new."""
    chosen = request.query_params.get("days", "")
    period = chosen if chosen in PERIODS else next(iter(PERIODS))
    days = await asyncio.to_thread(_read, service, timedelta(days=int(period)))
    last = days[-1] if days else None
    context = {
        "period": period,
        "periods": PERIODS,
        "last": last,
        "headline": headline(last) if last else "",
        "findings": findings(last) if last else [],
        "charts": charts(days),
        "unusual": [day for day in reversed(days) if day.unusual][:SHOWN_DAYS],
        "findings_of": findings,
        "day_in_words": day_in_words,
        "percent": percent,
        "fewest": FEWEST,
        "fewest_replies": FEWEST_REPLIES,
        "unusual_from": UNUSUAL,
        "stale": last is not None and _is_stale(service, last),
    }
    return show(request, viewer, "drift.html", context)


def _read(service: Service, back: timedelta) -> list[DriftDay]:
    today = service.intake.now().date()
    with reading(service.engine) as connection:
        return kept_days(connection, today - back, today)


def _is_stale(service: Service, last: DriftDay) -> bool:
    """Return whether yesterday should be known by now, and is not."""
    return last.day < service.intake.now().date() - 2 * DAY
