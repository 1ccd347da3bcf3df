"""Fields of a body, whatever its format; a wrong one is refused by its name."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from serving.providers.inbound import Verdict
from serving.providers.webhook import Webhook, malformed

FORM = "application/x-www-form-urlencoded"

Pairs = tuple[tuple[str, str], ...]

# No store keeps these: halves of an emoji cut in two, and NUL.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_VERDICTS: Mapping[str, Verdict] = {"STOP": "STOP", "START": "START", "HELP": "HELP"}


def form_pairs(raw: str) -> Pairs:
    """Return the pairs of a form or query in their order, blank ones too."""
    try:
        return tuple(parse_qsl(raw, keep_blank_values=True, errors="strict"))
    except ValueError as error:
        raise malformed("form", "percent-encoded UTF-8") from error


def query_pairs(url: str) -> Pairs:
    """Return the pairs of a URL's query."""
    try:
        query = urlsplit(url).query
    except ValueError as error:
        raise malformed("url", "an address") from error
    return form_pairs(query)


def body_text(body: bytes) -> str:
    """Return a body that must be UTF-8."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise malformed("body", "UTF-8") from error


def json_value(text: str, where: str = "body") -> object:
    """Return the value of JSON `text`, in which no object names a field twice."""
    try:
        value: object = json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=_object,
            parse_constant=_not_json,
        )
    except (ValueError, RecursionError) as error:
        expected = "JSON without fields that come twice or nest without end"
        raise malformed(where, expected) from error
    return value


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError  # Which of the two was meant, and which was checked?
    return found


def _not_json(_name: str) -> object:
    raise ValueError


@dataclass(frozen=True, slots=True)
class Fields:
    """Named values, and where they stand, for the message of a refusal."""

    values: Mapping[str, object]
    path: str = ""

    def text(self, name: str) -> str:
        """Return an id, number or word that must be there and not blank."""
        value = self.optional(name)
        if value is None:
            raise malformed(self.path + name, "text that is not blank")
        return value

    def optional(self, name: str) -> str | None:
        """Return an id, number or word; None where it is missing, null or blank."""
        value = self.values.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if value is None:
            return None
        if not isinstance(value, str) or _UNSTORABLE.search(value):
            raise malformed(self.path + name, "text")
        return value if value.strip() else None

    def words(self, name: str) -> str:
        """Return what a person wrote, to the letter; "" where nothing came.

        Characters that no store keeps come out as U+FFFD: a STOP beside half an emoji
        still counts.
        """
        value = self.values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise malformed(self.path + name, "text")
        return _UNSTORABLE.sub("\ufffd", value)

    def lower(self, name: str) -> str:
        """Return a word that must be there, lower-case."""
        return self.text(name).lower()

    def verdict(self, name: str) -> Verdict | None:
        """Return what the provider took a text for; None for other words."""
        return _VERDICTS.get((self.optional(name) or "").upper())

    def count(self, name: str) -> int:
        """Return a number from 0 to 999; 0 for what is no number."""
        value = self.values.get(name)
        text = str(value) if isinstance(value, str | int) else ""
        return int(text) if re.fullmatch("[0-9]{1,3}", text) else 0

    def position(self, name: str) -> int:
        """Return a number from 1 to 255 that must be there: of a part, or of parts."""
        found = self.count(name)
        if not 1 <= found <= 255:  # noqa: PLR2004 - one octet in the header of a part
            raise malformed(self.path + name, "a number from 1 to 255")
        return found

    def inner(self, name: str) -> "Fields":
        """Return the fields of an object that must be there."""
        return fields_of(self.values.get(name), self.path + name)

    def inner_or_empty(self, name: str) -> "Fields":
        """Return the fields of an object; none where it is missing or null."""
        value = self.values.get(name)
        return fields_of({} if value is None else value, self.path + name)

    def items(self, name: str) -> tuple[object, ...]:
        """Return the items of a list; none where it is missing or null."""
        value = self.values.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise malformed(self.path + name, "a list")
        return tuple(value)

    def objects(self, name: str) -> Iterator["Fields"]:
        """Yield the fields of each object of a list."""
        for index, item in enumerate(self.items(name)):
            yield fields_of(item, f"{self.path}{name}.{index}")


def fields_of(value: object, path: str) -> Fields:
    """Return the fields of `value`, which must be an object."""
    if not isinstance(value, dict):
        raise malformed(path or "body", "an object")
    return Fields(value, f"{path}." if path else "")


def json_fields(webhook: Webhook) -> Fields:
    """Return the fields of a body that must be a JSON object."""
    return fields_of(json_value(body_text(webhook.body)), "")


def sent_pairs(webhook: Webhook) -> Pairs:
    """Return what a GET says in its query, or a POST in its form."""
    if webhook.method == "GET":
        return query_pairs(webhook.url)
    return form_pairs(body_text(webhook.body))


def kind_of(webhook: Webhook) -> Literal["query", "form", "json", "other"]:
    """Return where a webhook keeps its fields."""
    if webhook.method == "GET":
        return "query"
    if webhook.content_type == FORM:
        return "form"
    return "json" if webhook.content_type == "application/json" else "other"
