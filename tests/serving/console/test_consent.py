"""The Consent page over real ledgers."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from serving.access.audit import AuditEntry, entries
from serving.console.consent_view import person_number
from serving.ledger.event import Kind, Scope, Source
from serving.ledger.history import history, keyed_digest
from serving.live import LiveBundle
from serving.programs.deployment import DEFAULT
from serving.recording.setup import BUILT_IN_LANGUAGES, read_setup
from serving.store.database import reading, writing
from serving.store.tables import consent_events, metadata
from tests.databases import store
from tests.serving.console.desk import PEPPER, Desk, desk
from tests.serving.ledger.making import event, recorded
from tests.serving.ledger.record import a_contact, a_decision
from tests.serving.phone import change

NUMBER = "+12025550142"
TYPED = "(202) 555-0142"
OTHER = "+12025550143"
LOOK_UP = "/console/consent/look-up"
HTMX = {"hx-request": "true"}


def told(engine: sa.Engine, number: str = NUMBER) -> None:
    """Record an opt-in, and the opt-out that took it back."""
    common: dict[str, Any] = {
        "number": number,
        "brand": "Fernhill",
        "program": "fernhill",
    }
    web = event(Kind.OPT_IN, -60, source=Source.WEB, **common)
    words = "pls quit <b>blowing up</b> my phone"
    stop = event(Kind.OPT_OUT, source=Source.SMS_FREETEXT, text=words, **common)
    recorded(engine, web, stop)


def audited(at: Desk) -> AuditEntry:
    with reading(at.engine) as connection:
        return entries(connection)[-1]


def texts(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def test_a_number_is_looked_up_however_it_is_written(at_desk: Desk) -> None:
    told(at_desk.engine)
    at_desk.sign_in("qa")

    answer = at_desk.post(LOOK_UP, number=TYPED)

    page = texts(answer.text)
    assert answer.status_code == 200
    assert "+1 202-555-0142" in page
    assert "The number is suppressed for all messages of this program" in page
    assert "pls quit &lt;b&gt;blowing up&lt;/b&gt; my phone" in page
    assert page.index("Opted out") < page.index("Opted in")
    assert "in own words in a message" in page
    assert "Nothing on record with: Fernhill" in page
    assert audited(at_desk) == AuditEntry(
        audit_id=audited(at_desk).audit_id,
        at=audited(at_desk).at,
        actor="user:qa-person",
        action="contact.looked_up",
        subject_kind="contact",
        subject_digest=keyed_digest(NUMBER, PEPPER),
        details={"entries": 2, "conversations": 0},
    )


def test_a_script_gets_the_part_that_changes(quick_desk: Desk) -> None:
    told(quick_desk.engine)
    quick_desk.sign_in("qa")

    answer = quick_desk.post(LOOK_UP, HTMX, number=TYPED)
    assert "<html" not in answer.text
    assert "Opted out" in answer.text


def test_scopes_that_differ_are_told_apart(quick_desk: Desk) -> None:
    common: dict[str, Any] = {"number": NUMBER, "brand": "Acme", "program": "alerts"}
    only = event(Kind.OPT_IN, scope=Scope.TRANSACTIONAL, **common)
    recorded(quick_desk.engine, only)
    quick_desk.sign_in("qa")

    page = texts(quick_desk.post(LOOK_UP, number=NUMBER).text)
    assert "Marketing nothing on record Transactional opted in" in page
    assert "Acme · alerts" in page


def test_a_number_that_nobody_knows_is_said_to_be_so(quick_desk: Desk) -> None:
    with writing(quick_desk.engine) as connection:
        a_contact(connection, OTHER)
    quick_desk.sign_in("qa")

    stranger = texts(quick_desk.post(LOOK_UP, number=NUMBER).text)
    writer = texts(quick_desk.post(LOOK_UP, number=OTHER).text)
    assert "No consent and no opt-out is on record" in stranger
    assert "It never wrote to us." in stranger
    assert "1 conversation with us." in writer


@pytest.mark.parametrize("typed", ["", "abc", "ACME", "12"])
def test_what_is_no_number_is_said_without_a_look_up(
    quick_desk: Desk, typed: str
) -> None:
    quick_desk.sign_in("qa")

    answer = quick_desk.post(LOOK_UP, number=typed)
    assert answer.status_code == 422
    assert "Number: expected" in answer.text
    assert audited(quick_desk).action == "user.added"


def test_a_number_is_in_no_address() -> None:
    programs = read_setup(DEFAULT, BUILT_IN_LANGUAGES).programs
    for typed in ("202-555-0142", " +1 202 555 0142 ", "12025550142"):
        assert person_number(typed, programs) == NUMBER
    page = Path("serving/console/templates/_consent_found.html").read_text("utf-8")
    assert not re.search(r'(?:href|action|hx-\w+)="[^"]*number', page)


@pytest.mark.parametrize("form", ["html", "json"])
def test_evidence_is_a_file_and_audited(at_desk: Desk, form: str) -> None:
    told(at_desk.engine)
    told(at_desk.engine, OTHER)
    at_desk.sign_in("qa")

    answer = at_desk.post(f"/console/consent/evidence.{form}", number=TYPED)

    name = answer.headers["content-disposition"]
    assert re.fullmatch(
        rf'attachment; filename="consent-evidence-[-0-9TZ]+\.{form}"', name
    )
    assert OTHER not in answer.text
    if form == "json":
        body = json.loads(answer.text)
        assert (body["number"], len(body["events"])) == (NUMBER, 2)
        assert body["ledger"]["whole"] is True
    else:
        assert NUMBER in answer.text
    assert audited(at_desk).action == "evidence.exported"
    assert audited(at_desk).details == {"entries": 2, "form": form}


def test_evidence_comes_in_these_forms_alone(quick_desk: Desk) -> None:
    quick_desk.sign_in("qa")

    form = "/console/consent/evidence.pdf"
    assert quick_desk.post(form, number=NUMBER).status_code == 404
    bad = quick_desk.post("/console/consent/evidence.json", number="abc")
    assert bad.status_code == 400
    assert "Number: expected" in bad.text


def test_a_chain_is_verified_and_a_flaw_named(quick_desk: Desk, tmp_path: Path) -> None:
    told(quick_desk.engine)
    quick_desk.sign_in("analyst")
    whole = texts(quick_desk.post("/console/consent/verify").text)
    change(tmp_path / "replywise.db", "DROP TRIGGER consent_events_update")
    with writing(quick_desk.engine) as connection:
        connection.execute(sa.update(consent_events).values(program="another"))
    broken = texts(quick_desk.post("/console/consent/verify", HTMX).text)

    assert "whole 2 entries are as they were written" in whole
    assert "broken 2 flaws in 2 entries" in broken
    assert "The entry does not have its hash" in broken


def erase(at: Desk, **form: str) -> tuple[int, str]:
    fields = {"number": NUMBER, "again": TYPED, "reason": "ticket 7", **form}
    answer = at.post("/console/consent/erase", **fields)
    return answer.status_code, answer.text


def everything(engine: sa.Engine) -> str:
    with reading(engine) as connection:
        return "\n".join(
            str(row)
            for table in metadata.sorted_tables
            for row in connection.execute(sa.select(table))
        )


def test_an_admin_erases_a_person_for_good(at_desk: Desk) -> None:
    told(at_desk.engine)
    with writing(at_desk.engine) as connection:
        a_contact(connection, NUMBER)
        a_decision(connection, NUMBER, text="blowing up")
    at_desk.sign_in("admin")

    status, _ = erase(at_desk)

    assert status == 303
    assert "2 ledger entries, 1 decisions" in at_desk.get("/console/consent").text
    left = everything(at_desk.engine)
    assert NUMBER not in left
    assert "blowing up" not in left
    assert audited(at_desk).action == "contact.erased"
    assert audited(at_desk).details == {"entries": 2, "reason": "ticket 7"}
    page = texts(at_desk.post(LOOK_UP, number=NUMBER).text)
    assert "Number and words were erased on request" in page
    assert "opted out" in page


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"again": OTHER}, "Type the number again"),
        ({"again": ""}, "Type the number again"),
        ({"again": "erase"}, "Type the number again"),
        ({"reason": "  "}, "Say why"),
        ({"reason": f"asked by {NUMBER}"}, "nothing personal"),
    ],
)
def test_nothing_is_erased_that_is_not_confirmed(
    quick_desk: Desk, form: dict[str, str], problem: str
) -> None:
    told(quick_desk.engine)
    quick_desk.sign_in("admin")

    status, page = erase(quick_desk, **form)
    assert status == 422
    assert problem in page
    assert "nothing was erased" in page or "nothing personal" in page
    with reading(quick_desk.engine) as connection:
        assert len(history(connection, NUMBER)) == 2


@pytest.mark.parametrize("role", ["qa", "analyst"])
def test_erasing_is_for_admins(quick_desk: Desk, role: str) -> None:
    told(quick_desk.engine)
    quick_desk.sign_in(role)

    assert erase(quick_desk)[0] == 403
    assert "Erase this person" not in quick_desk.post(LOOK_UP, number=NUMBER).text
    with reading(quick_desk.engine) as connection:
        assert len(history(connection, NUMBER)) == 2


def test_without_a_pepper_looking_works_and_erasing_says_what_it_needs(
    parrot: LiveBundle, tmp_path: Path
) -> None:
    with store("sqlite", tmp_path) as url, desk(parrot, url, pepper=None) as found:
        told(found.engine)
        found.sign_in("admin")
        page = found.post(LOOK_UP, number=NUMBER).text
        status, refused = erase(found)

        assert "REPLYWISE_PEPPER" in page
        assert audited(found).subject_digest is None
        assert status == 422
        assert "REPLYWISE_PEPPER" in refused


def test_a_page_tells_the_end_of_the_ledger(quick_desk: Desk) -> None:
    told(quick_desk.engine)
    quick_desk.sign_in("qa")

    page = texts(quick_desk.get("/console/consent").text)
    assert "Entries 2 " in page
    assert re.search(r"Last hash [0-9a-f]{64}", page)
