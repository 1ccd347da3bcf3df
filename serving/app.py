"""The HTTP application."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any, TypedDict

from fastapi import FastAPI

from serving.api import router as api
from serving.limits import BodyLimit
from serving.operations import router as operations
from serving.pages.routes import add_pages
from serving.problems import MEDIA_TYPE, add_problem_handlers
from serving.service import Service


class State(TypedDict):
    """What the lifespan hands to every request."""

    service: Service


class Api(FastAPI):
    """FastAPI, but errors are described under the media type that they come in."""

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


def create_app(start: Callable[[], Service]) -> FastAPI:
    """Return the application; `start` is called once, when serving begins."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[State]:
        service = start()
        try:
            yield {"service": service}
        finally:
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
    app.add_middleware(BodyLimit)
    add_problem_handlers(app)
    app.include_router(api)
    app.include_router(operations)
    add_pages(app)
    return app
