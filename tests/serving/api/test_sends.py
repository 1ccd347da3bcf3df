from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from httpx2 import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving.access.key_ring import HOLDS_SECONDS
from serving.access.new_key import NewKey
from serving.access.scope import Scope as Access
from serving.api.sends import MOST_CONTACTS, router
from serving.ledger.erasure import erase
from serving.ledger.event import Kind, Scope, Source
from serving.live import LiveBundle
from serving.sending.facts import ComplianceReply, MessageClass
from serving.sending.verdict import SEND_REASONS
from serving.store.database import writing
from serving.store.tables import messages_out
from tests.databases import KINDS, store
from tests.serving.access.making import NOON, bearer, made
from tests.serving.ledger.making import event, recorded
from tests.serving.let_in import NUMBER, PEPPER, Office, office

EVENING = "2026-11-23T20:00:00-05:00"
DAY = "2026-11-23T12:00:00-05:00"


@pytest.fixture(params=KINDS)
def open_office(
    request: pytest.FixtureRequest, parrot: LiveBundle, tmp_path: Path
) -> Iterator[Office]:
    with (
        store(request.param, tmp_path) as url,
        office(parrot, url, router) as opened,
    ):
        yield opened


@pytest.fixture
def quick_office(parrot: LiveBundle, tmp_path: Path) -> Iterator[Office]:
    with (
        store("sqlite", tmp_path) as url,
        office(parrot, url, router) as opened,
    ):
        yield opened


def ask(desk: Office, *numbers: str, **fields: object) -> Response:
    body: dict[str, object] = {
        "program": "fernhill",
        "message_class": "marketing",
        "at": DAY,
        "contacts": [{"number": number} for number in numbers or [NUMBER]],
        **fields,
    }
    return desk.client.post("/v1/sends/check", json=body)


def verdict(answer: Response) -> dict[str, object]:
    assert answer.status_code == 200, answer.text
    [only] = answer.json()["verdicts"]
    found: dict[str, object] = only
    return found


def codes(answer: Response) -> set[str]:
    reasons = verdict(answer)["reasons"]
    assert isinstance(reasons, list)
    return {reason["code"] for reason in reasons}


def tell(desk: Office, kind: Kind, minutes: float = -600, **fields: object) -> str:
    ours = {"number": NUMBER, "brand": "Fernhill", "program": "fernhill", **fields}
    [entry] = recorded(desk.engine, event(kind, minutes, **ours))
    return entry.event_id


def test_marketing_needs_an_opt_in_and_names_it(open_office: Office) -> None:
    before = ask(open_office)
    event_id = tell(open_office, Kind.OPT_IN, scope=Scope.MARKETING)
    after = verdict(ask(open_office))

    assert codes(before) == {"no_consent"}
    assert verdict(before)["from_when"] is None
    assert after["allowed"] is True
    assert after["covered_by"] == event_id
    assert after["from_when"] == "2026-11-23T17:00:00Z"
    assert after["until"] is not None


def test_an_opt_out_closes_everything_but_what_the_law_asks_for(
    open_office: Office,
) -> None:
    event_id = tell(open_office, Kind.OPT_OUT, minutes=-1)

    for message_class in ("answer", "transactional", "marketing"):
        assert "consent_closed" in codes(ask(open_office, message_class=message_class))
    confirming = ask(
        open_office,
        message_class="compliance",
        reply="stop_confirmation",
        at=NOON.isoformat(),
    )
    assert verdict(confirming)["allowed"] is True
    assert verdict(confirming)["covered_by"] == event_id


def test_an_erased_number_stays_suppressed(open_office: Office) -> None:
    tell(open_office, Kind.OPT_IN)
    with writing(open_office.engine) as connection:
        erase(
            connection,
            NUMBER,
            pepper=PEPPER,
            actor="operator",
            now=lambda: NOON,
            new_id=lambda: "erased",
        )

    assert "consent_closed" in codes(ask(open_office))


