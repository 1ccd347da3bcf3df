"""Telling our own forms from those of other sites."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.console.forgery import form_token, from_here, meant

# Secrets are base64: ASCII.
SECRETS = st.text(st.characters(codec="ascii"))


@given(SECRETS, SECRETS)
def test_a_token_is_of_one_secret_alone(secret: str, other: str) -> None:
    token = form_token(secret)

    assert meant(token, token)
    assert meant(token, form_token(other)) is (secret == other)


@given(st.none() | st.text())
def test_what_is_not_the_token_is_not_meant(given_: str | None) -> None:
    assert not meant(form_token("secret"), given_)


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "https://a", "host": "a"}, False),
        ({"origin": "https://a.example", "host": "a.example"}, True),
        ({"origin": "http://a.example:8000", "host": "a.example:8000"}, True),
        ({"origin": "https://b.example", "host": "a.example"}, False),
        ({"origin": "https://a.example.b", "host": "a.example"}, False),
        ({"origin": "null", "host": "a.example"}, False),
        ({"origin": "https://a.example"}, False),
    ],
)
def test_a_request_says_where_it_comes_from(
    headers: dict[str, str], *, ours: bool
) -> None:
    assert from_here(headers) is ours
