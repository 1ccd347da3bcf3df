import base64
import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from serving.live import LiveBundle
from serving.providers.webhook import Webhook
from tests.databases import KINDS, store
from tests.serving.doorstep import PERSON, THEIRS, Doorstep, Town, program, secrets_of
from tests.serving.providers.senders import SENDERS, URL, Sender, generic_signed

TEXT = "Where is my order?"


@pytest.fixture(params=KINDS)
def town(
    request: pytest.FixtureRequest, tmp_path: Path, parrot: LiveBundle
) -> Iterator[Town]:
    with store(request.param, tmp_path) as url:
        yield Town(parrot, url)


@pytest.fixture(params=SENDERS)
def doorstep(
    request: pytest.FixtureRequest, tmp_path: Path, parrot: LiveBundle
) -> Iterator[Doorstep]:
    """Return the doorstep of each provider in turn."""
    with (
        store("sqlite", tmp_path) as url,
        Town(parrot, url).open(request.param) as opened,
    ):
        yield opened


@pytest.fixture
def twilio(town: Town) -> Iterator[Doorstep]:
    with town.open("twilio") as opened:
        yield opened


def nothing_happened(doorstep: Doorstep) -> bool:
    tables = ("messages_in", "decisions", "consent_events", "outbox", "messages_out")
    return not any(doorstep.count(table) for table in tables)


def told(caplog: pytest.LogCaptureFixture) -> str:
    return "\n".join(
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("serving")
    )


def test_a_good_call_is_recorded_and_decided_once(doorstep: Doorstep) -> None:
    answers = [doorstep.say("STOP") for _ in range(3)]
    doorstep.settled()

    assert {answer.status_code for answer in answers} <= {200, 204}
    assert doorstep.count("messages_in") == 1
    assert doorstep.count("decisions") == 1
    assert doorstep.count("messages_out") == 1
    assert doorstep.events() == ["opt_out", "honored", "confirmation_sent"]
    said = [a for a in answers if "opted out" in a.text]
    sent = doorstep.rows("SELECT payload FROM outbox WHERE type = 'send_message'")
    assert len(said) + len(sent) == 1
    assert len(said) == doorstep.sender.provider.answers


@pytest.mark.parametrize("text", ["STOP", TEXT])
@pytest.mark.parametrize("name", ["twilio", "telnyx"])
def test_eight_deliveries_at_once_end_in_one_decision(
    town: Town, name: str, text: str
) -> None:
    with town.open(name) as doorstep:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: doorstep.say(text), range(8)))
        doorstep.settled()

        assert {answer.status_code for answer in answers} <= {200, 204}
        assert doorstep.count("decisions") == 1
        assert doorstep.count("messages_out") == 1
        assert doorstep.events().count("opt_out") == (text == "STOP")


@pytest.mark.parametrize("text", ["STOP", TEXT])
def test_eight_ids_for_one_message_end_in_one_decision(town: Town, text: str) -> None:
    with town.open("twilio") as doorstep:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda n: doorstep.say(text, str(n)), range(8)))
        doorstep.settled()

        assert {answer.status_code for answer in answers} == {200}
        assert sum("<Message>" in answer.text for answer in answers) == 1
        assert doorstep.count("messages_in") == 8
        assert doorstep.count("decisions") == 1
        assert doorstep.events().count("opt_out") == (text == "STOP")


def test_the_same_after_a_restart_changes_nothing(town: Town) -> None:
    with town.open("twilio") as doorstep:
        first = doorstep.say("STOP")
    town.clock.pass_by(hours=3)
    with town.open("twilio") as doorstep:
        again = doorstep.say("STOP", at=town.clock.moment - timedelta(hours=3))

        assert "<Message>" in first.text
        assert "<Message>" not in again.text
        assert doorstep.count("decisions") == 1
        assert doorstep.events() == ["opt_out", "honored", "confirmation_sent"]


def test_stop_start_stop_within_a_minute_are_three(twilio: Doorstep) -> None:
    for number, text in enumerate(["STOP", "START", "STOP"]):
        twilio.say(text, str(number))
        twilio.clock.pass_by(seconds=5)

    assert [kind for kind in twilio.events() if kind.startswith("opt")] == [
        "opt_out",
        "opt_in",
        "opt_out",
    ]
    twilio.say("hello", "later")
    assert last_decision(twilio)["reasons"][0]["code"] == "consent_closed"


