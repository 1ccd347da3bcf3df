"""The HTTP application."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from types import MappingProxyType
from typing import Any, TypedDict

from fastapi import FastAPI
from starlette.types import ASGIApp

from serving.access.access_settings import AccessSettings
from serving.access.gate import Gate
from serving.access.guard import Guard
from serving.access.key_ring import KeyRing
from serving.access.rates import Rates
from serving.access.refusal import add_access_handlers
from serving.access.security_headers import SecurityHeaders
from serving.access.time_limits import TimeLimits
from serving.api.events import router as events
from serving.api.handoffs import router as handoffs
from serving.api.inbound import router as inbound
from serving.api.operations import router as operations
from serving.api.replies import router as api
from serving.api.sends import router as sends
from serving.console.door import Door
from serving.console.routes import add_console
from serving.edge.certificates import Remembered, get
from serving.edge.doors import make_doors
from serving.edge.edge import Edge
from serving.limits import BodyLimit
from serving.pages.routes import add_pages
from serving.problems import MEDIA_TYPE, add_problem_handlers
from serving.service import Service

Fetch = Callable[[str], bytes]
NO_ENVIRONMENT: Mapping[str, str] = MappingProxyType({})


class State(TypedDict):
    """What the lifespan hands to every request."""

    service: Service
    edge: Edge
    gate: Gate
    door: Door


class Api(FastAPI):
    """FastAPI, but errors are described under the media type that they come in."""

    tls_in_front: bool = False

    def openapi(self) -> dict[str, Any]:
        """Return the description of the API."""
        document = super().openapi()
        for calls in document["paths"].values():
            for call in calls.values():
                for answer in call["responses"].values():
                    content = answer.get("content", {})
                    if MEDIA_TYPE in content and "application/json" in content:
                        content[MEDIA_TYPE] = content.pop("application/json")
        return document

    def build_middleware_stack(self) -> ASGIApp:
        """Return the stack, dressed: what fails unexpectedly has the headers too."""
        stack = super().build_middleware_stack()
        return SecurityHeaders(stack, tls_in_front=self.tls_in_front)


def create_app(
    start: Callable[[], Service],
    environ: Mapping[str, str] = NO_ENVIRONMENT,
    fetch: Fetch = get,
) -> FastAPI:
    """Return the application.

    Args:
        start: is called once, when serving begins.
        environ: where the secrets of the programs and the settings of access are.
        fetch: gets what lies at an https address; OSError where nothing does.

    Raises:
        SettingsError: a setting of access or of the console cannot be meant.
    """
    settings = AccessSettings.from_environment(environ)
    door = Door.from_environment(environ)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[State]:
        service = start()
        rates = Rates(
            anonymous_per_minute=settings.anonymous_per_minute,
            webhooks_per_minute=settings.webhooks_per_minute,
        )
        gate = Gate(KeyRing(service.engine), rates, now=service.intake.now)
        try:
            programs = service.intake.setup.programs
            doors = make_doors(programs, environ, Remembered(fetch))
            edge = Edge(
                service,
                doors,
                fetch,
                within_rate=lambda program_id: rates.webhook(program_id) is None,
            )
            yield {"service": service, "edge": edge, "gate": gate, "door": door}
        finally:
            gate.close()
            service.close()

    app = Api(
        title="replywise",
        version=version("replywise"),
        summary="Reads replies to a brand's text messages and decides what happens.",
        lifespan=lifespan,
        # Their pages load scripts from other hosts; ours is in serving/pages.
        docs_url=None,
        redoc_url=None,
    )
    app.tls_in_front = settings.tls_in_front
    # The last one added is asked first.
    app.add_middleware(BodyLimit)
    app.add_middleware(Guard)
    app.add_middleware(
        TimeLimits,
        body_seconds=settings.body_seconds,
        request_seconds=settings.request_seconds,
    )
    add_problem_handlers(app)
    add_access_handlers(app)
    for router in (api, events, handoffs, inbound, sends, operations):
        app.include_router(router)
    add_console(app)
    add_pages(app)
    return app
