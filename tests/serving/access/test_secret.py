import hashlib
import secrets

from hypothesis import given
from hypothesis import strategies as st

from serving.access.secret import Token, digest_of
from tests.serving.access.making import Bytes


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=6, max_size=6))
def test_what_is_shown_is_read_again(secret: bytes, key_id: bytes) -> None:
    token = Token.new({32: secret, 6: key_id}.__getitem__)

    assert Token.read(token.reveal()) == token


@given(st.text(max_size=80))
def test_anything_else_is_none(text: str) -> None:
    assert Token.read(text) is None


def test_a_token_is_as_documented() -> None:
    token = Token.new(secrets.token_bytes)

    assert token.reveal() == f"rw_{token.key_id}_{token.secret}"
    assert len(token.key_id) == 12
    assert len(token.secret) == 43  # 32 bytes in base64, without padding.


def test_a_rotation_keeps_the_key_id() -> None:
    assert Token.new(Bytes(), key_id="0123456789ab").key_id == "0123456789ab"


def test_a_spoilt_token_is_none() -> None:
    text = Token.new(Bytes()).reveal()

    for spoilt in (
        text + "\n",
        text[:-1],
        text.upper(),
        text.replace("rw_", "rw-"),
        text[:-1] + "é",
    ):
        assert Token.read(spoilt) is None


def test_a_secret_is_not_in_the_repr() -> None:
    token = Token.new(Bytes())

    assert token.secret not in repr(token)


def test_a_digest_is_the_plain_one() -> None:
    assert digest_of("x") == hashlib.sha256(b"x").hexdigest()
