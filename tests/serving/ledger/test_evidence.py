import json
import re
from html.parser import HTMLParser

import pytest
import sqlalchemy as sa

from serving.ids import new_id
from serving.ledger.erasure import erase
from serving.ledger.event import Kind, SentBy
from serving.ledger.evidence import Evidence, evidence_of, to_html, to_json
from serving.ledger.words import LABELS
from serving.store.database import reading, writing
from tests.serving.ledger.making import (
    NOON,
    NUMBER,
    PEPPER,
    event,
    full_event,
    recorded,
)

VOID = {"meta", "link", "br", "hr", "img"}


class Page(HTMLParser):
    """The text of a page, and whether its elements close in their order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.text = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not {name for name, _ in attrs} & {"src", "href", "onload", "onclick"}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data


@pytest.fixture
def evidence(engine: sa.Engine) -> Evidence:
    (stop,) = recorded(engine, event(text="STOP", matched="stop"))
    recorded(
        engine,
        event(Kind.HONORED, 0.1, about=stop.event_id),
        event(Kind.CONFIRMATION_SENT, 0.2, about=stop.event_id, sent_by=SentBy.US),
        event(number="+15550111", text="another's words"),
    )
    return drawn(engine)


def drawn(engine: sa.Engine, pepper: bytes | None = None) -> Evidence:
    with reading(engine) as connection:
        return evidence_of(connection, NUMBER, drawn_at=NOON, pepper=pepper)


def test_the_page_says_in_words_first_what_counsel_asks(evidence: Evidence) -> None:
    text = Page(to_html(evidence)).text

    order = [
        f"Consent record of {NUMBER}",
        "suppressed for all messages of this program since 23 November 2026, 12:00:00",
        "with the words: “STOP”",
        "had to be honoured by 8 December 2026 and was on",
        "A confirmation was sent by us on 23 November 2026, 12:00:12 UTC",
        "The ledger is whole.",
        "Events, in the order in which they were recorded",
        "Opted out",
        "Opt-out honoured",
        "Confirmation sent",
        "Integrity",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert "another's words" not in text


def test_the_page_shows_every_hash_and_every_field(engine: sa.Engine) -> None:
    (entry,) = recorded(engine, full_event())

    text = Page(to_html(drawn(engine))).text

    assert entry.row_hash in text
    assert entry.prev_hash in text
    assert [label for label in LABELS.values() if label not in text] == []
    assert "  STOP⟨U+200B⟩ please ⟨U+0000⟩ 🛑" in text


@pytest.mark.parametrize(
    "words",
    ["<script>alert(1)</script>", "</dd></dl><h1>No opt-out", "\"'>&lt;", "{{ 7*7 }}"],
)
def test_what_people_write_stays_text(engine: sa.Engine, words: str) -> None:
    recorded(engine, event(text=words, matched=words, actor=words, brand=words))

    page = Page(to_html(drawn(engine)))

    assert words in page.text
    assert "script" not in page.seen


def test_the_page_needs_nothing_beside_it(evidence: Evidence) -> None:
    html = to_html(evidence)

    assert not re.search(r"https?:|url\(|@import|<link|<img", html)
    assert html.encode("utf-8")


def test_the_json_holds_every_field_of_every_event(engine: sa.Engine) -> None:
    given = full_event()
    recorded(engine, given)

    body = json.loads(to_json(drawn(engine)))

    (told,) = body["events"]
    assert set(told) >= set(LABELS) | {"sequence", "recorded_at", "row_hash"}
    assert told["text"] == given.text
    assert told["deadline"] == "2026-12-08"
    assert body["ledger"]["whole"] is True
    assert body["ledger"]["head"]["row_hash"] == told["row_hash"]


def test_the_json_tells_the_summary_to_programs(evidence: Evidence) -> None:
    (program,) = json.loads(to_json(evidence))["programs"]

    assert program["consent"]["marketing"]["standing"] == "opted_out"
    assert program["revocation"]["deadline"] == "2026-12-08"
    assert program["revocation"]["honored_in_time"] is True
    assert program["revocation"]["confirmed_by"] == "us"
    assert program["summary"][0].startswith("The number is suppressed")


def test_a_number_that_nobody_knows_is_said_to_be_unknown(engine: sa.Engine) -> None:
    told = drawn(engine)

    assert "Nothing about this number is in the ledger" in Page(to_html(told)).text
    assert json.loads(to_json(told))["events"] == []


def test_a_ledger_that_was_tampered_with_is_said_first(engine: sa.Engine) -> None:
    recorded(engine, event())
    with writing(engine) as connection:
        connection.exec_driver_sql(
            "UPDATE consent_events SET number = NULL, personal = NULL, salt = NULL"
        )

    told = drawn(engine)
    text = Page(to_html(told)).text

    assert "The ledger is not whole. 1 flaw was found in 1 entries" in text
    assert "Entry 1: Number and words are gone, and no erasure tells why." in text
    assert json.loads(to_json(told))["ledger"]["findings"] == [
        {"sequence": 1, "flaw": "erased_without_record"}
    ]


def test_what_an_erasure_left_is_shown_to_who_has_the_pepper(engine: sa.Engine) -> None:
    (stop,) = recorded(engine, event(text="please stop", matched="stop"))
    with writing(engine) as connection:
        erase(
            connection,
            NUMBER,
            pepper=PEPPER,
            actor="operator:7",
            now=lambda: NOON,
            new_id=new_id,
        )

    told = drawn(engine, PEPPER)
    text = Page(to_html(told)).text

    assert drawn(engine).entries == ()
    assert [entry.sequence for entry in told.entries] == [1, 2]
    assert told.entries[0].row_hash == stop.row_hash
    assert "please stop" not in text
    assert "Number and words of this entry were erased on request." in text
    assert "The number is suppressed for all messages" in text
