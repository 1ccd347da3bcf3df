"""The console in the app: its pages, one line each, and the assets beside them."""

from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI
from fastapi.staticfiles import StaticFiles

from serving.console import (
    account,
    consent,
    drift,
    models,
    overview,
    quality,
    review,
    sign_in,
    sign_in_elsewhere,
    users_page,
)
from serving.console.error_pages import add_error_pages
from serving.console.guard import guard

_STATIC = Path(__file__).parent / "static"

console = APIRouter(include_in_schema=False, dependencies=[Depends(guard)])
# Each page of the console joins here: console.include_router(page.router).
console.include_router(overview.router)
console.include_router(quality.router)
console.include_router(consent.router)
console.include_router(drift.router)
console.include_router(models.router)
console.include_router(account.router)
console.include_router(review.router)
console.include_router(sign_in.router)
console.include_router(sign_in_elsewhere.router)
console.include_router(users_page.router)


def add_console(app: FastAPI) -> None:
    """Serve the console from `app`; before the pages, whose /static would hide ours."""
    app.include_router(console)
    app.mount("/static/console", StaticFiles(directory=_STATIC), "console")
    add_error_pages(app)
