"""A small provider of OpenID Connect on a port of this machine."""

import hashlib
import json
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

CLIENT = "replywise"
SECRET = "only the two of us know"  # noqa: S105 - of a provider that is made up


@dataclass(slots=True)
class Provider:
    """What the provider knows, and how it is to behave.

    Attributes:
        issuer: its address.
        claims: of whoever signs in.
        sign: makes the ID token of its claims; change it to make a bad one.
        refuse: an error that it answers a sign-in with.
        about: what its discovery document says, over the usual.
        asked: the parameters of the last request to sign in.
    """

    issuer: str
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    claims: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any]], str] | None = None
    refuse: str | None = None
    about: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["ES256"],
            **self.about,
        }

    def keys(self) -> dict[str, Any]:
        return {"keys": [self.key.as_dict(private=False)]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Return the address that the browser is led back to."""
        self.asked = asked
        told = {"state": asked["state"], "iss": self.issuer}
        if self.refuse:
            told["error"] = self.refuse
        else:
            told["code"] = secrets.token_urlsafe()
            self.codes[told["code"]] = asked
        return f"{asked['redirect_uri']}?{urlencode(told)}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """Return tokens for a code, once; None where something does not fit."""
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or not self._proven(authorization):
            return None
        if _challenge(form.get("code_verifier", "")) != asked["code_challenge"]:
            return None
        moment = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "248289761001",
            "aud": CLIENT,
            "iat": moment,
            "exp": moment + 300,
            "nonce": asked["nonce"],
            **self.claims,
        }
        sign = self.sign or self.signed
        return {
            "access_token": secrets.token_urlsafe(),
            "token_type": "Bearer",
            "id_token": sign({k: v for k, v in claims.items() if v is not None}),
        }

    def signed(self, claims: dict[str, Any]) -> str:
        header = {"alg": "ES256", "kid": self.key.kid}
        return jwt.encode(header, claims, self.key)

    def _proven(self, authorization: str) -> bool:
        scheme, _, given = authorization.partition(" ")
        name, _, word = b64decode(given).decode().partition(":")
        return (scheme, unquote(name), unquote(word)) == ("Basic", CLIENT, SECRET)


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


@contextmanager
def running() -> Iterator[Provider]:
    """Give a provider that listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    provider = Provider(f"http://127.0.0.1:{server.server_address[1]}/realms/acme")
    provider.key.ensure_kid()
    server.provider = provider  # type: ignore[attr-defined] # ours
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for the provider of its server."""

    def do_GET(self) -> None:
        provider, parts = self._provider, urlsplit(self.path)
        path = parts.path.removeprefix("/realms/acme")
        if path == "/.well-known/openid-configuration":
            self._json(provider.discovery())
        elif path == "/keys":
            self._json(provider.keys())
        elif path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self.send_response(302)
            self.send_header("Location", provider.authorize(asked))
            self.end_headers()
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        tokens = self._provider.token(form, self.headers.get("Authorization", ""))
        if tokens is None:
            self._json({"error": "invalid_grant"}, 400)
        else:
            self._json(tokens)

    @property
    def _provider(self) -> Provider:
        provider: Provider = self.server.provider  # type: ignore[attr-defined] # ours
        return provider

    def _json(self, body: dict[str, Any], status: int = 200) -> None:
        written = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(written)))
        self.end_headers()
        self.wfile.write(written)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""
