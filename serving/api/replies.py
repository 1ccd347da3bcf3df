"""The calls under /v1."""

from http import HTTPStatus
from time import perf_counter
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError

from model.prediction import Prediction
from serving.access.caller import Caller
from serving.access.needs import needs
from serving.access.scope import Scope
from serving.problems import MEDIA_TYPE, Problem, problem
from serving.recording.arrival import Arrival
from serving.recording.record import to_json
from serving.routing.by_model import ALTERNATIVES
from serving.schemas import (
    MAX_EXPLAINED,
    AlternativeOut,
    ClassifyRequest,
    ClassifyResponse,
    DecisionOut,
    ExplainedDecisionOut,
    ExplainedPredictionOut,
    ExplanationOut,
    PredictionOut,
    RouteRequest,
)
from serving.service import Service

router = APIRouter(prefix="/v1", tags=["decide"])


async def the_service(request: Request) -> Service:
    """Return the running service."""
    service: Service = request.state.service
    return service


Running = Annotated[Service, Depends(the_service)]
Explain = Annotated[
    bool,
    Query(description="Add why: words, nearest labelled replies, signals. Some 25 ms."),
]


ACCESS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
"""How calls that need a key are refused."""


def problems(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Return the description of error responses for the API's document."""
    # FastAPI types the description of a response with Any.
    return {
        int(status): {
            "description": status.phrase,
            "model": Problem,
            "content": {MEDIA_TYPE: {}},
        }
        for status in statuses
    }


_TAKEN = (
    "This message_id is on record for another program; nothing was decided about this "
    "reply. Send it under an id of its own."
)


@router.post(
    "/route",
    summary="One reply in, one decision out",
    responses={
        200: {
            "model": DecisionOut | ExplainedDecisionOut,
            "description": "Recorded on disk.",
        },
        **problems(
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.CONFLICT,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            HTTPStatus.UNPROCESSABLE_ENTITY,
            *ACCESS,
        ),
    },
)
async def route(
    body: RouteRequest,
    service: Running,
    caller: Annotated[Caller, Depends(needs(Scope.ROUTE))],
    *,
    explain: Explain = False,
) -> Response:
    """Decide about a reply, record the decision durably, and return it.

    The same `message_id` again returns the same decision and does nothing more; with
    `explain` it is explained afterwards. Explanations are not recorded. An id that
    another program's reply has is refused, and nothing is decided.
    """
    began = perf_counter()
    program = service.intake.setup.programs.of_number(body.sender)
    caller.check(program=program.program_id)
    now = service.intake.now()
    moment = body.moment(now)
    recorded = await service.route(
        Arrival(
            message_id=body.message_id,
            number=body.number,
            sender=body.sender,
            text=body.text,
            received_at=moment,
            # A date ahead is the caller's clock: the reply is here already.
            came_at=min(moment, now),
            channel=body.channel,
            owner=body.context.owner,
            last_message=body.context.last_message,
            language=body.context.language,
            variables=body.context.variables,
        )
    )
    seconds = perf_counter() - began
    service.metrics.route_seconds.observe(seconds)
    if recorded.program:  # Rows of an earlier version tell none.
        caller.check(program=recorded.program)
        if recorded.program != program.program_id:
            # Not answered with: whoever asks would take this reply for decided.
            return problem("message-id-taken", HTTPStatus.CONFLICT, _TAKEN)
    # The body is the very text that is on the record: not parsed and built again.
    text = recorded.body
    if explain:
        why = to_json(await service.explain(recorded))
        text = f'{text.removesuffix("}")},"explanation":{why}}}'
    return Response(
        text,
        media_type="application/json",
        headers={"Server-Timing": f"decide;dur={seconds * 1000:.2f}"},
    )


@router.post(
    "/classify",
    summary="Texts in, predictions out; nothing is recorded",
    responses=problems(
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        *ACCESS,
    ),
)
async def classify(
    body: ClassifyRequest,
    service: Running,
    _caller: Annotated[Caller, Depends(needs(Scope.CLASSIFY))],
    *,
    explain: Explain = False,
) -> ClassifyResponse:
    """Read 1 to 1,000 texts with the classifier alone: no rules, no record.

    With `explain` at most 20, each with its explanation.
    """
    if explain:
        return await _classify_and_explain(body, service)
    live, predictions = await service.classify(body.texts)
    return ClassifyResponse(
        bundle=live.bundle_id, predictions=[_prediction(p) for p in predictions]
    )


async def _classify_and_explain(
    body: ClassifyRequest, service: Service
) -> ClassifyResponse:
    if len(body.texts) > MAX_EXPLAINED:
        said = f"expected at most {MAX_EXPLAINED} texts to explain"
        error = {"type": "too_long", "loc": ("body", "texts"), "msg": said}
        raise RequestValidationError([error])
    live, explained = await service.classify_and_explain(body.texts)
    return ClassifyResponse(
        bundle=live.bundle_id,
        predictions=[
            ExplainedPredictionOut(
                **dict(_prediction(prediction)),
                explanation=ExplanationOut.model_validate(why),
            )
            for prediction, why in explained
        ],
    )


def _prediction(prediction: Prediction) -> PredictionOut:
    return PredictionOut(
        intent=prediction.intent,
        confidence=round(prediction.confidence, 4),
        alternatives=[
            AlternativeOut(intent=r.label, probability=round(r.probability, 4))
            for r in prediction.intents[1 : 1 + ALTERNATIVES]
        ],
        sentiment=prediction.sentiment,
        sentiment_confidence=round(prediction.sentiment_confidence, 4),
    )