def test_a_thousand_contacts_are_answered_in_their_order_by_two_queries(
    open_office: Office,
) -> None:
    numbers = [f"+1212555{n:04}" for n in range(MOST_CONTACTS)]
    tell(open_office, Kind.OPT_IN, number=numbers[7])
    asked: list[str] = []

    @sa.event.listens_for(sa.Engine, "before_cursor_execute")
    def listen(*call: object) -> None:
        if "SELECT" in str(call[2]) and (
            "consent_events" in str(call[2]) or "messages_out" in str(call[2])
        ):
            asked.append(str(call[2]))

    try:
        answer = ask(open_office, *numbers)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", listen)

    verdicts = answer.json()["verdicts"]
    assert len(asked) == 2
    assert [i for i, each in enumerate(verdicts) if each["allowed"]] == [7]


def test_what_went_out_counts_for_the_cap_whoever_sent_it(open_office: Office) -> None:
    tell(open_office, Kind.OPT_IN)
    hours = [datetime(2026, 11, 20, hour, tzinfo=UTC) for hour in range(6)]
    with writing(open_office.engine) as connection:
        connection.execute(
            sa.insert(messages_out),
            [_sent(moment, number) for number, moment in enumerate(hours[:4])],
        )
    told = [{"at": moment.isoformat()} for moment in hours[4:]]

    assert "frequency_cap" not in codes(ask(open_office))
    reached = ask(open_office, contacts=[{"number": NUMBER, "sent": told}])
    assert "frequency_cap" in codes(reached)
    assert verdict(reached)["from_when"] is not None


def _sent(moment: datetime, number: int) -> dict[str, object]:
    return {
        "message_id": f"m{number}",
        "decision_id": f"d{number}",
        "program": "fernhill",
        "number": NUMBER,
        "sender": "+12025550142",
        "class": "marketing",
        "template": "sale@1",
        "text": "",
        "segments": 1,
        "via": "caller",
        "consent_event": None,
        "checked_at": moment,
        "not_before": moment,
    }


def test_the_profile_narrows_where_the_contact_can_be(quick_office: Office) -> None:
    tell(quick_office, Kind.OPT_IN, number="+18005551234")
    contact = {"number": "+1 800 555 1234"}

    anywhere = ask(quick_office, contacts=[contact], at="2026-11-24T00:30:00Z")
    for told in ({"zone": "America/Denver"}, {"state": "CO"}, {"postcode": "80202"}):
        there = ask(quick_office, contacts=[contact | told], at="2026-11-24T00:30:00Z")
        assert codes(there) == {"consent_covers", "window_open"}
    assert "quiet_hours" in codes(anywhere)


def test_nobody_comes_between_a_person_and_the_contact(quick_office: Office) -> None:
    contacts = [{"number": NUMBER, "owner": "person"}]

    automatic = ask(quick_office, message_class="answer", contacts=contacts)
    by_hand = ask(
        quick_office, message_class="answer", contacts=contacts, by_owner=True
    )

    assert codes(automatic) == {"person_owns"}
    assert verdict(by_hand)["allowed"] is True


def test_marketing_waits_for_the_morning(quick_office: Office) -> None:
    tell(quick_office, Kind.OPT_IN)

    found = verdict(ask(quick_office, at=EVENING))

    assert found["allowed"] is False
    assert str(found["from_when"]) > "2026-11-24T13:00"


def test_the_moment_is_now_where_none_is_told(quick_office: Office) -> None:
    answer = ask(quick_office, at=None)

    assert answer.json()["at"] == "2026-11-23T12:00:00Z"


