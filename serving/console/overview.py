"""The Overview page: what came in, what was done with it, who waits."""

import asyncio
from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request, Response

from serving.api.replies import Running
from serving.console.overview_charts import charts
from serving.console.overview_export import (
    EXPORTS,
    MEDIA_TYPES,
    parquet_is_there,
    written,
)
from serving.console.overview_figures import Figures, read_figures
from serving.console.overview_filters import PERIODS, Filters, read_filters
from serving.console.overview_summary import headline
from serving.console.overview_words import share, wait
from serving.console.shell import SignedIn, show
from serving.service import Service
from serving.store.database import reading

router = APIRouter(prefix="/console/overview", include_in_schema=False)


@router.get("")
async def page(request: Request, service: Running, viewer: SignedIn) -> Response:
    """Show the figures of a period, of one program or all."""
    now = service.intake.now()
    filters = _filters(request, service, now)
    figures = await asyncio.to_thread(_read, service, filters, now)
    context = {
        "filters": filters,
        "figures": figures,
        "programs": service.intake.setup.programs.by_id,
        "periods": PERIODS,
        "headline": headline(figures),
        "charts": charts(figures, filters),
        "exports": {name: what for name, (what, _) in EXPORTS.items()},
        "parquet": parquet_is_there(),
        "share": share,
        "wait": wait,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if filters.problem else HTTPStatus.OK
    return show(request, viewer, "overview.html", context, status)


@router.get(".{form}")
async def export(
    request: Request, service: Running, _viewer: SignedIn, form: str
) -> Response:
    """Give what the page shows as a file."""
    name = request.query_params.get("of", "replies")
    if form not in MEDIA_TYPES or name not in EXPORTS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    if form == "parquet" and not parquet_is_there():
        problem = "Parquet needs an extra here: pip install 'replywise[parquet]'."
        raise HTTPException(HTTPStatus.NOT_IMPLEMENTED, problem)
    now = service.intake.now()
    filters = _filters(request, service, now)
    if filters.problem:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, filters.problem)
    content = await asyncio.to_thread(_exported, service, filters, now, name, form)
    file = f"{name}-{filters.period.start:%Y-%m-%d}-{filters.choice}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)


def _filters(request: Request, service: Service, now: datetime) -> Filters:
    programs = service.intake.setup.programs.by_id
    return read_filters(request.query_params, programs, now)


def _read(service: Service, filters: Filters, now: datetime) -> Figures:
    with reading(service.engine) as connection:
        return read_figures(connection, filters, now)


def _exported(
    service: Service, filters: Filters, now: datetime, name: str, form: str
) -> bytes:
    _, read = EXPORTS[name]
    with reading(service.engine) as connection:
        rows = read(connection, filters, now)
    return written(rows, form)
