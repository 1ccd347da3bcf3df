"""The Consent page: a number's standing and ledger, evidence, proof, and erasure.

A number is in no address: it comes in a form and goes out in the page. Whoever looks
one up is audited, with the keyed digest of the number where the deployment has a
pepper.
"""

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request, Response

from model.errors import SettingsError
from serving.access.audit import Value
from serving.api.replies import Running
from serving.console.by import By
from serving.console.consent_view import Dossier, dossier_of, person_number
from serving.console.shell import Role, SignedIn, Viewer, form_of, only, show, tell
from serving.erasing import erase_person
from serving.ledger.chain import head_of
from serving.ledger.evidence import Evidence, evidence_of, to_html, to_json
from serving.ledger.history import keyed_digest
from serving.ledger.summary import Calendar
from serving.ledger.verify import FLAWS, Verdict, verify
from serving.service import Service
from serving.store.database import reading, writing

router = APIRouter(prefix="/console/consent", include_in_schema=False)

_WRITERS: Mapping[str, tuple[Callable[[Evidence], str], str]] = {
    "html": (to_html, "text/html; charset=utf-8"),
    "json": (to_json, "application/json"),
}


@router.get("")
async def page(request: Request, service: Running, viewer: SignedIn) -> Response:
    """Show the form to look a number up."""
    return await _page(request, service, viewer, {})


@router.post("/look-up")
async def look_up(request: Request, service: Running, viewer: SignedIn) -> Response:
    """Show what is on record about a number."""
    form = await form_of(request)
    typed = form.get("number", "").strip()
    try:
        number = person_number(typed, service.intake.setup.programs)
    except ValueError as error:
        context: dict[str, object] = {"typed": typed, "problem": f"Number: {error}."}
        return await _found(
            request, service, viewer, context, HTTPStatus.UNPROCESSABLE_ENTITY
        )
    dossier = await asyncio.to_thread(_look_up, service, viewer, number)
    return await _found(request, service, viewer, {"typed": typed, "dossier": dossier})


@router.post("/evidence.{form}")
async def evidence(
    request: Request, service: Running, viewer: SignedIn, form: str
) -> Response:
    """Give the evidence about a number as a file."""
    if form not in _WRITERS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    number = _number(await form_of(request), service)
    drawn = await asyncio.to_thread(_draw_up, service, viewer, number, form)
    write, media_type = _WRITERS[form]
    name = f"consent-evidence-{drawn.drawn_at:%Y-%m-%dT%H%M%SZ}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(write(drawn), media_type=media_type, headers=headers)


@router.post("/verify")
async def verify_chain(
    request: Request, service: Running, viewer: SignedIn
) -> Response:
    """Read the whole ledger and say whether it is as it was written."""
    verdict = await asyncio.to_thread(_verify, service)
    context = {"verdict": verdict, "flaws": FLAWS}
    if "hx-request" in request.headers:
        return show(request, viewer, "_consent_verdict.html", context)
    return await _page(request, service, viewer, context)


@router.post("/erase")
async def erase(
    request: Request, service: Running, viewer: Annotated[Viewer, only(Role.ADMIN)]
) -> Response:
    """Erase a person for good, once their number was typed a second time."""
    form = await form_of(request)
    number, reason = _number(form, service), form.get("reason", "").strip()
    problem = _unconfirmed(form, number, service, reason)
    if problem is None:
        try:
            told = await asyncio.to_thread(_erase, service, viewer, number, reason)
        except SettingsError as error:
            problem = str(error)
        else:
            tell(request, answer := _back(request), told)
            return answer
    with_dossier = await asyncio.to_thread(_dossier, service, number)
    context = {"typed": number, "dossier": with_dossier, "erase_problem": problem}
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return await _found(request, service, viewer, context, status)


def _unconfirmed(
    form: Mapping[str, str], number: str, service: Service, reason: str
) -> str | None:
    """Return why an erasure is not confirmed; None where it is."""
    try:
        again = person_number(form.get("again", ""), service.intake.setup.programs)
    except ValueError:
        again = ""
    if again != number:
        return "Type the number again, exactly; nothing was erased."
    return None if reason else "Say why, such as a ticket's number; nothing was erased."


def _back(request: Request) -> Response:
    if "hx-request" in request.headers:
        return Response(headers={"HX-Redirect": router.prefix})
    return Response(
        status_code=HTTPStatus.SEE_OTHER, headers={"Location": router.prefix}
    )


async def _page(
    request: Request,
    service: Service,
    viewer: Viewer,
    context: Mapping[str, object],
    status: int = HTTPStatus.OK,
) -> Response:
    head = await asyncio.to_thread(_head, service)
    pepper = service.intake.setup.pepper is not None
    whole = {"head": head, "pepper": pepper, **context}
    return show(request, viewer, "consent.html", whole, status)


async def _found(
    request: Request,
    service: Service,
    viewer: Viewer,
    context: Mapping[str, object],
    status: int = HTTPStatus.OK,
) -> Response:
    if "hx-request" not in request.headers:
        return await _page(request, service, viewer, context, status)
    pepper = service.intake.setup.pepper is not None
    whole = {"pepper": pepper, **context}
    return show(request, viewer, "_consent_found.html", whole, status)


def _number(form: Mapping[str, str], service: Service) -> str:
    try:
        return person_number(form.get("number", ""), service.intake.setup.programs)
    except ValueError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"Number: {error}.") from error


def _head(service: Service) -> object:
    with reading(service.engine) as connection:
        return head_of(connection)


def _dossier(service: Service, number: str) -> Dossier:
    with reading(service.engine) as connection:
        return dossier_of(connection, number, service.intake.setup)


def _look_up(service: Service, viewer: Viewer, number: str) -> Dossier:
    dossier = _dossier(service, number)
    details = {"entries": len(dossier.events), "conversations": dossier.conversations}
    _note(service, viewer, number, "contact.looked_up", details)
    return dossier


def _draw_up(service: Service, viewer: Viewer, number: str, form: str) -> Evidence:
    setup = service.intake.setup
    home = setup.programs.default
    with reading(service.engine) as connection:
        drawn = evidence_of(
            connection,
            number,
            drawn_at=service.intake.now(),
            pepper=setup.pepper,
            calendar=Calendar(zone=home.zone, country=home.country),
        )
    details: dict[str, Value] = {"form": form, "entries": len(drawn.entries)}
    _note(service, viewer, number, "evidence.exported", details)
    return drawn


def _verify(service: Service) -> Verdict:
    with reading(service.engine) as connection:
        return verify(connection)


def _erase(service: Service, viewer: Viewer, number: str, reason: str) -> str:
    intake = service.intake
    with writing(service.engine) as connection:
        erased = erase_person(
            connection,
            number,
            intake.setup.programs,
            reason=reason,
            pepper=intake.setup.pepper,
            actor=viewer.actor,
            now=intake.now,
            new_id=intake.new_id,
        )
    return (
        f"Erased: number and words are gone from {erased.entries} ledger entries, "
        f"{erased.decisions} decisions and {erased.messages} messages. The number "
        "stays suppressed."
    )


def _note(
    service: Service,
    viewer: Viewer,
    number: str,
    action: str,
    details: Mapping[str, Value],
) -> None:
    pepper = service.intake.setup.pepper
    digest = keyed_digest(number, pepper) if pepper else None
    by = By.viewer(viewer, service)
    with writing(service.engine) as connection:
        by.note(connection, action, details, kind="contact", digest=digest)