@pytest.mark.parametrize(
    ("named", "program", "sender"),
    [
        ({"program": "fernhill"}, "fernhill", "+12025550142"),
        (
            {"program": None, "sender": "+1 312 555 0187"},
            "fernhill_visits",
            "+13125550187",
        ),
        ({"program": "fernhill", "sender": "72345"}, "fernhill", "72345"),
        ({"program": None, "sender": "+12025550999"}, "fernhill", "+12025550999"),
    ],
)
def test_a_program_is_found_by_its_id_or_its_number(
    quick_office: Office, named: dict[str, object], program: str, sender: str
) -> None:
    told = ask(quick_office, **named).json()

    assert (told["program"], told["sender"]) == (program, sender)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"program": None}, "program"),
        ({"program": "nobody"}, "program"),
        ({"sender": "+13125550187"}, "sender"),
        ({"contacts": []}, "contacts"),
        ({"contacts": [{"number": NUMBER}] * (MOST_CONTACTS + 1)}, "contacts"),
        ({"message_class": "compliance"}, "body"),
        ({"reply": "help"}, "body"),
        ({"at": "2026-11-23T12:00:00"}, "at"),
        ({"at": "9999-12-31T23:59:59Z"}, "at"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(
    quick_office: Office, wrong: dict[str, object], field: str
) -> None:
    answer = ask(quick_office, **wrong)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert NUMBER not in answer.text


def test_a_key_asks_for_its_own_programs_and_kind(quick_office: Office) -> None:
    wanted = NewKey("app", frozenset({Access.SENDS}), frozenset({"fernhill_visits"}))
    token = made(quick_office.engine, wanted)
    other = made(quick_office.engine, NewKey("app", frozenset({Access.EVENTS})))
    quick_office.clock.seconds += HOLDS_SECONDS

    def status(key: str, program: str) -> int:
        body = {
            "program": program,
            "message_class": "answer",
            "contacts": [{"number": NUMBER}],
        }
        call = quick_office.client.post(
            "/v1/sends/check", json=body, headers=bearer(key)
        )
        return call.status_code

    assert status(token.reveal(), "fernhill_visits") == 200
    assert status(token.reveal(), "fernhill") == 403
    assert status(other.reveal(), "fernhill") == 403
    assert ask(quick_office).status_code == 401


def test_every_reason_is_explained_in_the_api(quick_office: Office) -> None:
    document = quick_office.client.get("/openapi.json").json()
    schema = document["components"]["schemas"]["SendReasonOut"]
    told = schema["properties"]["code"]["description"]

    for code, meaning in SEND_REASONS.items():
        assert f"- `{code}`: {meaning}" in told


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    number=st.from_regex(r"\+?[0-9]{3,15}|[A-Za-z0-9]{1,11}", fullmatch=True),
    place=st.fixed_dictionaries(
        {},
        optional={
            "zone": st.text(max_size=20) | st.sampled_from(["US/Eastern", "../etc"]),
            "state": st.text(max_size=5),
            "postcode": st.text(max_size=10),
        },
    ),
    message_class=st.sampled_from(MessageClass),
    reply=st.sampled_from(ComplianceReply),
    moment=st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30)),  # noqa: DTZ001
    hours=st.lists(st.integers(-9_000, 9_000), max_size=8),
)
def test_anything_that_can_be_asked_is_answered(
    quick_office: Office,
    number: str,
    place: dict[str, str],
    message_class: MessageClass,
    reply: ComplianceReply,
    moment: datetime,
    hours: list[int],
) -> None:
    at = moment.replace(tzinfo=UTC)
    compliance = message_class is MessageClass.COMPLIANCE
    sent = [
        {"at": (NOON + timedelta(hours=hour)).isoformat(), "message_class": "marketing"}
        for hour in hours
    ]

    answer = ask(
        quick_office,
        message_class=message_class,
        reply=reply if compliance else None,
        at=at.isoformat(),
        contacts=[{"number": number, "sent": sent, **place}],
    )

    found = verdict(answer)
    assert found["reasons"]
    if found["allowed"]:
        assert found["from_when"] is not None


def test_a_provider_that_blocks_is_named(quick_office: Office) -> None:
    tell(quick_office, Kind.OPT_OUT, source=Source.PROVIDER)

    found = codes(ask(quick_office, message_class="transactional"))
    assert found == {"consent_closed", "provider_suppressed"}
