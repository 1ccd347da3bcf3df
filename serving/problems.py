"""Errors as callers see them: `application/problem+json` (RFC 9457).

Every `type` is stable. What the caller sent is never repeated: it may hold a
person's number or words.
"""

from collections.abc import Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from model.errors import StoreError

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """One field that is not as expected."""

    field: str = Field(description="Path of the field, `texts.3`.")
    problem: str = Field(description="What was expected.")


class Problem(BaseModel):
    """An error, RFC 9457."""

    type: str = Field(description="Stable identifier, `urn:replywise:…`.")
    title: str = Field(description="What went wrong, in general.")
    status: int
    detail: str = Field(description="What went wrong here, and what to do.")
    errors: list[FieldError] = Field(description="Fields that are not as expected.")


def problem(
    kind: str,
    status: HTTPStatus,
    detail: str,
    errors: Sequence[FieldError] = (),
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """Return the response for one problem."""
    body = Problem(
        type=f"urn:replywise:{kind}",
        title=status.phrase,
        status=status,
        detail=detail,
        errors=list(errors),
    )
    return JSONResponse(
        body.model_dump(), status, media_type=MEDIA_TYPE, headers=headers
    )


def add_problem_handlers(app: FastAPI) -> None:
    """Make `app` answer every error as a problem."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(StoreError, _store)
    app.add_exception_handler(Exception, _unexpected)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as registered
    found = error.errors()
    if any(e["type"] == "json_invalid" for e in found):
        detail = "The body is not JSON; send a JSON object with a UTF-8 encoding."
        return problem("malformed-json", HTTPStatus.BAD_REQUEST, detail)
    errors = [
        FieldError(
            field=_field(e["loc"]),
            problem=_expected(e["type"], e["msg"]),
        )
        for e in found
    ]
    first = errors[0]
    detail = f"{first.field}: {first.problem}"
    return problem("invalid-request", HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors)


def _field(path: Sequence[str | int]) -> str:
    parts = [str(part) for part in path if part != "body"]
    if "variables" in parts:  # Their names are the caller's, and may be anything.
        del parts[parts.index("variables") + 1 :]
    return ".".join(parts) or "body"


def _expected(kind: str, message: str) -> str:
    if kind == "string_unicode":
        return "Input should be text without lone surrogates"
    return message.removeprefix("Value error, ")


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - as registered
    status = HTTPStatus(error.status_code)
    kind = status.phrase.lower().replace(" ", "-")
    detail = {
        HTTPStatus.NOT_FOUND: "Nothing is here; the calls are listed at /docs.",
        HTTPStatus.METHOD_NOT_ALLOWED: "This address takes another method; see /docs.",
        # What Starlette says of a body that is not even text.
        HTTPStatus.BAD_REQUEST: "The body could not be read; send JSON in UTF-8.",
    }.get(status, status.description)
    headers = dict(error.headers) if error.headers else None
    return problem(kind, status, detail, headers=headers)


async def _store(_request: Request, _error: Exception) -> JSONResponse:
    detail = "The store cannot be written now; nothing was recorded. Send it again."
    return problem(
        "store-unavailable",
        HTTPStatus.SERVICE_UNAVAILABLE,
        detail,
        headers={"Retry-After": "5"},
    )


async def _unexpected(_request: Request, _error: Exception) -> JSONResponse:
    detail = "Something unexpected failed here; it is in the log. Send it again later."
    return problem("internal", HTTPStatus.INTERNAL_SERVER_ERROR, detail)
