"""The door of the console: its cookies, attempts to come in, and the provider."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from fastapi import Request, Response

from serving.access.access_settings import AccessSettings
from serving.console.attempts import Attempts
from serving.console.oidc import check_installed
from serving.console.oidc_settings import OidcSettings

SESSION = "session"
"""The cookie of who is signed in."""

VISITOR = "visitor"
"""The cookie that the sign-in form is bound to, before anybody is signed in."""

FLOW = "provider"
"""The cookie of who is away, signing in at the provider."""

TOLD = "told"
"""The cookie of what the next page is to say."""

AT_ONCE = 2
"""Passwords tried at once: each takes 64 MiB and a core."""


@dataclass(frozen=True, slots=True)
class Door:
    """What signing in needs beside the store.

    Attributes:
        secure: everyone reaches us by HTTPS; cookies go nowhere else.
        provider: who signs people in besides passwords; None where nobody does.
        attempts: how often was tried.
        trying: passes to try a password.
    """

    secure: bool = False
    provider: OidcSettings | None = None
    attempts: Attempts = field(default_factory=Attempts)
    trying: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(AT_ONCE)
    )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; SettingsError where one cannot be meant."""
        provider = OidcSettings.from_environment(environ)
        if provider is not None:
            check_installed()
        return cls(AccessSettings.from_environment(environ).tls_in_front, provider)

    def cookie(self, request: Request, name: str) -> str | None:
        """Return what a cookie of ours holds."""
        return request.cookies.get(self._called(name)) or None

    def set_cookie(
        self, response: Response, name: str, value: str, seconds: float
    ) -> None:
        """Give the browser a cookie that no script reads and no other site sends.

        Lax: a link from elsewhere, and the provider's way back, find the session.
        """
        response.set_cookie(
            self._called(name),
            value,
            max_age=int(seconds),
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )

    def drop_cookie(self, response: Response, name: str) -> None:
        """Take a cookie back."""
        response.delete_cookie(
            self._called(name), secure=self.secure, httponly=True, samesite="lax"
        )

    def _called(self, name: str) -> str:
        # Browsers take `__Host-` from this very host alone, and by HTTPS alone.
        return f"__Host-replywise-{name}" if self.secure else f"replywise-{name}"


def door_of(request: Request) -> Door:
    """Return the door of the running service."""
    door: Door = request.state.door
    return door
