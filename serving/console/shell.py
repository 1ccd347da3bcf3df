"""What every page of the console stands on: who looks, the frame, the forms."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import Depends, HTTPException, Request, Response
from fastapi.templating import Jinja2Templates

from serving.console.console_pages import page_at, pages_of
from serving.console.viewer import Role, Viewer

__all__ = ["Role", "SignedIn", "Viewer", "form_of", "only", "show", "signed_in"]

_TEMPLATES = Jinja2Templates(Path(__file__).parent / "templates")
_HEADERS = {
    # Pages hold people's numbers and words: no copy stays behind.
    "Cache-Control": "no-store",
    # Without it a form's Origin would be "null", and the guard could not tell whose
    # page it came from. No address of ours holds anything personal.
    "Referrer-Policy": "same-origin",
}


class NotSignedIn(Exception):  # noqa: N818 - the state is the name
    """Nobody is signed in; the console leads them to the door."""


async def signed_in(request: Request) -> Viewer:
    """Return who looks.

    Raises:
        NotSignedIn: nobody is signed in.
    """
    viewer: Viewer | None = getattr(request.state, "viewer", None)
    if viewer is None:
        raise NotSignedIn
    return viewer


SignedIn = Annotated[Viewer, Depends(signed_in)]
"""Whoever is signed in, whatever their role."""


def only(*roles: Role) -> Any:
    """Return the dependency that lets in `roles` alone; others get a page that says so.

    Use it as `viewer: Annotated[Viewer, only(Role.ADMIN)]`.
    """

    async def let_in(viewer: SignedIn) -> Viewer:
        if viewer.role not in roles:
            raise HTTPException(403)
        return viewer

    return Depends(let_in)


def show(
    request: Request,
    viewer: Viewer | None,
    template: str,
    context: Mapping[str, object],
    status_code: int = 200,
) -> Response:
    """Return `template` in the frame, with what the frame needs.

    Templates see `viewer`, `csrf`, `nav` (the pages that the viewer may see) and
    `active` (the page that this one belongs to) beside `context`.
    """
    frame = {
        "viewer": viewer,
        "csrf": getattr(request.state, "csrf", ""),
        "nav": pages_of(viewer),
        "active": page_at(request.url.path),
    }
    return _TEMPLATES.TemplateResponse(
        request, template, {**context, **frame}, status_code, headers=_HEADERS
    )


async def form_of(request: Request) -> Mapping[str, str]:
    """Return the fields of a urlencoded form; of two of one name the last counts."""
    body = (await request.body()).decode("utf-8", "replace")
    return dict(parse_qsl(body, keep_blank_values=True))
