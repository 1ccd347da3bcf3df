"""The benchmarks' own Twilio signs as the official library does."""

from pathlib import Path
from urllib.parse import parse_qsl

from twilio.request_validator import (  # type: ignore[import-untyped]
    RequestValidator,
)

from benchmarks.twilio import (
    PATH,
    PROGRAM,
    PUBLIC_URL,
    TOKEN,
    message_sid,
    webhook,
    write_programs,
)
from serving.recording.setup import BUILT_IN_LANGUAGES, read_setup


def test_the_official_library_accepts_the_signature() -> None:
    head, _, body = webhook("SM1", "+12125550100", "où & +1?").partition(b"\r\n\r\n")
    fields = dict(parse_qsl(body.decode()))
    lines = head.decode().split("\r\n")[1:]
    headers = dict(line.split(": ", 1) for line in lines)

    signature = headers["X-Twilio-Signature"]
    assert RequestValidator(TOKEN).validate(PUBLIC_URL + PATH, fields, signature)
    assert int(headers["Content-Length"]) == len(body)


def test_a_retry_says_so_and_changes_nothing_else() -> None:
    first = webhook("SM1", "+12125550100", "hello")
    again = webhook("SM1", "+12125550100", "hello", again=True)

    assert b"I-Twilio-Idempotency-Token" not in first
    assert again.replace(b"I-Twilio-Idempotency-Token: SM1\r\n", b"") == first


def test_ids_look_like_twilios_and_differ() -> None:
    ids = {message_sid(str(number)) for number in range(100)}

    assert len(ids) == 100
    assert {len(sid) for sid in ids} == {34}


def test_the_programs_can_be_read(tmp_path: Path) -> None:
    setup = read_setup(write_programs(tmp_path), BUILT_IN_LANGUAGES)

    assert [program.program_id for program in setup.programs] == [PROGRAM]
