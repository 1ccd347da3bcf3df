"""Decisions that a reviewer opens themselves: by id, by search, and why they are so."""

import asyncio
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from serving.api.replies import Running
from serving.console.by import By
from serving.console.consent_view import person_number
from serving.console.review_desk import ReviewDesk
from serving.console.review_frame import frame
from serving.console.review_why import pieces
from serving.console.review_words import finding_in_words, plain
from serving.console.shell import SignedIn, Viewer, form_of, show
from serving.ledger.history import keyed_digest
from serving.recording.intake import Recorded
from serving.reviews.recent import Recent, recent
from serving.reviews.refusal import ReviewUnknown
from serving.reviews.search import search
from serving.reviews.subject import Subject, subject
from serving.reviews.verdict import ReviewKind
from serving.schemas import ExplanationOut
from serving.service import Service
from serving.store.database import reading, writing

router = APIRouter()


@router.post("/find")
async def find(request: Request, service: Running, viewer: SignedIn) -> Response:
    """Open the decision that an id or a number leads to, or show those that it may."""
    typed = (await form_of(request)).get("typed", "").strip()
    found = await asyncio.to_thread(_search, service, viewer, typed)
    if len(found) == 1:
        place = request.url_for("opened", decision_id=found[0].decision_id).path
        return RedirectResponse(place, HTTPStatus.SEE_OTHER)
    desk = ReviewDesk(service, viewer.user_id)
    context = {**await frame(desk), "found": found}
    return show(request, viewer, "review_found.html", context)


@router.get("/mine")
async def mine(request: Request, service: Running, viewer: SignedIn) -> Response:
    """List what the viewer reviewed lately."""
    found = await asyncio.to_thread(_recent, service, viewer)
    desk = ReviewDesk(service, viewer.user_id)
    context = {**await frame(desk), "found": found, "said": finding_in_words}
    return show(request, viewer, "_review_mine.html", context)


@router.get("/why/{decision_id}")
async def explained(
    request: Request, service: Running, viewer: SignedIn, decision_id: str
) -> Response:
    """Say why a reply was read as it was, by the bundle in use."""
    about = await asyncio.to_thread(_subject, service, decision_id)
    context: dict[str, object] = {
        "about": about,
        "bundle": service.live.bundle_id,
        "plain": plain,
    }
    if not about.forgotten:
        recorded = Recorded(about.body, duplicate=True, decision=None, text=about.text)
        why = ExplanationOut.model_validate(await service.explain(recorded))
        context |= {"why": why, "pieces": pieces(about.text, why.words)}
    return show(request, viewer, "_review_why.html", context)


@router.get("/{decision_id}")
async def opened(
    request: Request, service: Running, viewer: SignedIn, decision_id: str
) -> Response:
    """Show one decision; a review of it is the reviewer's own pick."""
    desk = ReviewDesk(service, viewer.user_id)
    try:
        case = await desk.case(decision_id, ReviewKind.PICKED)
    except ReviewUnknown as error:
        raise HTTPException(HTTPStatus.NOT_FOUND, str(error)) from error
    context = {**await frame(desk, ReviewKind.PICKED), "cases": [case]}
    return show(request, viewer, "review.html", context)


def _subject(service: Service, decision_id: str) -> Subject:
    with reading(service.engine) as connection:
        try:
            return subject(connection, decision_id)
        except ReviewUnknown as error:
            raise HTTPException(HTTPStatus.NOT_FOUND, str(error)) from error


def _recent(service: Service, viewer: Viewer) -> list[Recent]:
    with reading(service.engine) as connection:
        return recent(connection, viewer.user_id)


def _search(service: Service, viewer: Viewer, typed: str) -> list[Subject]:
    try:
        number = person_number(typed, service.intake.setup.programs)
    except ValueError:
        number = ""
    with reading(service.engine) as connection:
        found = [
            subject(connection, each) for each in search(connection, typed, number)
        ]
    if number:
        _note(service, viewer, number, len(found))
    return found


def _note(service: Service, viewer: Viewer, number: str, conversations: int) -> None:
    """Leave in the audit who looked whom up, as the Consent page does."""
    pepper = service.intake.setup.pepper
    digest = keyed_digest(number, pepper) if pepper else None
    details = {"conversations": conversations}
    with writing(service.engine) as connection:
        By.viewer(viewer, service).note(
            connection, "contact.looked_up", details, kind="contact", digest=digest
        )
