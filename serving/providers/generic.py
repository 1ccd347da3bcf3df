"""Any other sender: our own JSON, signed by Standard Webhooks.

```json
{"type": "message.received", "message_id": "…", "from": "+1…", "to": "+1…",
 "text": "…", "sent_at": "2026-01-31T12:00:00Z", "channel": "sms", "media": 0,
 "opt_out_type": "STOP", "part": {"reference": "…", "number": 1, "total": 2}}
{"type": "message.status", "event_id": "…", "message_id": "…", "from": "+1…",
 "to": "+1…", "status": "failed", "error_code": "…", "opted_out": true, "at": "…"}
```

`type`, ids, `from` and `to` of a message and `status` are needed, the rest is not.
`from` is who sent: the person of a message, we of a status.
See https://www.standardwebhooks.com.
"""

import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta

from model.errors import SettingsError
from serving.providers.addresses import instant
from serving.providers.fields import Fields, json_fields
from serving.providers.inbound import Inbound, Nothing, Part, Received, StatusEvent
from serving.providers.proof import decoded, header, need, need_fresh, octets, seconds
from serving.providers.provider import Acknowledgement, Secrets, need_keys, no_words
from serving.providers.webhook import Webhook, malformed

_PREFIX = "whsec_"
_VERSION = "v1"
_TOLERANCE = timedelta(minutes=5)
"""As the scheme has it; every attempt is signed anew."""


class Generic:
    """Messages and news of any sender that signs by Standard Webhooks."""

    name = "generic"
    answers = False
    fetches = False

    def check(self, secrets: Secrets) -> None:
        """Need keys in base64, with or without `whsec_`; the key is the account."""
        need_keys(self.name, secrets)
        for key in secrets.keys:
            _raw_key(key)

    def verify(self, webhook: Webhook, secrets: Secrets, now: datetime) -> None:
        """Raise Refused unless one of the keys signed this, now."""
        message_id = header(webhook, "webhook-id")
        timestamp = header(webhook, "webhook-timestamp")
        given = list(_signatures(header(webhook, "webhook-signature")))
        signed_at = seconds(timestamp, "the header webhook-timestamp")
        need_fresh(signed_at, now, _TOLERANCE, _TOLERANCE)
        signed = octets(f"{message_id}.{timestamp}.") + webhook.body
        expected = [
            hmac.digest(_raw_key(key), signed, "sha256") for key in secrets.keys
        ]
        need(hmac.compare_digest(one, other) for one in expected for other in given)

    def read(self, webhook: Webhook) -> tuple[Received, ...]:
        """Return the message or the news of one."""
        fields = json_fields(webhook)
        kind = fields.text("type")
        replay_key = webhook.headers.get("webhook-id")
        if kind == "message.received":
            return (_inbound(fields, replay_key),)
        if kind == "message.status":
            return (_event(fields, replay_key),)
        return (Nothing("an event of another kind"),)

    def acknowledge(
        self,
        words: str | None = None,
        inbound: Inbound | None = None,  # noqa: ARG002 - nothing is sent
    ) -> Acknowledgement:
        """Return the empty answer."""
        return no_words(self.name, words)


def _raw_key(key: str) -> bytes:
    encoded = key.removeprefix(_PREFIX)
    found = decoded(encoded + "=" * (-len(encoded) % 4))
    if not found:
        raise SettingsError(
            f"A key of generic is not base64: expected {_PREFIX} and base64."
        )
    return found


def _signatures(header_value: str) -> Iterator[bytes]:
    for versioned in header_value.split(" "):
        version, _, encoded = versioned.partition(",")
        found = decoded(encoded) if version == _VERSION else None
        if found is not None:
            yield found


def _inbound(fields: Fields, replay_key: str | None) -> Inbound:
    return Inbound(
        message_id=fields.text("message_id"),
        number=fields.text("from"),
        sender=fields.text("to"),
        text=fields.words("text"),
        sent_at=instant(fields.optional("sent_at")),
        channel=(fields.optional("channel") or "sms").lower(),
        media=fields.count("media"),
        part=_part(fields),
        opt_out_type=fields.verdict("opt_out_type"),
        replay_key=replay_key,
    )


def _part(fields: Fields) -> Part | None:
    if fields.values.get("part") is None:
        return None
    part = fields.inner("part")
    number, total = part.position("number"), part.position("total")
    if number > total:
        raise malformed("part.number", "no more than part.total")
    return Part(part.text("reference"), number, total)


def _event(fields: Fields, replay_key: str | None) -> StatusEvent:
    opted_out = fields.values.get("opted_out", False)
    if not isinstance(opted_out, bool):
        raise malformed("opted_out", "true or false")
    message_id = fields.text("message_id")
    return StatusEvent(
        event_id=fields.optional("event_id") or message_id,
        message_id=message_id,
        number=fields.optional("to"),
        sender=fields.optional("from"),
        status=fields.lower("status"),
        error_code=fields.optional("error_code"),
        opted_out=opted_out,
        at=instant(fields.optional("at")),
        replay_key=replay_key,
    )
