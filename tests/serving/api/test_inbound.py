"""The call itself: in time, whatever the store and the model do."""

import json
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from httpx2 import Response

from model.prediction import Prediction
from serving.live import LiveBundle
from serving.programs.program import Program, StopConfirmer
from serving.providers.inbound import Inbound
from serving.providers.webhook import Webhook
from serving.recording.brought import Brought
from serving.recording.claims import LEASE, claim
from serving.routing.ruleset import RuleSet
from serving.store.database import open_store, writing
from tests.databases import KINDS, Server, _programs, store
from tests.serving.doorstep import OURS, PERSON, Doorstep, Town, program, until
from tests.serving.parrot import READ, Parrot, parrot_live
from tests.serving.phone import change
from tests.serving.providers.senders import (
    SENDERS,
    URL,
    base64_hmac,
    generic_signed,
)

TEXT = "what are your opening hours"
IN_TIME = 2.0


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with store(request.param, tmp_path) as url:
        yield url


class Slow(Parrot):
    """Reads nothing until it is let."""

    def __init__(self) -> None:
        self.let = threading.Event()

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        assert self.let.wait(30)
        return [READ for _ in texts]


def answering(rules: RuleSet, reader: Parrot) -> LiveBundle:
    """Return a bundle that answers what it reads."""
    live = parrot_live(replace(rules, thresholds={"store_info": 0.5}))
    return replace(live, bundle=replace(live.bundle, classifier=reader))


def sent(doorstep: Doorstep) -> list[dict[str, Any]]:
    query = "SELECT payload FROM outbox WHERE type = 'send_message'"
    return [json.loads(payload) for (payload,) in doorstep.rows(query)]


def timed(doorstep: Doorstep, text: str, message_id: str = "1") -> Response:
    began = time.monotonic()
    answer = doorstep.say(text, message_id)
    assert time.monotonic() - began < IN_TIME
    return answer


def test_the_answer_holds_the_words_where_the_provider_sends_them(
    rules: RuleSet, url: str
) -> None:
    with Town(answering(rules, Parrot()), url).open("twilio") as doorstep:
        answer = doorstep.say(TEXT)

        assert "<Message>" in answer.text
        assert sent(doorstep) == []
        assert doorstep.rows("SELECT via FROM messages_out") == [("webhook",)]


def test_what_is_decided_too_late_goes_to_the_outbox_once(
    rules: RuleSet, url: str
) -> None:
    slow = Slow()
    with Town(answering(rules, slow), url).open("twilio") as doorstep:
        first = timed(doorstep, TEXT)
        again = timed(doorstep, TEXT)
        slow.let.set()
        doorstep.settled()

        assert "<Message>" not in first.text + again.text
        [words] = sent(doorstep)
        assert (words["to"], words["from"]) == (PERSON, OURS)
        assert doorstep.rows("SELECT via FROM messages_out") == [("outbox",)]
        assert doorstep.count("decisions") == 1


def test_a_stop_waits_for_no_model(rules: RuleSet, url: str) -> None:
    slow = Slow()
    with Town(answering(rules, slow), url).open("twilio") as doorstep:
        timed(doorstep, TEXT)
        stopped = timed(doorstep, "STOP", "2")
        slow.let.set()
        doorstep.settled()

        assert "opted out" in stopped.text
        # Decided after the STOP: nothing is said any more.
        assert sent(doorstep) == []


def test_what_a_dead_process_acknowledged_is_decided(
    parrot: LiveBundle, url: str
) -> None:
    town = Town(parrot, url)
    keywords = parrot.rules.keywords
    engine = open_store(url)
    for number, minutes in (("1", 2), ("2", 20)):
        inbound = Inbound(number, f"+1415555010{number}", OURS, "STOP")
        came_at = town.clock.moment - timedelta(minutes=minutes)
        with writing(engine) as connection:
            claim(connection, Brought(inbound, "shop", "twilio", came_at, keywords))
    engine.dispose()

    with town.open("twilio") as doorstep:
        doorstep.settled()

        assert doorstep.count("decisions") == 2
        assert doorstep.events().count("opt_out") == 2
        # Within five minutes of the STOP, or not at all.
        [words] = sent(doorstep)
        assert words["to"] == "+14155550101"
        moment = town.clock.moment - timedelta(minutes=2) + timedelta(minutes=5)
        assert words["not_after"] == moment.isoformat()
        assert doorstep.events().count("confirmation_sent") == 1
    assert timedelta(minutes=2) > LEASE


# --- who confirms


def confirming(name: str) -> Program:
    return program(SENDERS[name], stop_confirmer=StopConfirmer.PROVIDER)


def test_no_second_confirmation_where_the_provider_sends_it(
    parrot: LiveBundle, url: str
) -> None:
    with Town(parrot, url).open("twilio", (confirming("twilio"),)) as doorstep:
        answer = doorstep.say("STOP")

        assert "<Message>" not in answer.text
        assert doorstep.events() == ["opt_out", "honored", "confirmation_sent"]
        [(details,)] = doorstep.rows(
            "SELECT details FROM consent_events WHERE kind = 'confirmation_sent'"
        )
        assert json.loads(details)["sent_by"] == "provider"


def test_what_twilio_took_for_stop_is_followed_in_silence(
    parrot: LiveBundle, url: str
) -> None:
    with Town(parrot, url).open("twilio") as doorstep:
        answers = [
            doorstep.bring(taken_for(doorstep, text, verdict, str(number)))
            for number, (text, verdict) in enumerate(
                [("STOP", "STOP"), ("START", "START"), ("HELP", "HELP")]
            )
        ]

        assert not any("<Message>" in answer.text for answer in answers)
        assert doorstep.events() == [
            "opt_out",
            "honored",
            "confirmation_sent",
            "opt_in",
        ]