def test_a_late_stop_after_a_later_start_changes_nothing(town: Town) -> None:
    with town.open("generic") as doorstep:
        noon = town.clock.moment
        doorstep.say("STOP", "1")
        town.clock.pass_by(minutes=3)
        doorstep.say("START", "3")
        town.clock.pass_by(minutes=1)
        doorstep.settled()
        outbox = doorstep.count("outbox")

        doorstep.bring(dated(doorstep, "STOP", "2", noon + timedelta(minutes=1)))
        doorstep.settled()

        decision = last_decision(doorstep)
        assert doorstep.events().count("opt_out") == 2
        assert decision["consent"] is None
        assert decision["reply"] is None
        assert "superseded" in [reason["code"] for reason in decision["reasons"]]
        assert doorstep.count("outbox") == outbox
        doorstep.say(TEXT, "4")
        doorstep.settled()
        assert last_decision(doorstep)["reasons"][0]["code"] != "consent_closed"


def test_a_late_start_lifts_no_later_stop(town: Town) -> None:
    with town.open("generic") as doorstep:
        noon = town.clock.moment
        town.clock.pass_by(minutes=3)
        doorstep.say("STOP", "2")
        doorstep.settled()
        town.clock.pass_by(minutes=1)
        outbox = doorstep.count("outbox")

        doorstep.bring(dated(doorstep, "START", "1", noon))
        doorstep.settled()

        decision = last_decision(doorstep)
        assert (decision["consent"], decision["reply"]) == (None, None)
        assert doorstep.count("outbox") == outbox
        doorstep.say(TEXT, "4")
        doorstep.settled()
        assert last_decision(doorstep)["reasons"][0]["code"] == "consent_closed"


def test_at_the_same_moment_the_stop_wins(town: Town) -> None:
    with town.open("generic") as doorstep:
        doorstep.say("STOP", "1")
        doorstep.settled()
        doorstep.bring(dated(doorstep, "START", "2", town.clock.moment))
        doorstep.settled()

        decision = last_decision(doorstep)
        assert (decision["consent"], decision["reply"]) == (None, None)


def dated(doorstep: Doorstep, text: str, message_id: str, sent_at: datetime) -> Webhook:
    """Return a call of now, about a message that was sent at another moment."""
    said = doorstep.said(text, message_id)
    fields = json.loads(doorstep.sender.call(said).body)
    fields["sent_at"] = sent_at.isoformat()
    return generic_signed(json.dumps(fields).encode(), said)


def last_decision(doorstep: Doorstep) -> dict[str, Any]:
    found = doorstep.rows("SELECT decision_id, decision FROM decisions")
    decision: dict[str, Any] = json.loads(max(found)[1])
    return decision


# --- refused


def forged(sender: Sender, text: str = TEXT) -> Webhook:
    return sender.call(replace(sender.said(text), key=sender.keys[1]))


def unsigned(sender: Sender, text: str = TEXT) -> Webhook:
    webhook = sender.call(sender.said(text))
    headers = {n: v for n, v in webhook.headers.items() if n == "content-type"}
    body = webhook.body
    if sender.name == "vonage":
        pairs = [pair for pair in parse_qsl(body.decode()) if pair[0] != "sig"]
        body = urlencode(pairs).encode()
    if sender.name == "aws":
        body = json.dumps({**json.loads(body), "Signature": None}).encode()
    return replace(webhook, headers=headers, body=body)


