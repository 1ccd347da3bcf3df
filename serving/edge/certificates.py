"""What a provider signs with, and the address that subscribes a topic, over HTTPS."""

import time
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from threading import Lock
from typing import Any

TIMEOUT_SECONDS = 3.0
MAX_BYTES = 64 * 1024
KEPT_SECONDS = 3600.0
AGAIN_SECONDS = 10.0
"""How long an address that failed is not asked again: forgers must not make us ask."""
MOST = 16
"""So many addresses that failed are known at once; beyond them no new one is asked."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def get(url: str) -> bytes:
    """Return what lies at an https `url`; OSError where nothing does.

    No redirect is followed. A proxy of the environment is asked; it sees no more than
    the host.
    """
    if not url.startswith("https://"):
        raise OSError("expected an https address")
    opener = urllib.request.build_opener(_NoRedirects)
    try:
        with opener.open(url, timeout=TIMEOUT_SECONDS) as answer:
            body: bytes = answer.read(MAX_BYTES + 1)
    except (HTTPException, ValueError) as error:
        raise OSError("what answers does not speak HTTP") from error
    if len(body) > MAX_BYTES:
        raise OSError("the answer is too long to be a certificate")
    return body


class Remembered:
    """Gets each address once an hour, and one that fails every ten seconds."""

    def __init__(
        self,
        fetch: Callable[[str], bytes] = get,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = Lock()
        self._known: dict[str, tuple[float, bytes | None]] = {}

    def __call__(self, url: str) -> bytes:
        """Return what lies at `url`; OSError where it cannot be had now."""
        now = self._clock()
        with self._lock:
            until, body = self._known.get(url, (0.0, None))
            if now >= until and url not in self._known and self._crowded(now):
                raise OSError("too many addresses failed just now")
        if now >= until:
            body = self._asked(url, now)
        if body is None:
            raise OSError("it cannot be had now")
        return body

    def _asked(self, url: str, now: float) -> bytes | None:
        try:
            body, keep = self._fetch(url), KEPT_SECONDS
        except (OSError, ValueError):
            body, keep = None, AGAIN_SECONDS
        with self._lock:
            self._known[url] = (now + keep, body)
        return body

    def _crowded(self, now: float) -> bool:
        """Return whether too many failed; those of long ago are forgotten."""
        self._known = {
            url: (until, body)
            for url, (until, body) in self._known.items()
            if now < until
        }
        return sum(body is None for _, body in self._known.values()) >= MOST
