"""What holds for each provider: whom it lets in, and what it makes of a message."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from model.errors import SettingsError
from serving.providers.inbound import Inbound, idempotency_key
from serving.providers.provider import Secrets
from serving.providers.webhook import RefusalCode, Refused, Webhook
from tests.serving.providers.senders import NOW, PROVIDERS, SENDERS, Sender

SIGNING = [name for name, sender in SENDERS.items() if sender.past]
BODY = [name for name, sender in SENDERS.items() if sender.signs_body]
ACCOUNTS = [name for name, sender in SENDERS.items() if sender.has_account]
SIGNATURES = {
    "aws": "",
    "bandwidth": "authorization",
    "generic": "webhook-signature",
    "plivo": "x-plivo-signature-v2",
    "sinch": "x-sinch-webhook-signature",
    "sinch_basic": "authorization",
    "telnyx": "telnyx-signature-ed25519",
    "twilio": "x-twilio-signature",
    "vonage_messages": "authorization",
    "vonage": "",
}


@pytest.fixture(params=SENDERS)
def sender(request: pytest.FixtureRequest) -> Sender:
    return SENDERS[request.param]


def refusal(sender: Sender, webhook: Webhook, *keys: str) -> RefusalCode | None:
    try:
        sender.provider.verify(webhook, sender.secrets(*keys), NOW)
    except Refused as caught:
        refused = caught
    else:
        return None
    assert "order" not in str(refused)
    assert "4155550100" not in str(refused)
    return refused.code


def message(sender: Sender, webhook: Webhook) -> Inbound:
    (received,) = sender.provider.read(webhook)
    assert isinstance(received, Inbound)
    return received


def test_what_the_provider_signed_is_let_in_and_read(sender: Sender) -> None:
    webhook = sender.call(sender.said())

    assert refusal(sender, webhook) is None
    found = message(sender, webhook)
    assert (found.message_id, found.text) == ("message-1", "Where is my order?")
    assert (found.number, found.sender) == ("+14155550100", "+14155550199")
    assert found.sent_at in {None, NOW}
    assert (found.channel, found.media) == ("sms", 0)


def test_the_secrets_of_every_sender_pass_the_check(sender: Sender) -> None:
    sender.provider.check(sender.secrets())


def test_keys_are_needed_where_they_are_what_is_checked(sender: Sender) -> None:
    secrets = Secrets(accounts=frozenset({"account"}))
    if sender.name == "aws":
        secrets = Secrets(("key",))

    with pytest.raises(SettingsError, match="needs"):
        sender.provider.check(secrets)


def test_both_keys_are_good_while_one_is_changed(sender: Sender) -> None:
    old, new = sender.keys
    webhook = sender.call(sender.said())

    assert refusal(sender, webhook, new, old) is None
    assert refusal(sender, webhook, old, new) is None


def test_a_signature_of_another_key_is_refused(sender: Sender) -> None:
    webhook = sender.call(sender.said(key=sender.keys[1]))

    assert refusal(sender, webhook) is RefusalCode.BAD_SIGNATURE


@pytest.mark.parametrize("name", [n for n in SENDERS if SIGNATURES[n]])
def test_a_call_without_its_signature_is_refused(name: str) -> None:
    sender = SENDERS[name]
    webhook = sender.call(sender.said())
    headers = {n: v for n, v in webhook.headers.items() if n != SIGNATURES[name]}

    code = refusal(sender, replace(webhook, headers=headers))

    assert code is RefusalCode.MISSING_SIGNATURE


@pytest.mark.parametrize("name", [n for n in SENDERS if SIGNATURES[n]])
@pytest.mark.parametrize("forged", ["x", "AAAA", "Basic AAAA", "v1,AAAA", "é", "a.b.c"])
def test_a_made_up_signature_is_refused(name: str, forged: str) -> None:
    sender = SENDERS[name]
    webhook = sender.call(sender.said())
    headers = {**webhook.headers, SIGNATURES[name]: forged}

    assert refusal(sender, replace(webhook, headers=headers)) is not None


@pytest.mark.parametrize("name", [n for n in SENDERS if SIGNATURES[n]])
def test_a_signature_that_comes_twice_is_refused(name: str) -> None:
    sender = SENDERS[name]
    webhook = sender.call(sender.said())
    pairs = [*webhook.headers.items(), (SIGNATURES[name], "x")]

    twice = Webhook.from_pairs("POST", webhook.url, pairs, webhook.body)

    assert refusal(sender, twice) is not None


@pytest.mark.parametrize("name", BODY)
def test_a_changed_body_is_refused(name: str) -> None:
    sender = SENDERS[name]
    webhook = sender.call(sender.said("Yes"))

    assert b"Yes" in webhook.body
    forged = replace(webhook, body=webhook.body.replace(b"Yes", b"No!"))

    assert refusal(sender, forged) is RefusalCode.BAD_SIGNATURE


@pytest.mark.parametrize("name", BODY)
def test_a_truncated_body_is_refused(name: str) -> None:
    sender = SENDERS[name]
    webhook = sender.call(sender.said())

    for length in range(0, len(webhook.body), 7):
        cut = replace(webhook, body=webhook.body[:length])
        assert refusal(sender, cut) is not None


@pytest.mark.parametrize("name", sorted(set(SENDERS) - set(BODY)))
def test_a_truncated_body_that_nothing_signs_is_refused_when_read(name: str) -> None:
    sender = SENDERS[name]
    webhook = sender.call(sender.said())

    with pytest.raises(Refused) as caught:
        sender.provider.read(replace(webhook, body=webhook.body[:-30]))

    assert caught.value.code is RefusalCode.MALFORMED


@pytest.mark.parametrize("name", ACCOUNTS)
def test_another_account_is_refused_though_its_signature_is_good(name: str) -> None:
    sender = SENDERS[name]
    webhook = sender.call(sender.said(account="another"))

    assert refusal(sender, webhook) is RefusalCode.WRONG_ACCOUNT


@pytest.mark.parametrize("name", SIGNING)
def test_what_was_signed_too_long_ago_is_stale(name: str) -> None:
    sender = SENDERS[name]
    assert sender.past
    just_in_time = sender.call(sender.said(at=NOW - sender.past))
    too_late = sender.call(sender.said(at=NOW - sender.past - timedelta(seconds=1)))
    years_ago = sender.call(sender.said(at=datetime(2020, 1, 1, tzinfo=UTC)))

    assert refusal(sender, just_in_time) is None
    assert refusal(sender, too_late) is RefusalCode.STALE
    assert refusal(sender, years_ago) is RefusalCode.STALE


@pytest.mark.parametrize("name", SIGNING)
def test_what_was_signed_tomorrow_is_stale(name: str) -> None:
    sender = SENDERS[name]
    webhook = sender.call(sender.said(at=NOW + timedelta(days=1)))

    assert refusal(sender, webhook) is RefusalCode.STALE


def test_a_replay_is_known_by_its_key(sender: Sender) -> None:
    """Where the key of idempotency is signed, or the replay key comes only once."""
    first = message(sender, sender.call(sender.said()))
    again = message(sender, sender.call(sender.said()))
    other = message(sender, sender.call(sender.said(message_id="message-2")))

    assert idempotency_key("p", first) == idempotency_key("p", again)
    assert idempotency_key("p", first) != idempotency_key("p", other)
    assert first.replay_key == again.replay_key


@pytest.mark.parametrize("name", [*BODY, "plivo"])
def test_a_replay_under_another_message_id_is_refused_or_shows(name: str) -> None:
    sender = SENDERS[name]
    webhook = sender.call(sender.said())
    changed = webhook.body.replace(b"message-1", b"message-9")
    replayed = replace(webhook, body=changed)

    if sender.signs_body:
        assert refusal(sender, replayed) is RefusalCode.BAD_SIGNATURE
    else:
        first, second = message(sender, webhook), message(sender, replayed)
        assert first.replay_key == second.replay_key is not None
        assert first.message_id != second.message_id


TEXTS = (
    "STOP",
    "STOP\nIn the future… & = + % ; ?",
    " blanks kept ",
    "👩‍👩‍👧‍👦🇫🇷 ça va ? Добрый день",
    "é" * 1600,
    "🛑" * 800,
)


@pytest.mark.parametrize("text", TEXTS)
def test_words_come_through_to_the_letter(sender: Sender, text: str) -> None:
    webhook = sender.call(sender.said(text))

    assert refusal(sender, webhook) is None
    assert message(sender, webhook).text == text


@pytest.mark.parametrize("name", sorted(set(SENDERS) - {"aws", "vonage"}))
def test_media_without_text_has_the_empty_text(name: str) -> None:
    sender = SENDERS[name]
    webhook = sender.call(sender.said("", media=1))

    assert refusal(sender, webhook) is None
    found = message(sender, webhook)
    assert (found.text, found.media) == ("", 1)
    assert found.channel in {"mms", "sms"}


def test_nothing_of_a_person_is_in_a_repr(sender: Sender) -> None:
    webhook = sender.call(sender.said())

    told = repr(webhook) + repr(message(sender, webhook)) + repr(sender.secrets())

    assert "4155550" not in told
    assert "order" not in told
    assert not any(key in told for key in sender.secrets().keys)


def test_the_empty_answer_is_a_success(sender: Sender) -> None:
    answer = sender.provider.acknowledge()

    assert answer.status in {200, 204}
    assert bool(answer.body) is (answer.status == 200 and sender.provider.answers)


def test_words_are_never_lost_in_an_answer(sender: Sender) -> None:
    inbound = message(sender, sender.call(sender.said()))
    if sender.provider.answers:
        answer = sender.provider.acknowledge('Done & <ok> "é"', inbound)
        assert "Done &amp; &lt;ok&gt;" in answer.body.decode()
        return
    with pytest.raises(ValueError, match="send call"):
        sender.provider.acknowledge("Done", inbound)


def test_a_blank_key_is_no_key() -> None:
    with pytest.raises(SettingsError, match="blank"):
        Secrets(("good", " "))
    with pytest.raises(SettingsError, match="neither"):
        Secrets()


def test_the_catalogue_knows_ten_providers_and_their_variants() -> None:
    assert set(SENDERS) <= set(PROVIDERS)
    assert {PROVIDERS[n].name for n in PROVIDERS} == set(SENDERS) - {"sinch_basic"}