def truncated(sender: Sender, text: str = TEXT) -> Webhook:
    webhook = sender.call(sender.said(text))
    if sender.name == "plivo":  # Signs no body; without its id it is no message.
        return replace(webhook, body=webhook.body[: webhook.body.index(b"MessageU")])
    return replace(webhook, body=webhook.body[: len(webhook.body) // 2])


def changed(sender: Sender, text: str = TEXT) -> Webhook:
    webhook = sender.call(sender.said(text))
    return replace(webhook, body=webhook.body.replace(b"order", b"money"))


def stale(sender: Sender, text: str = TEXT) -> Webhook:
    said = sender.said(text)
    past = sender.past or timedelta(0)
    return sender.call(replace(said, at=said.at - past - timedelta(seconds=2)))


def of_another_account(sender: Sender, text: str = TEXT) -> Webhook:
    return sender.call(sender.said(text, account="of-somebody-else"))


WRONG = {
    "forged": forged,
    "unsigned": unsigned,
    "truncated": truncated,
    "changed": changed,
    "stale": stale,
    "of another account": of_another_account,
}


def applies(sender: Sender, wrong: str) -> bool:
    return {
        "changed": sender.signs_body,
        "stale": sender.past is not None,
        "of another account": sender.has_account,
    }.get(wrong, True)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [(n, w) for n, s in SENDERS.items() for w in WRONG if applies(s, w)],
)
def test_what_is_not_the_providers_is_refused_and_the_log_says_why(
    parrot: LiveBundle,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    name: str,
    wrong: str,
) -> None:
    with store("sqlite", tmp_path) as url, Town(parrot, url).open(name) as doorstep:
        answer = doorstep.bring(WRONG[wrong](doorstep.sender))

        assert answer.status_code in {400, 403}
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"].startswith("urn:replywise:webhook-")
        assert nothing_happened(doorstep)
        assert next(iter(doorstep.service.metrics.refused.collect())).samples
    [line] = [line for line in told(caplog).splitlines() if "refused" in line]
    assert "program=shop" in line
    assert f"provider={doorstep.sender.provider.name} code=" in line
    assert len(line.rpartition("code=")[2].partition(": ")[2]) > 10
    for private in ("14155550100", "4155550199", "order", "money"):
        assert private not in told(caplog)


def test_a_call_for_another_program_is_refused(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    for name in SENDERS:
        with town.open(name) as doorstep:
            webhook = doorstep.sender.call(doorstep.said("STOP", name))

            answer = doorstep.bring(webhook, "other")

            assert answer.status_code == 403, name
            assert nothing_happened(doorstep)
            assert "program=other" in told(caplog)


def test_the_log_of_a_foreign_call_tells_no_number(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    with town.open("generic") as doorstep:
        doorstep.bring(doorstep.sender.call(doorstep.said("STOP", "1")), "other")

    assert "another program's" in told(caplog)
    assert "5550199" not in told(caplog)


def test_a_nonce_proves_one_message_only(town: Town) -> None:
    with town.open("plivo") as doorstep:
        webhook = doorstep.sender.call(doorstep.said("YES", "message-1"))
        fields = dict(parse_qsl(webhook.body.decode(), keep_blank_values=True))
        other = {**fields, "MessageUUID": "message-2", "Text": "STOP"}
        receipt = {**fields, "Status": "failed", "ErrorCode": "200", "To": PERSON}

        first = doorstep.bring(webhook)
        replayed = doorstep.bring(replace(webhook, body=urlencode(other).encode()))
        told_of = doorstep.bring(replace(webhook, body=urlencode(receipt).encode()))
        again = doorstep.bring(webhook)

        assert [first.status_code, again.status_code] == [200, 200]
        assert [replayed.status_code, told_of.status_code] == [403, 403]
        assert replayed.json()["type"] == "urn:replywise:webhook-replayed"
        assert doorstep.count("decisions") == 1
        assert doorstep.events() == []


def test_the_sequence_of_one_sender_proves_nothing_of_anothers(town: Town) -> None:
    sender = SENDERS["generic"]
    with town.open("generic") as doorstep:
        first = sender.call(doorstep.said("YES", "1"))
        fields = {
            **json.loads(sender.call(doorstep.said("YES", "2")).body),
            "to": THEIRS,
        }
        # The same webhook-id, for another program.
        second = generic_signed(json.dumps(fields).encode(), doorstep.said("", "1"))

        assert doorstep.bring(first).status_code == 204
        assert doorstep.bring(second, "other").status_code == 204
        assert doorstep.count("messages_in") == 2


def test_an_unknown_program_is_not_found(twilio: Doorstep) -> None:
    answer = twilio.bring(twilio.sender.call(twilio.said("STOP", "1")), "nobody")

    assert answer.status_code == 404
    assert nothing_happened(twilio)


def test_a_program_without_a_secret_asks_to_come_back(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    with town.open("twilio", environ={}) as doorstep:
        answer = doorstep.say("STOP")

        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert "set one of SHOP_KEY" in told(caplog)
        assert nothing_happened(doorstep)


def test_what_no_column_holds_is_refused_by_its_name(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    with town.open("generic") as doorstep:
        fields = json.loads(doorstep.sender.call(doorstep.said("STOP", "1")).body)
        fields["channel"] = "a" * 17
        said = doorstep.said("STOP", "1")

        answer = doorstep.bring(generic_signed(json.dumps(fields).encode(), said))

        assert answer.status_code == 400
        assert "channel: expected 16 characters at most" in told(caplog)


def test_one_bad_item_of_a_list_costs_the_others_nothing(town: Town) -> None:
    with town.open("bandwidth") as doorstep:
        webhook = doorstep.sender.call(doorstep.said("STOP", "1"))
        [event] = json.loads(webhook.body)
        foreign = {**event, "message": {**event["message"], "owner": THEIRS}}
        foreign["message"]["id"] = "2"
        body = json.dumps([foreign, event]).encode()

        answer = doorstep.bring(replace(webhook, body=body))
        doorstep.settled()

        assert answer.status_code == 204
        assert doorstep.count("messages_in") == 1
        assert doorstep.events()[0] == "opt_out"


def test_who_may_call_is_told_by_the_public_address(town: Town) -> None:
    sender = SENDERS["twilio"]
    shop = program(sender, public_url="https://elsewhere.example.com")
    with town.open("twilio", (shop,), secrets_of(sender)) as doorstep:
        assert doorstep.say("STOP").status_code == 403
    assert URL.startswith("https://sms.example.com/")


# --- kinds of messages


def test_any_text_is_taken(doorstep: Doorstep) -> None:
    texts = ["🛑", "¿Dónde está mi pedido? 👀", "a" * 1600, "STOP\x00", " ", ""]
    if doorstep.sender.name == "generic":  # JSON can say it; a form cannot.
        texts.append("\ud83d STOP")
    for number, text in enumerate(texts):
        assert doorstep.say(text, str(number)).status_code in {200, 204}
    doorstep.settled()

    assert doorstep.count("decisions") == len(texts)


def test_media_without_text_are_kept_apart(doorstep: Doorstep) -> None:
    first = doorstep.say("", "1", media=1)
    second = doorstep.say("", "2", media=1)
    doorstep.settled()

    assert {first.status_code, second.status_code} <= {200, 204}
    assert doorstep.count("decisions") == 2
    assert doorstep.count("messages_out") == 0


@pytest.mark.parametrize(
    ("person", "ours"),
    [("72345", "+14155550199"), ("+14155550100", "72345"), ("MyBank", "+14155550199")],
)
def test_short_codes_and_words_are_numbers_too(
    town: Town, person: str, ours: str
) -> None:
    with town.open("generic") as doorstep:
        said = doorstep.said("STOP", "1")
        fields = json.loads(doorstep.sender.call(said).body)
        fields |= {"from": person, "to": ours}

        answer = doorstep.bring(generic_signed(json.dumps(fields).encode(), said))
        doorstep.settled()

        assert answer.status_code == 204
        assert doorstep.rows("SELECT number, sender FROM contacts") == [(person, ours)]
        assert doorstep.events()[0] == "opt_out"


def test_a_stop_on_another_channel_is_the_same_persons(town: Town) -> None:
    with town.open("generic") as doorstep:
        said = doorstep.said("STOP", "1")
        fields = json.loads(doorstep.sender.call(said).body)
        fields |= {"from": f"whatsapp:{PERSON}", "channel": "whatsapp"}

        doorstep.bring(generic_signed(json.dumps(fields).encode(), said))
        doorstep.settled()

        assert doorstep.rows("SELECT DISTINCT number FROM consent_events") == [
            (PERSON,)
        ]


def test_a_secret_in_basic_is_not_told(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "serving")
    with town.open("bandwidth") as doorstep:
        doorstep.bring(forged(doorstep.sender))

    assert "password" not in caplog.text
    assert base64.b64encode(b"user:another password").decode() not in caplog.text
