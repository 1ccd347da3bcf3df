"""Health and metrics, for whoever runs the service."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.responses import JSONResponse

from serving.access.caller import Caller
from serving.access.needs import needs
from serving.access.scope import Scope as AccessScope
from serving.api.replies import ACCESS, Running, problems

router = APIRouter(tags=["operate"])


class Readiness(BaseModel):
    """Whether the service can decide."""

    ready: bool
    bundle: str
    store: str


@router.get("/healthz", summary="The process is alive")
async def healthz() -> dict[str, str]:
    """Answer without looking at anything: restarting would mend nothing else."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    summary="Able to decide",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "What is not ready, by name."}},
)
async def readyz(service: Running) -> JSONResponse:
    """Check the bundle in use and the store."""
    store = await service.store_answers()
    state = Readiness(
        ready=store,
        bundle=service.live.bundle_id,
        store="ok" if store else "cannot be reached",
    )
    status = HTTPStatus.OK if store else HTTPStatus.SERVICE_UNAVAILABLE
    return JSONResponse(state.model_dump(), status)


@router.get(
    "/metrics",
    summary="Prometheus metrics",
    response_class=Response,
    responses=problems(*ACCESS),
)
async def metrics(
    service: Running, _caller: Annotated[Caller, Depends(needs(AccessScope.METRICS))]
) -> Response:
    """Return the metrics in Prometheus' text format."""
    return Response(
        generate_latest(service.metrics.registry), media_type=CONTENT_TYPE_LATEST
    )