def test_a_yes_that_twilio_took_for_start_is_read_as_an_answer(
    rules: RuleSet, url: str
) -> None:
    with Town(answering(rules, Parrot()), url).open("twilio") as doorstep:
        answer = doorstep.bring(taken_for(doorstep, "YES", "START", "1"))

        assert "<Message>" in answer.text
        assert doorstep.events() == []


def taken_for(doorstep: Doorstep, text: str, verdict: str, message_id: str) -> Webhook:
    """Return Twilio's call about a keyword that it acted on."""
    said = doorstep.said(text, message_id)
    call = doorstep.sender.call(said)
    fields = dict(parse_qsl(call.body.decode(), keep_blank_values=True))
    fields["OptOutType"] = verdict
    whole = URL + "".join(name + fields[name] for name in sorted(fields))
    signature = base64_hmac(said.key, whole.encode(), "sha1")
    headers = {**call.headers, "x-twilio-signature": signature}
    return replace(call, headers=headers, body=urlencode(fields).encode())


def test_one_confirmation_however_often_they_stop(parrot: LiveBundle, url: str) -> None:
    with Town(parrot, url).open("twilio") as doorstep:
        answers = []
        for number in range(3):
            answers.append(doorstep.say("STOP", str(number)))
            doorstep.clock.pass_by(minutes=10)
        doorstep.say("START", "start")
        doorstep.clock.pass_by(minutes=10)
        anew = doorstep.say("STOP", "anew")

        assert ["<Message>" in answer.text for answer in answers] == [
            True,
            False,
            False,
        ]
        assert "<Message>" in anew.text
        assert doorstep.events().count("confirmation_sent") == 2


def test_help_is_answered_whoever_has_opted_out(parrot: LiveBundle, url: str) -> None:
    with Town(parrot, url).open("twilio") as doorstep:
        doorstep.say("STOP", "1")
        answer = doorstep.say("HELP", "2")

        for word in ("Fernhill", "care@example.com", "STOP", "rates"):
            assert word in answer.text


def test_what_was_one_brands_stop_leaves_the_other_brand_alone(
    parrot: LiveBundle, url: str
) -> None:
    sender = SENDERS["generic"]
    with Town(parrot, url).open("generic") as doorstep:
        doorstep.say("STOP", "1")
        doorstep.settled()
        said = doorstep.said(TEXT, "2")
        fields = json.loads(sender.call(said).body) | {"to": "+14155550188"}

        doorstep.bring(generic_signed(json.dumps(fields).encode(), said), "other")
        doorstep.settled()

        found = doorstep.rows(
            "SELECT decision FROM decisions ORDER BY decision_id DESC LIMIT 1"
        )
        codes = [r["code"] for r in json.loads(found[0][0])["reasons"]]
        assert "consent_closed" not in codes
        brands = doorstep.rows("SELECT DISTINCT brand FROM consent_events")
        assert brands == [("Fernhill",)]


# --- the store is away


def refused_for_now(answer: Response) -> None:
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.json()["type"] == "urn:replywise:store-unavailable"


def test_a_locked_sqlite_loses_nothing(parrot: LiveBundle, tmp_path: Path) -> None:
    with store("sqlite", tmp_path) as url, Town(parrot, url).open() as doorstep:
        with closing(sqlite3.connect(tmp_path / "replywise.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            refused_for_now(timed(doorstep, "STOP"))
            other.rollback()
        doorstep.settled()
        until(lambda: doorstep.count("messages_in") == 1)
        again = doorstep.say("STOP", "1")
        doorstep.settled()

        assert again.status_code == 200
        assert doorstep.events() == ["opt_out", "honored", "confirmation_sent"]


def test_an_sqlite_that_cannot_be_written_loses_nothing(
    parrot: LiveBundle, tmp_path: Path
) -> None:
    path = tmp_path / "replywise.db"
    with store("sqlite", tmp_path) as url, Town(parrot, url).open() as doorstep:
        change(path, "ALTER TABLE messages_in RENAME TO elsewhere")
        refused_for_now(timed(doorstep, "STOP"))
        change(path, "ALTER TABLE elsewhere RENAME TO messages_in")
        assert doorstep.say("STOP", "1").status_code == 200

        assert doorstep.events() == ["opt_out", "honored", "confirmation_sent"]


class Restartable(Server):
    """A PostgreSQL that goes and comes again, with what it holds."""

    def stop(self) -> None:
        # Fast: whoever is connected is thrown out.
        self._process.send_signal(signal.SIGINT)
        self._process.wait(20)

    def start(self) -> None:
        assert self.url.port
        self._process = self._start(self.url.port)
        self._wait()


@pytest.fixture
def server() -> Iterator[Restartable]:
    server = Restartable(_programs())
    yield server
    server.close()


@pytest.mark.parametrize("name", ["twilio", "telnyx"])
def test_a_postgresql_that_went_away_is_met_again(
    parrot: LiveBundle, server: Restartable, name: str
) -> None:
    url = server.url.render_as_string(hide_password=False)
    with Town(parrot, url).open(name) as doorstep:
        assert doorstep.say("hello", "0").status_code < 300
        doorstep.settled()
        server.stop()
        for _ in range(2):
            refused_for_now(timed(doorstep, "STOP"))
        ready = doorstep.client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["store"] == "cannot be reached"
        server.start()
        assert doorstep.say("STOP", "1").status_code < 300
        doorstep.settled()

        assert doorstep.client.get("/readyz").status_code == 200
        assert doorstep.events() == ["opt_out", "honored", "confirmation_sent"]
        assert doorstep.count("decisions") == 2
