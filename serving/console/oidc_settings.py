"""What a deployment sets of the provider that signs its people in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from model.errors import SettingsError
from serving.console.viewer import Role

_PREFIX = "REPLYWISE_OIDC_"


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """The settings of OpenID Connect.

    Attributes:
        issuer: the provider's address, as its tokens name it.
        client_id: what the provider calls us.
        client_secret: what we prove ourselves to it with; None for a public client.
        role_claim: the claim of the ID token that tells groups or a role; dots lead
            into objects (`realm_access.roles`).
        roles: from a value of that claim to a role of ours; of several the highest.
        default_role: the role of those whom no value gives one; None refuses them.
        name: what the button says.
    """

    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    role_claim: str = "groups"
    roles: Mapping[str, Role] = field(default_factory=dict)
    default_role: Role | None = None
    name: str = "single sign-on"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self | None:
        """Read REPLYWISE_OIDC_ISSUER, _CLIENT_ID, _CLIENT_SECRET and so on.

        None where no issuer is set. The secret may lie in a file, named by
        _CLIENT_SECRET_FILE. _ROLES is JSON: `{"support-leads": "analyst"}`.

        Raises:
            SettingsError: a value is missing or cannot be meant.
        """
        issuer = environ.get(f"{_PREFIX}ISSUER")
        if not issuer:
            return None
        client_id = environ.get(f"{_PREFIX}CLIENT_ID")
        if not client_id:
            raise SettingsError(
                f"{_PREFIX}CLIENT_ID: expected the id that the provider gave this "
                f"service, got none; {_PREFIX}ISSUER is set"
            )
        return cls(
            issuer=_secure(issuer),
            client_id=client_id,
            client_secret=_secret(environ),
            role_claim=environ.get(f"{_PREFIX}ROLE_CLAIM") or "groups",
            roles=_roles(environ.get(f"{_PREFIX}ROLES") or "{}"),
            default_role=_default(environ.get(f"{_PREFIX}DEFAULT_ROLE")),
            name=environ.get(f"{_PREFIX}NAME") or "single sign-on",
        )


def reached_safely(address: str) -> bool:
    """Return whether nobody reads on the way to `address`: HTTPS, or this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and _here(parts.hostname))


def _secure(issuer: str) -> str:
    if reached_safely(issuer):
        return issuer
    raise SettingsError(
        f"{_PREFIX}ISSUER: expected an https address such as "
        "https://login.example.com/realms/acme; http only on this machine"
    )


def _here(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def _secret(environ: Mapping[str, str]) -> str | None:
    file = environ.get(f"{_PREFIX}CLIENT_SECRET_FILE")
    if not file:
        return environ.get(f"{_PREFIX}CLIENT_SECRET") or None
    try:
        return Path(file).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{_PREFIX}CLIENT_SECRET_FILE: expected a file that can be read, got "
            f"{type(error).__name__} for {file}"
        ) from error


def _roles(text: str) -> dict[str, Role]:
    try:
        return {str(claimed): Role(role) for claimed, role in json.loads(text).items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise SettingsError(
            f'{_PREFIX}ROLES: expected JSON such as {{"support-leads": "analyst"}}, '
            f"with the roles {', '.join(Role)}"
        ) from error


def _default(text: str | None) -> Role | None:
    if not text:
        return None
    try:
        return Role(text)
    except ValueError as error:
        raise SettingsError(
            f"{_PREFIX}DEFAULT_ROLE: expected one of {', '.join(Role)}, got {text!r}"
        ) from error
