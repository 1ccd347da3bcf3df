"""Signing in at a provider of OpenID Connect: authorization code, PKCE, state, nonce.

Nothing is kept here while somebody is away: their browser holds one secret, and state,
nonce and the verifier of PKCE are derived from it. Authlib comes with the extra `oidc`.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from model.errors import SettingsError
from serving.console.oidc_settings import OidcSettings, reached_safely
from serving.console.viewer import Role

SCOPE = "openid profile email"
SECONDS = 10
"""How long the provider may take for each answer."""

LEEWAY = 60
"""Seconds that its clock may differ from ours."""

# Only keys that the provider alone holds; never `none`, never our own secret.
_SIGNED_BY = frozenset(
    f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)
) | {"EdDSA", "Ed25519"}
_USUALLY = "RS256"

_BASIC = "client_secret_basic"


class ProviderError(SettingsError):
    """The provider did not prove who somebody is; the message is for that person."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider has signed in.

    Attributes:
        subject: issuer and subject, with a space between: theirs for ever.
        names: what they may be called, the best first.
        role: what their groups make them; None where none does.
        grouped: whether the provider tells groups that roles are mapped from, be it
            none of those.
    """

    subject: str
    names: tuple[str, ...]
    role: Role | None
    grouped: bool


def check_installed() -> None:
    """Raise SettingsError where the extra is missing."""
    if find_spec("authlib") is None or find_spec("httpx2") is None:
        raise SettingsError(
            "REPLYWISE_OIDC_ISSUER: expected Authlib to be installed; "
            "pip install 'replywise[oidc]'"
        )


async def way_there(settings: OidcSettings, secret: str, back: str) -> str:
    """Return the address at the provider where somebody signs in.

    Args:
        settings: the provider.
        secret: what the browser holds until it is `back`.
        back: our address that the provider leads back to.

    Raises:
        ProviderError: the provider does not answer, or not as one.
    """
    async with _client(settings, back) as client:
        about = await _discovered(client, settings)
        address, _ = client.create_authorization_url(
            _endpoint(about, "authorization_endpoint"),
            state=_derived(secret, "state"),
            nonce=_derived(secret, "nonce"),
            code_verifier=_derived(secret, "verifier"),
        )
    return str(address)


async def who_came_back(
    settings: OidcSettings, secret: str, back: str, told: Mapping[str, str]
) -> Identity:
    """Return whom the provider has signed in, from what it `told` in the address.

    Raises:
        ProviderError: it refused, it does not answer, or what it says is not proven.
    """
    expected, given = _derived(secret, "state"), told.get("state", "")
    # What is derived from no secret is known to everybody.
    if not secret or not hmac.compare_digest(expected.encode(), given.encode()):
        raise ProviderError("This sign-in was begun in another window or too long ago.")
    # RFC 9207: an answer that names its issuer names ours.
    if "error" in told or told.get("iss", settings.issuer) != settings.issuer:
        raise ProviderError("The provider did not sign you in.")
    async with _client(settings, back) as client:
        about = await _discovered(client, settings)
        claims = await _claims(client, settings, about, secret, told.get("code", ""))
    return identity_of(claims, settings)


def identity_of(claims: Mapping[str, Any], settings: OidcSettings) -> Identity:
    """Return who somebody is by the claims of their ID token."""
    subject = f"{settings.issuer} {claims['sub']}"
    told = (claims.get("preferred_username"), claims.get("email"))
    names = [name for name in told if isinstance(name, str) and name]
    # Always free, should others bear the better ones.
    names.append(f"sso-{hashlib.sha256(subject.encode()).hexdigest()[:12]}")
    groups = _groups(claims, settings)
    given = {settings.roles.get(group) for group in groups or ()}
    role = next((role for role in reversed(Role) if role in given), None)
    # Where nothing is mapped, roles are given here, and no group takes them away.
    grouped = groups is not None and bool(settings.roles)
    return Identity(subject, tuple(names), role, grouped)


def _groups(claims: Mapping[str, Any], settings: OidcSettings) -> list[str] | None:
    """Return what the claim tells; None where there is no such claim."""
    value: object = claims
    for part in settings.role_claim.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is None:
        return None
    return [str(each) for each in (value if isinstance(value, list) else [value])]


# Authlib ships no types.
def _client(settings: OidcSettings, back: str) -> Any:
    from authlib.integrations.httpx_client import AsyncOAuth2Client

    return AsyncOAuth2Client(
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        scope=SCOPE,
        redirect_uri=back,
        code_challenge_method="S256",
        timeout=SECONDS,
    )


async def _discovered(client: Any, settings: OidcSettings) -> Mapping[str, Any]:
    place = f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration"
    about = await _json(client, place)
    if about.get("issuer") != settings.issuer:
        raise ProviderError(
            "The provider calls itself otherwise than REPLYWISE_OIDC_ISSUER does; "
            "whoever runs this service must set the one that it names."
        )
    return about


async def _json(client: Any, address: str) -> Mapping[str, Any]:
    from httpx2 import HTTPError

    try:
        answer = await client.request("GET", address, withhold_token=True)
        answer.raise_for_status()
        found = answer.json()
    except (HTTPError, ValueError) as error:
        raise ProviderError(
            "The provider does not answer. Try again in a moment."
        ) from error
    return found if isinstance(found, dict) else {}


def _endpoint(about: Mapping[str, Any], name: str) -> str:
    address = str(about.get(name, ""))
    if not reached_safely(address):
        raise ProviderError(f"The provider names no {name} that is reached safely.")
    return address


async def _claims(
    client: Any,
    settings: OidcSettings,
    about: Mapping[str, Any],
    secret: str,
    code: str,
) -> Mapping[str, Any]:
    token = await _token(client, settings, about, secret, code)
    keys = await _json(client, _endpoint(about, "jwks_uri"))
    return _proven(token, keys, about, settings, _derived(secret, "nonce"))


async def _token(
    client: Any,
    settings: OidcSettings,
    about: Mapping[str, Any],
    secret: str,
    code: str,
) -> Mapping[str, Any]:
    from authlib.integrations.base_client import OAuthError
    from httpx2 import HTTPError

    client.token_endpoint_auth_method = _own_proof(settings, about)
    try:
        token: Mapping[str, Any] = await client.fetch_token(
            _endpoint(about, "token_endpoint"),
            grant_type="authorization_code",
            code=code,
            code_verifier=_derived(secret, "verifier"),
        )
    except (OAuthError, HTTPError, ValueError) as error:
        raise ProviderError("The provider did not sign you in.") from error
    return token


def _own_proof(settings: OidcSettings, about: Mapping[str, Any]) -> str:
    """Return how we prove ourselves to the provider."""
    if settings.client_secret is None:
        return "none"
    offered = about.get("token_endpoint_auth_methods_supported") or [_BASIC]
    return _BASIC if _BASIC in offered else "client_secret_post"


def _proven(
    token: Mapping[str, Any],
    keys: Mapping[str, Any],
    about: Mapping[str, Any],
    settings: OidcSettings,
    nonce: str,
) -> Mapping[str, Any]:
    """Return the claims of an ID token: signed, for us, fresh, and the answer."""
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    offered = about.get("id_token_signing_alg_values_supported") or [_USUALLY]
    try:
        read = jwt.decode(
            str(token.get("id_token", "")),
            KeySet.import_key_set({"keys": keys.get("keys", [])}),
            algorithms=sorted(_SIGNED_BY.intersection(offered)),
        )
        claims = CodeIDToken(
            read.claims,
            read.header,
            {
                "iss": {"essential": True, "value": settings.issuer},
                "aud": {"essential": True, "value": settings.client_id},
            },
            {
                "nonce": nonce,
                "client_id": settings.client_id,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(leeway=LEEWAY)
    except (JoseError, ValueError, KeyError) as error:
        raise ProviderError("What the provider says of you is not proven.") from error
    return dict(claims)


def _derived(secret: str, use: str) -> str:
    """Return 64 hexadecimal digits that nobody knows who has not the secret."""
    label = f"replywise {use}".encode()
    return hmac.new(secret.encode(), label, hashlib.sha256).hexdigest()
