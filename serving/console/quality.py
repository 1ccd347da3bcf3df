"""The Quality page: what a fair sample of decisions says, with its intervals."""

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request, Response

from serving.api.replies import Running
from serving.console.quality_export import design_csv, rates_csv
from serving.console.quality_filters import PERIODS, QualityFilters, read_filters
from serving.console.quality_view import QualityView, read_view, weekly_charts
from serving.console.shell import SignedIn, show
from serving.service import Service
from serving.store.database import reading

router = APIRouter(prefix="/console/quality", include_in_schema=False)

_EXPORTS: Mapping[str, Callable[[QualityView], str]] = {
    "rates": lambda view: rates_csv(view.quality),
    "design": lambda view: design_csv(view.gathered),
}


@router.get("")
async def page(request: Request, service: Running, viewer: SignedIn) -> Response:
    """Show every published rate of some days, of one program or bundle or all."""
    filters = read_filters(request.query_params)
    view = await asyncio.to_thread(_read, service, filters)
    context = {
        "filters": filters,
        "periods": PERIODS,
        "programs": service.intake.setup.programs.by_id,
        "live": service.live.bundle_id,
        "view": view,
        "weekly": weekly_charts(view.quality) if view else [],
    }
    return show(request, viewer, "quality.html", context)


@router.get("/{name}.csv")
async def export(
    request: Request, service: Running, _viewer: SignedIn, name: str
) -> Response:
    """Give what the page shows as a file."""
    if name not in _EXPORTS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    view = await asyncio.to_thread(_read, service, read_filters(request.query_params))
    if view is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, "Nothing was drawn yet.")
    file = f"{name}-{view.first}-to-{view.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    content = _EXPORTS[name](view)
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _read(service: Service, filters: QualityFilters) -> QualityView | None:
    with reading(service.engine) as connection:
        return read_view(connection, filters, service.live.rules.policy)
