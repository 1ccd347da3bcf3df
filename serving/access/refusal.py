"""Why a call is refused, as the caller is told."""

from dataclasses import dataclass, field
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from serving.access.scope import Scope
from serving.problems import problem

REALM = 'Bearer realm="replywise"'


@dataclass(frozen=True, slots=True)
class Refusal:
    """A problem in the making; `kind` is the stable end of its `type`."""

    kind: str
    status: HTTPStatus
    detail: str
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> JSONResponse:
        """Return the response that tells it."""
        return problem(self.kind, self.status, self.detail, headers=dict(self.headers))


class Refused(Exception):  # noqa: N818 - the state is the name
    """A call is refused, as `refusal` says."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.kind)
        self.refusal = refusal


def _invalid(kind: str, detail: str) -> Refusal:
    headers = {"WWW-Authenticate": f'{REALM}, error="invalid_token"'}
    return Refusal(kind, HTTPStatus.UNAUTHORIZED, detail, headers)


KEY_MISSING = Refusal(
    "key-missing",
    HTTPStatus.UNAUTHORIZED,
    "This call needs a key: send `Authorization: Bearer rw_…`. `replywise keys create` "
    "makes one.",
    {"WWW-Authenticate": REALM},
)
KEY_UNKNOWN = _invalid(
    "key-unknown", "No key is known by this text; was it copied whole, or rotated?"
)
KEY_EXPIRED = _invalid("key-expired", "This key has expired; ask for a new one.")
KEY_REVOKED = _invalid("key-revoked", "This key was revoked; ask for a new one.")
PROGRAM_REFUSED = Refusal(
    "program-refused",
    HTTPStatus.FORBIDDEN,
    "This key is for other programs than the one that was named.",
)


def scope_missing(scope: Scope) -> Refusal:
    """Return what a caller is told whose key is not for this kind of call."""
    detail = f"This call needs a key with the scope `{scope}`; this one has others."
    challenge = f'{REALM}, error="insufficient_scope", scope="{scope}"'
    headers = {"WWW-Authenticate": challenge}
    return Refusal("scope-missing", HTTPStatus.FORBIDDEN, detail, headers)


def too_many(detail: str, headers: dict[str, str]) -> Refusal:
    """Return what a caller over its rate is told."""
    return Refusal("too-many-requests", HTTPStatus.TOO_MANY_REQUESTS, detail, headers)


def add_access_handlers(app: FastAPI) -> None:
    """Make `app` answer `Refused` with the problem that it holds."""
    app.add_exception_handler(Refused, _refused)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)  # noqa: S101 - as registered
    return error.refusal.response()
