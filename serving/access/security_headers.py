"""Headers that tell browsers what our answers may do and who may keep them."""

import hashlib
import re
from base64 import b64encode

from starlette._utils import get_route_path
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.access.gate import CLOSED

_NOWHERE_FRAMED = "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
PAGES = (
    f"default-src 'self'; img-src 'self' data:; form-action 'self'; {_NOWHERE_FRAMED}"
)
"""Nothing from other hosts, nothing inline, nowhere framed."""

CALLS = "default-src 'none'; frame-ancestors 'none'"
"""An answer of the API shows nothing, should a browser open it."""

DOCUMENTATION = "/docs"
CONSOLE = "/console"
"""Its pages hold people's numbers and words: no copy stays behind."""

HTTPS_SECONDS = 365 * 24 * 3600

_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


class SecurityHeaders:
    """Adds the headers that an answer does not bring itself.

    Put it around everything, also around what answers when all else fails.
    """

    def __init__(self, app: ASGIApp, *, tls_in_front: bool = False) -> None:
        self.app = app
        self._common = {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if tls_in_front:  # Without TLS a browser would be locked out for a year.
            self._common["Strict-Transport-Security"] = f"max-age={HTTPS_SECONDS}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = get_route_path(scope)
        if path == DOCUMENTATION:
            await self.app(scope, receive, _Documentation(send, self._common))
            return
        call = _below(CLOSED, path)
        headers = {
            **self._common,
            "Content-Security-Policy": CALLS if call else PAGES,
            **({"Cache-Control": "no-store"} if call or _below(CONSOLE, path) else {}),
        }

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add(message, headers)
            await send(message)

        await self.app(scope, receive, dressed)


class _Documentation:
    """Sends the page of Swagger UI, the one page of ours with a script in itself.

    The script is allowed by its digest. Nothing that a caller sends is on this page,
    so whatever is there was put there by us.
    """

    def __init__(self, send: Send, headers: dict[str, str]) -> None:
        self._send = send
        self._headers = headers
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        """Hold the start until the page is there to be read."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        if self._start is not None:
            policy = documentation_policy(message.get("body", b""))
            _add(self._start, {**self._headers, "Content-Security-Policy": policy})
            await self._send(self._start)
            self._start = None
        await self._send(message)


def documentation_policy(page: bytes) -> str:
    """Return the policy under which a page with scripts in itself works."""
    digests = [
        f"'sha256-{b64encode(hashlib.sha256(script).digest()).decode()}'"
        for script in _SCRIPT.findall(page)
    ]
    scripts = " ".join(["'self'", *digests])
    # Swagger UI writes style attributes; styles read nothing and call nobody here.
    return f"{PAGES}; script-src {scripts}; style-src 'self' 'unsafe-inline'"


def _below(top: str, path: str) -> bool:
    return path == top or path.startswith(f"{top}/")


def _add(start: Message, headers: dict[str, str]) -> None:
    present = MutableHeaders(scope=start)
    for name, value in headers.items():
        present.setdefault(name, value)
