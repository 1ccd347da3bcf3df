import pytest

from model.errors import SettingsError
from serving.access.access_settings import AccessSettings, refuse_open_to_the_world

ELSEWHERE = ["0.0.0.0", "::", "192.0.2.1", "example.org", "", "::ffff:192.0.2.1"]  # noqa: S104 - refused


def test_what_is_not_set_is_usual() -> None:
    assert AccessSettings.from_environment({}) == AccessSettings()


def test_everything_can_be_set() -> None:
    told = AccessSettings.from_environment(
        {
            "REPLYWISE_OPEN": "1",
            "REPLYWISE_TLS_IN_FRONT": "1",
            "REPLYWISE_ANONYMOUS_PER_MINUTE": "2",
            "REPLYWISE_WEBHOOKS_PER_MINUTE": "3",
            "REPLYWISE_BODY_SECONDS": "4",
            "REPLYWISE_REQUEST_SECONDS": "5",
        }
    )

    assert told == AccessSettings(
        open_to_the_world=True,
        tls_in_front=True,
        anonymous_per_minute=2,
        webhooks_per_minute=3,
        body_seconds=4,
        request_seconds=5,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REPLYWISE_OPEN", "yes"),
        ("REPLYWISE_TLS_IN_FRONT", "2"),
        ("REPLYWISE_ANONYMOUS_PER_MINUTE", "0"),
        ("REPLYWISE_WEBHOOKS_PER_MINUTE", "many"),
        ("REPLYWISE_BODY_SECONDS", "-1"),
        ("REPLYWISE_REQUEST_SECONDS", "99999"),
    ],
)
def test_a_value_that_cannot_be_meant_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}: expected .*, got '{value}'"):
        AccessSettings.from_environment({name: value})


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "::ffff:127.0.0.1"]
)
def test_this_machine_alone_needs_no_key(host: str) -> None:
    refuse_open_to_the_world(host, keys_exist=False)


@pytest.mark.parametrize("host", ELSEWHERE)
def test_the_world_needs_a_key_or_a_clear_word(host: str) -> None:
    refuse_open_to_the_world(host, keys_exist=True)
    refuse_open_to_the_world(host, keys_exist=False, open_to_the_world=True)

    with pytest.raises(SettingsError, match="replywise keys create"):
        refuse_open_to_the_world(host, keys_exist=False)
