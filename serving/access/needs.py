"""What a call needs, said where the call is defined.

@router.post("/route")
async def route(caller: Annotated[Caller, Depends(needs(Scope.ROUTE))]) -> …
"""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from serving.access.caller import Caller
from serving.access.guard import knock
from serving.access.refusal import Refusal, Refused
from serving.access.scope import Scope

_SCHEME = HTTPBearer(
    bearerFormat="rw_<key id>_<secret>",
    scheme_name="key",
    description="A key that `replywise keys create` made. While the store holds none, "
    "no call needs one.",
    # It describes; the gate decides.
    auto_error=False,
)


def needs(
    scope: Scope,
) -> Callable[[Request, HTTPAuthorizationCredentials | None], Awaitable[Caller]]:
    """Return the dependency of calls that need `scope`; it gives the `Caller`.

    A `program` in the path is checked as well. One that is found later is the call's
    own to check: `caller.check(program=…)`.
    """

    async def caller_with_scope(
        request: Request,
        _described: Annotated[
            HTTPAuthorizationCredentials | None,
            Security(_SCHEME, scopes=[scope.value]),
        ],
    ) -> Caller:
        caller = await _caller(request)
        caller.check(scope, request.path_params.get("program"))
        return caller

    return caller_with_scope


async def _caller(request: Request) -> Caller:
    known: Caller | None = getattr(request.state, "caller", None)
    if known is not None:
        return known
    # Outside of /v1, where the guard asks nobody.
    told = await knock(request)
    if isinstance(told, Refusal):
        raise Refused(told)
    return told
