"""What every page of the console stands on: who looks, the frame, the forms."""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote, unquote

from fastapi import Depends, HTTPException, Request, Response
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader

from serving.console.console_pages import page_at, pages_of
from serving.console.door import TOLD, door_of
from serving.console.viewer import Role, Viewer

__all__ = [
    "NotSignedIn",
    "Role",
    "SignedIn",
    "Viewer",
    "form_of",
    "only",
    "show",
    "signed_in",
    "tell",
]

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES = Jinja2Templates(env=TEMPLATES)
_HEADERS = {
    # Without it a form's Origin would be "null", and the guard could not tell whose
    # page it came from. No address of ours holds anything personal.
    "Referrer-Policy": "same-origin",
}

_TOLD_SECONDS = 60
_MOST_FIELDS = 1_000


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
            raise HTTPException(HTTPStatus.FORBIDDEN)
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

    Templates see `viewer`, `csrf`, `nav` (the pages that the viewer may see), `active`
    (the page that this one belongs to) and `told` (see `tell`) beside `context`.
    """
    door = door_of(request)
    whole = not template.startswith("_")
    told = door.cookie(request, TOLD) if whole else None
    frame = {
        "viewer": viewer,
        "csrf": getattr(request.state, "csrf", ""),
        "nav": pages_of(viewer),
        "active": page_at(request.url.path),
        "told": unquote(told or ""),
    }
    answer = _PAGES.TemplateResponse(
        request, template, {**context, **frame}, status_code, headers=_HEADERS
    )
    if told:
        door.drop_cookie(answer, TOLD)
    return answer


def tell(request: Request, answer: Response, text: str) -> None:
    """Make the next page say `text`, once: for answers that lead on after a change.

    The text waits in the browser, so it holds no number and no one's words.
    """
    door_of(request).set_cookie(answer, TOLD, quote(text), _TOLD_SECONDS)


async def form_of(request: Request) -> Mapping[str, str]:
    """Return the fields of a urlencoded form; of two of one name the last counts.

    Raises:
        HTTPException: 400, there are more fields than any form of ours has.
    """
    body = (await request.body()).decode("utf-8", "replace")
    try:
        found = parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from error
    return dict(found)
