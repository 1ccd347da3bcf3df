"""The simulator at `/`, and the assets that pages share."""

from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

from serving.api.replies import Running
from serving.pages.samples import SAMPLES
from serving.routing.decision import REASONS

_HERE = Path(__file__).parent
_TEMPLATES = Jinja2Templates(_HERE / "templates")
_HEADERS = {
    # Nothing from other hosts, nothing inline, nowhere framed.
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

router = APIRouter(include_in_schema=False)


@router.get("/", response_class=HTMLResponse)
async def simulator(request: Request, service: Running) -> Response:
    """Show the simulator."""
    live = service.live
    context = {
        "samples": SAMPLES,
        "bundle": live.bundle_id,
        "manifest": live.bundle.manifest,
        "brand": live.rules.policy.values.get("brand", "The brand"),
        "thresholds": dict(live.rules.thresholds),
        "reasons": {code.value: text for code, text in REASONS.items()},
    }
    return _TEMPLATES.TemplateResponse(
        request, "simulator.html", context, headers=_HEADERS
    )


@router.get("/docs", response_class=HTMLResponse)
async def docs(request: Request) -> HTMLResponse:
    """Show the interactive description of the API, from assets of our own."""
    return get_swagger_ui_html(
        openapi_url="openapi.json",
        title=f"{request.app.title}: API",
        swagger_js_url="static/vendor/swagger-ui-bundle.js",
        swagger_css_url="static/vendor/swagger-ui.css",
        swagger_favicon_url="static/favicon.svg",
    )


def add_pages(app: FastAPI) -> None:
    """Serve the pages and their assets from `app`."""
    app.include_router(router)
    app.mount("/static", StaticFiles(directory=_HERE / "static"), "static")
