"""The Review page: one decision after the other, judged with one key each."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from serving.api.replies import Running
from serving.console import review_open
from serving.console.review_case import Case
from serving.console.review_desk import ReviewDesk
from serving.console.review_frame import frame
from serving.console.shell import Role, SignedIn, Viewer, form_of, only, show
from serving.console.viewer import ANALYSTS
from serving.reviews.finding import Finding
from serving.reviews.refusal import ReviewOverdue, ReviewRefused, ReviewUnknown
from serving.reviews.verdict import ReviewKind, Verdict
from serving.service import Service

router = APIRouter(prefix="/console/review", include_in_schema=False)

AHEAD = 3
"""Decisions that a page brings: the one to look at, and those after it. With two in
hand a reviewer waits for nothing, however quick they are once."""


@router.get("")
async def queue(request: Request, service: Running, viewer: SignedIn) -> Response:
    """Show the next drawn decision."""
    return await _queue(request, service, viewer, ReviewKind.DRAWN)


@router.get("/adjudicate")
async def adjudicate(
    request: Request,
    service: Running,
    viewer: Annotated[Viewer, only(Role.ANALYST, Role.ADMIN)],
) -> Response:
    """Show the next decision that two reviewers differ about."""
    return await _queue(request, service, viewer, ReviewKind.ADJUDICATED)


@router.post("/next")
async def next_one(request: Request, service: Running, viewer: SignedIn) -> Response:
    """Bring one decision more than is shown."""
    form = await form_of(request)
    return await _more(request, service, viewer, form)


@router.post("/undo")
async def undo(request: Request, service: Running, viewer: SignedIn) -> Response:
    """Take a finding back, and bring its decision again."""
    form = await form_of(request)
    desk = ReviewDesk(service, viewer.user_id)
    try:
        review = await desk.undo(form.get("review") or None)
        case = await desk.case(review.decision_id, review.kind)
    except ReviewRefused as error:
        return _refused(request, error)
    if "hx-request" not in request.headers:
        return _to(review.kind)
    return await _cases(request, service, viewer, [case], form, place="back")


@router.post("/skip/{decision_id}")
async def skip(
    request: Request, service: Running, viewer: SignedIn, decision_id: str
) -> Response:
    """Pass a drawn decision by, and bring another."""
    form = await form_of(request)
    await ReviewDesk(service, viewer.user_id).pass_by(decision_id)
    if "hx-request" not in request.headers:
        return _to(ReviewKind.DRAWN)
    return await _more(request, service, viewer, form, besides=[decision_id])


@router.post("/{kind}/{decision_id}")
async def record(
    request: Request,
    service: Running,
    viewer: SignedIn,
    kind: ReviewKind,
    decision_id: str,
) -> Response:
    """Record what was found of a decision, and bring the next."""
    if kind is ReviewKind.ADJUDICATED and viewer.role not in ANALYSTS:
        raise HTTPException(HTTPStatus.FORBIDDEN)
    form = await form_of(request)
    desk = ReviewDesk(service, viewer.user_id)
    try:
        await desk.record(decision_id, kind, _finding(form))
    except ReviewRefused as error:
        return _refused(request, error)
    if "hx-request" not in request.headers:
        return _to(kind)
    if form.get("next"):
        return await _more(request, service, viewer, form)
    case = await desk.case(decision_id, kind)
    return await _cases(request, service, viewer, [case], form, place="back")


# Last: whatever else stands behind /console/review would be taken for an id.
router.include_router(review_open.router)


async def _queue(
    request: Request, service: Service, viewer: Viewer, kind: ReviewKind
) -> Response:
    desk = ReviewDesk(service, viewer.user_id)
    cases = await desk.hand_out(kind, AHEAD)
    context = {**await frame(desk, kind), "cases": cases, "queue": kind}
    return show(request, viewer, "review.html", context)


async def _more(
    request: Request,
    service: Service,
    viewer: Viewer,
    form: Mapping[str, str],
    *,
    besides: Sequence[str] = (),
) -> Response:
    """Bring the next decision of the queue that the page is at, none of `besides`."""
    kind = _queue_of(form)
    if kind is ReviewKind.ADJUDICATED and viewer.role not in ANALYSTS:
        raise HTTPException(HTTPStatus.FORBIDDEN)
    desk = ReviewDesk(service, viewer.user_id)
    # The page names what it has just skipped as well; that is for others to have.
    showing = [each for each in form.get("showing", "").split() if each not in besides]
    cases = await desk.hand_out(kind, 1, showing, besides)
    return await _cases(request, service, viewer, cases, form, place="ahead")


async def _cases(
    request: Request,
    service: Service,
    viewer: Viewer,
    cases: list[Case],
    form: Mapping[str, str],
    *,
    place: str,
) -> Response:
    desk = ReviewDesk(service, viewer.user_id)
    shared = await frame(desk)
    context = {**shared, "cases": cases, "queue": _queue_of(form), "place": place}
    return show(request, viewer, "_review_cases.html", context)


def _queue_of(form: Mapping[str, str]) -> ReviewKind:
    adjudicates = form.get("next") == ReviewKind.ADJUDICATED.value
    return ReviewKind.ADJUDICATED if adjudicates else ReviewKind.DRAWN


def _finding(form: Mapping[str, str]) -> Finding:
    given = form.get("verdict", "")
    if given not in set(Verdict):
        raise ReviewRefused(f"Expected a verdict, one of {', '.join(Verdict)}.")
    return Finding(
        Verdict(given),
        form.get("intent") or None,
        form.get("queue") or None,
        form.get("note", ""),
    )


def _refused(request: Request, error: ReviewRefused) -> Response:
    status = HTTPStatus.CONFLICT
    if isinstance(error, ReviewUnknown):
        status = HTTPStatus.NOT_FOUND
    elif isinstance(error, ReviewOverdue):
        status = HTTPStatus.GONE  # The page goes on with the next one.
    if "hx-request" in request.headers:
        return PlainTextResponse(str(error), status)
    raise HTTPException(status, str(error)) from error


def _to(kind: ReviewKind) -> Response:
    adjudicated = kind is ReviewKind.ADJUDICATED
    place = f"{router.prefix}/adjudicate" if adjudicated else router.prefix
    return RedirectResponse(place, HTTPStatus.SEE_OTHER)
