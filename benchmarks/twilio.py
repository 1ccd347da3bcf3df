"""A made-up account of Twilio: its program, its token, and webhooks that it signs."""

import hmac
import shutil
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

from serving.programs.deployment import DEFAULT, PROGRAMS, QUIET_HOURS

PROGRAM = "measured"
SENDER = "+12025550142"
PUBLIC_URL = "https://texts.example.com"
PATH = f"/v1/inbound/{PROGRAM}"
VARIABLE = "MEASURED_TWILIO_TOKEN"

TOKEN = "a token of nobody's account"  # noqa: S105 - it opens nothing
ENVIRONMENT = {VARIABLE: TOKEN}
"""What the service must find in its environment."""

_RETRY = b"I-Twilio-Idempotency-Token"
_PROGRAMS = f"""
version: 1
default: {PROGRAM}
programs:
  {PROGRAM}:
    brand: Fernhill
    name: Fernhill texts
    provider: twilio
    numbers: ["{SENDER}"]
    public_url: {PUBLIC_URL}
    secrets:
      environment: [{VARIABLE}]
    support:
      email: care@example.com
    country: US
    hours:
      zone: America/New_York
      week:
        mon: "09:00-18:00"
    languages: [en]
    stop_confirmed_by: us
    scopes: [marketing, transactional]
    help:
      en:
        frequency: "Up to 6 msgs/month"
        rates: "Msg & data rates may apply"
    revoke_all: true
    answers_in_quiet_hours: true
"""


def write_programs(folder: Path) -> Path:
    """Write a deployment of the one program to `folder`, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PROGRAMS).write_text(_PROGRAMS, encoding="utf-8")
    shutil.copyfile(DEFAULT / QUIET_HOURS, folder / QUIET_HOURS)
    return folder


def message_sid(name: str) -> str:
    """Return the id of a message, the same for the same name."""
    return f"SM{sha256(name.encode()).hexdigest()[:32]}"


def webhook(sid: str, number: str, text: str, *, again: bool = False) -> bytes:
    """Return the request by which Twilio brings a message, whole and signed.

    Args:
        sid: of the message.
        number: who wrote.
        text: what was written.
        again: Twilio got no answer before; the header says so, nothing else changes.
    """
    fields = {
        "MessageSid": sid,
        "SmsSid": sid,
        "From": number,
        "To": SENDER,
        "Body": text,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
    }
    body = urlencode(fields).encode()
    # A retry repeats the token of its first attempt; the sid is as good as any.
    retry = _RETRY + b": " + sid.encode() + b"\r\n" if again else b""
    return (
        f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
        f"X-Twilio-Signature: {signature(fields)}\r\n"
        f"Content-Length: {len(body)}\r\n".encode()
        + retry
        + b"\r\n"
        + body
    )


def signature(fields: dict[str, str]) -> str:
    """Return what Twilio signs a form with: HMAC-SHA1 of the address and each field."""
    signed = "".join(name + fields[name] for name in sorted(fields))
    address = f"{PUBLIC_URL}{PATH}{signed}"
    return b64encode(hmac.digest(TOKEN.encode(), address.encode(), "sha1")).decode()
