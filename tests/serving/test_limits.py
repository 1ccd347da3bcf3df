from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from serving.limits import MAX_BODY
from serving.problems import MEDIA_TYPE

JSON = {"content-type": "application/json"}
START, END = b'{"texts": ["where is it"], "more": "', b'"}'
WIDTH = 64 * 1024


def body_of(length: int) -> bytes:
    return START + b"x" * (length - len(START + END)) + END


def pieces(body: bytes) -> Iterator[bytes]:
    """Without a length the client sends a body in chunks."""
    for start in range(0, len(body), WIDTH):
        yield body[start : start + WIDTH]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_may_be_as_large_as_the_limit(
    quick: TestClient, *, chunked: bool
) -> None:
    body = body_of(MAX_BODY)

    answer = quick.post(
        "/v1/classify", content=pieces(body) if chunked else body, headers=JSON
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/v1/route", "/v1/classify"])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_refused(
    quick: TestClient, path: str, *, chunked: bool
) -> None:
    body = body_of(MAX_BODY + 1)

    answer = quick.post(path, content=pieces(body) if chunked else body, headers=JSON)

    assert answer.status_code == 413
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.json()["type"] == "urn:replywise:body-too-large"
    assert str(MAX_BODY) in answer.json()["detail"]


def test_a_declared_length_is_believed(quick: TestClient) -> None:
    answer = quick.post(
        "/v1/route", content=b"{}", headers={**JSON, "content-length": "999999999"}
    )

    assert answer.status_code == 413


@pytest.mark.parametrize("length", ["", "-1", "many", "1e3"])
def test_a_length_that_is_none_is_refused(quick: TestClient, length: str) -> None:
    answer = quick.post(
        "/v1/route", content=b"{}", headers={**JSON, "content-length": length}
    )

    assert answer.status_code == 413


@pytest.mark.parametrize("chunked", [False, True])
def test_a_get_that_brings_a_body_is_limited_as_well(
    quick: TestClient, *, chunked: bool
) -> None:
    body = body_of(MAX_BODY + 1)

    # The one call by GET that reads a body: some providers' webhooks come so.
    answer = quick.request(
        "GET", "/v1/inbound/fernhill", content=pieces(body) if chunked else body
    )

    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:replywise:body-too-large"
