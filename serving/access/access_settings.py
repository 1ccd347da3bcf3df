"""What a deployment sets of who may call."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self

from model.errors import SettingsError
from serving.access.new_key import MOST_PER_MINUTE

LONGEST_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class AccessSettings:
    """The settings; nothing here is read at import.

    Attributes:
        open_to_the_world: other addresses than loopback may be served without keys.
        tls_in_front: everyone reaches us by HTTPS, through whatever ends it.
        anonymous_per_minute: calls of one address while no key exists.
        webhooks_per_minute: verified webhooks of one program.
        body_seconds: how long the body of a request may take to arrive.
        request_seconds: how long a request may take until its answer begins.
    """

    open_to_the_world: bool = False
    tls_in_front: bool = False
    anonymous_per_minute: int = MOST_PER_MINUTE
    webhooks_per_minute: int = MOST_PER_MINUTE
    body_seconds: int = 10
    request_seconds: int = 60

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read REPLYWISE_OPEN, _TLS_IN_FRONT, _ANONYMOUS_PER_MINUTE and so on.

        Raises:
            SettingsError: a value cannot be meant.
        """
        usual = cls()
        most, longest = MOST_PER_MINUTE, LONGEST_SECONDS
        anonymous = "REPLYWISE_ANONYMOUS_PER_MINUTE"
        webhooks = "REPLYWISE_WEBHOOKS_PER_MINUTE"
        body, request = "REPLYWISE_BODY_SECONDS", "REPLYWISE_REQUEST_SECONDS"
        return cls(
            open_to_the_world=_switch(environ, "REPLYWISE_OPEN"),
            tls_in_front=_switch(environ, "REPLYWISE_TLS_IN_FRONT"),
            anonymous_per_minute=_number(
                environ, anonymous, usual.anonymous_per_minute, most
            ),
            webhooks_per_minute=_number(
                environ, webhooks, usual.webhooks_per_minute, most
            ),
            body_seconds=_number(environ, body, usual.body_seconds, longest),
            request_seconds=_number(environ, request, usual.request_seconds, longest),
        )


def refuse_open_to_the_world(
    host: str, *, keys_exist: bool, open_to_the_world: bool = False
) -> None:
    """Refuse to listen where others reach us while no key keeps them out.

    Raises:
        SettingsError: it says how to make a key.
    """
    if keys_exist or open_to_the_world or _loopback(host):
        return
    raise SettingsError(
        f"--host {host}: expected a key in the store, or an address of this machine "
        "alone such as 127.0.0.1: whoever reaches this one could call. Make a key with "
        "`replywise keys create NAME --scope route`, or set REPLYWISE_OPEN=1 where "
        "something in front keeps others out"
    )


def _loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:  # A name may mean any address.
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _switch(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name, "")
    if text not in {"", "0", "1"}:
        raise SettingsError(f"{name}: expected 1 or 0, got {text!r}")
    return text == "1"


def _number(environ: Mapping[str, str], name: str, usual: int, most: int) -> int:
    text = environ.get(name) or str(usual)
    number = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= number <= most:
        raise SettingsError(f"{name}: expected a number from 1 to {most}, got {text!r}")
    return number
