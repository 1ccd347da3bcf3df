import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2 import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving.access.audit import AuditEntry, entries
from serving.access.key_ring import HOLDS_SECONDS
from serving.access.new_key import NewKey
from serving.access.scope import Scope as Access
from serving.api.events import TOGETHER, router
from serving.ids import new_id
from serving.ledger.erasure import erase
from serving.ledger.event import Kind, Scope, Source
from serving.ledger.history import keyed_digest
from serving.ledger.verify import verify
from serving.live import LiveBundle
from serving.programs.program import Provider
from serving.reported.provider_codes import means_delivered, means_opt_out
from serving.reported.provider_reports import OUTCOMES
from serving.store.database import reading, writing
from tests.databases import KINDS, store
from tests.serving.access.making import NOON, bearer, made
from tests.serving.ledger.making import event, recorded
from tests.serving.let_in import NUMBER, PEPPER, Office, office

EARLIER = "2026-11-23T11:00:00Z"
BLOCKED: dict[str, object] = {
    "program": "fernhill",
    "number": NUMBER,
    "code": 21610,
    "at": EARLIER,
}
DELIVERED: dict[str, object] = {
    "program": "fernhill",
    "number": NUMBER,
    "status": "delivered",
}
JOINED = {
    "program": "fernhill",
    "number": NUMBER,
    "consent": "opt_in",
    "scope": "marketing",
    "source": "web",
    "occurred_at": EARLIER,
}


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


def hand_in(desk: Office, *events: dict[str, object]) -> list[tuple[str, str | None]]:
    answer = desk.client.post("/v1/provider-events", json={"events": list(events)})
    assert answer.status_code == 200, answer.text
    return [(each["outcome"], each["event_id"]) for each in answer.json()["events"]]


def outcomes(desk: Office, *events: dict[str, object]) -> list[str]:
    return [outcome for outcome, _ in hand_in(desk, *events)]


def tell(desk: Office, **fields: object) -> Response:
    return desk.client.post("/v1/consent", json=JOINED | fields)


def given_consent(desk: Office, **fields: object) -> dict[str, object]:
    answer = tell(desk, **fields)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def audited(desk: Office) -> list[AuditEntry]:
    with reading(desk.engine) as connection:
        return entries(connection)


def test_a_block_for_an_opt_out_is_recorded_once(open_office: Office) -> None:
    [(outcome, event_id)] = hand_in(open_office, BLOCKED)
    again = hand_in(open_office, BLOCKED, BLOCKED)

    opt_out, honored = open_office.ledger()
    assert outcome == "recorded"
    assert again == [("known", event_id)] * 2
    assert opt_out.event_id == event_id
    assert opt_out.event.source is Source.PROVIDER
    assert opt_out.event.provider == "twilio"
    assert opt_out.event.provider_verdict == "21610"
    assert opt_out.event.occurred_at.isoformat() == "2026-11-23T11:00:00+00:00"
    assert honored.event.kind is Kind.HONORED
    with reading(open_office.engine) as connection:
        assert verify(connection).whole


def test_old_news_after_a_later_opt_in_is_old(open_office: Office) -> None:
    told: list[dict[str, object]] = [
        {**BLOCKED, "message_id": "SM1"},
        {**BLOCKED, "number": "+12125551235"},
    ]
    first = hand_in(open_office, *told)
    for number in (NUMBER, "+12125551235"):
        given_consent(
            open_office, number=number, scope="all", occurred_at="2026-11-23T11:30:00Z"
        )

    assert hand_in(open_office, *told) == [
        ("known", first[0][1]),
        ("known", first[1][1]),
    ]
    assert [e.event.kind for e in open_office.ledger()] == [
        *(Kind.OPT_OUT, Kind.HONORED, Kind.OPT_IN)
    ]


def test_a_block_after_a_later_opt_in_is_news(quick_office: Office) -> None:
    hand_in(quick_office, BLOCKED)
    given_consent(quick_office, scope="all", occurred_at="2026-11-23T11:30:00Z")

    assert outcomes(quick_office, {**BLOCKED, "at": "2026-11-23T11:45:00Z"}) == [
        "recorded"
    ]


def test_a_block_closes_what_an_opt_out_left_open(quick_office: Office) -> None:
    left = given_consent(quick_office, consent="opt_out", scope="marketing")

    assert left["transactional"] == "unknown"
    assert outcomes(quick_office, {**BLOCKED, "at": "2026-11-23T11:30:00Z"}) == [
        "recorded"
    ]


def test_what_says_nothing_of_consent_leaves_no_trace(quick_office: Office) -> None:
    told = outcomes(
        quick_office,
        {**BLOCKED, "code": "30007"},
        DELIVERED,
        {"program": "fernhill", "number": NUMBER},
    )

    assert told == ["nothing"] * 3
    assert quick_office.ledger() == []


def test_a_caller_may_say_it_in_so_many_words(quick_office: Office) -> None:
    told: dict[str, object] = {
        "sender": "+13125550187",
        "number": NUMBER,
        "opted_out": True,
    }

    assert outcomes(quick_office, told) == ["recorded"]
    assert quick_office.ledger()[0].event.program == "fernhill_visits"
    assert quick_office.ledger()[0].event.sender == "+13125550187"


def test_more_than_fit_in_one_transaction_are_taken_in_their_order(
    quick_office: Office,
) -> None:
    many = [
        {**BLOCKED, "number": f"+1212555{n // 2:04}"} for n in range(2 * TOGETHER + 2)
    ]

    assert outcomes(quick_office, *many) == ["recorded", "known"] * (TOGETHER + 1)


def test_a_delivery_to_somebody_suppressed_is_noted_once(open_office: Office) -> None:
    [stop] = recorded(
        open_office.engine,
        event(minutes=-60, number=NUMBER, brand="Fernhill", program="fernhill"),
    )
    told = {**DELIVERED, "message_id": "SM9"}
    [(outcome, event_id)] = hand_in(open_office, told)

    assert outcome == "delivery_noted"
    assert hand_in(open_office, told) == [("known", event_id)]
    assert outcomes(open_office, DELIVERED) == ["known"]
    note = open_office.ledger()[1].event
    assert (note.kind, note.about) == (Kind.NOTE, stop.event_id)


def test_the_delivery_of_the_confirmation_is_none_of_these(
    quick_office: Office,
) -> None:
    recorded(
        quick_office.engine,
        event(minutes=-60, number=NUMBER, brand="Fernhill", program="fernhill"),
    )

    assert outcomes(quick_office, {**DELIVERED, "at": "2026-11-23T11:04:00Z"}) == [
        "nothing"
    ]


def test_an_erased_number_is_not_written_down_again(open_office: Office) -> None:
    with writing(open_office.engine) as connection:
        erase(
            connection,
            NUMBER,
            pepper=PEPPER,
            actor="operator",
            now=lambda: NOON,
            new_id=new_id,
            programs=[("Fernhill", "fernhill")],
        )
    open_office.clock.seconds = 3_600

    assert outcomes(open_office, BLOCKED, DELIVERED) == ["known", "nothing"]
    [left] = open_office.ledger()
    assert left.event.kind is Kind.ERASED


def test_who_handed_it_in_is_audited_without_the_number(quick_office: Office) -> None:
    wanted = NewKey("app", frozenset({Access.EVENTS}))
    token = made(quick_office.engine, wanted)
    quick_office.clock.seconds += HOLDS_SECONDS
    quick_office.client.headers.update(bearer(token))

    hand_in(quick_office, BLOCKED)
    given_consent(quick_office, occurred_at="2026-11-23T11:30:00Z")

    _made, opt_out, opt_in = audited(quick_office)
    assert [opt_out.action, opt_in.action] == ["consent.opt_out", "consent.opt_in"]
    assert {opt_out.actor, opt_in.actor} == {f"key:{token.key_id}"}
    assert opt_out.subject_digest == keyed_digest(NUMBER, PEPPER)
    assert opt_in.details["event_id"] == quick_office.ledger()[-1].event_id
    assert quick_office.ledger()[-1].event.actor == f"key:{token.key_id}"
    assert NUMBER not in json.dumps([dict(opt_out.details), dict(opt_in.details)])


def test_a_key_tells_of_its_own_programs(quick_office: Office) -> None:
    wanted = NewKey("app", frozenset({Access.EVENTS}), frozenset({"fernhill_visits"}))
    token = made(quick_office.engine, wanted)
    quick_office.clock.seconds += HOLDS_SECONDS
    both = [{**BLOCKED, "program": "fernhill_visits"}, BLOCKED]

    unnamed = quick_office.client.post("/v1/provider-events", json={"events": both})
    quick_office.client.headers.update(bearer(token))
    named = quick_office.client.post("/v1/provider-events", json={"events": both})

    assert unnamed.status_code == 401
    assert named.status_code == 403
    assert tell(quick_office).status_code == 403
    assert tell(quick_office, program="fernhill_visits").status_code == 200
    assert [e.event.program for e in quick_office.ledger()] == ["fernhill_visits"]


def test_an_opt_in_keeps_all_its_evidence(open_office: Office) -> None:
    evidence = {
        "channel": "mms",
        "consent_type": "express_written",
        "text": "yes please ✅",
        "language": "es",
        "disclosure": "By signing up…",
        "url": "https://example.com/join?x=1",
        "form_id": "join-1",
        "ip": "192.0.2.7",
        "user_agent": "Mozilla/5.0",
        "identity": "Ada",
        "screenshot": "s3://example/1.png",
        "reason": "brought over",
    }
    found = given_consent(open_office, sender="+12025550142", **evidence)

    [entry] = open_office.ledger()
    kept = entry.event
    assert {name: getattr(kept, name) for name in evidence} == evidence
    assert kept.disclosure_version is not None
    assert kept.disclosure_version.startswith("sha256:")
    assert kept.sender == "+12025550142"
    assert (kept.source, kept.scope) == (Source.WEB, Scope.MARKETING)
    assert found == {
        "event_id": entry.event_id,
        "recorded": True,
        "marketing": "opted_in",
        "transactional": "unknown",
        "deadline": None,
    }


def test_the_same_consent_again_is_recorded_once(open_office: Office) -> None:
    first = given_consent(open_office)
    again = given_consent(open_office, occurred_at="2026-11-23T12:00:00+01:00")

    assert again == {**first, "recorded": False}
    assert len(open_office.ledger()) == 1
    assert len(audited(open_office)) == 1


@pytest.mark.parametrize("source", ["web", "email", "voice", "agent", "import"])
def test_an_opt_out_by_any_way_is_honoured_at_once(
    quick_office: Office, source: str
) -> None:
    found = given_consent(
        quick_office, consent="opt_out", scope="all", source=source, reason="told us"
    )

    opt_out, honored = quick_office.ledger()
    assert found["marketing"] == found["transactional"] == "opted_out"
    assert found["deadline"] == "2026-12-08"
    assert opt_out.event.revoke_all
    assert (honored.event.kind, honored.event.about) == (
        Kind.HONORED,
        opt_out.event_id,
    )


def test_an_opt_in_dated_before_an_opt_out_lifts_nothing(quick_office: Office) -> None:
    given_consent(quick_office, consent="opt_out", scope="all")

    late = given_consent(quick_office, occurred_at="2026-11-23T10:00:00Z")

    assert (late["recorded"], late["marketing"]) == (True, "opted_out")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"program": None}, "program"),
        ({"scope": None}, "scope"),
        ({"source": "sms_keyword"}, "source"),
        ({"source": "agent"}, "body"),
        ({"occurred_at": "2026-11-23T11:00:00"}, "occurred_at"),
        ({"occurred_at": "2026-11-23T12:06:00Z"}, "occurred_at"),
        ({"consent": "maybe"}, "consent"),
    ],
)
def test_consent_that_cannot_be_meant_is_refused(
    quick_office: Office, wrong: dict[str, object], field: str
) -> None:
    answer = tell(quick_office, **wrong)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert NUMBER not in answer.text
    assert quick_office.ledger() == []


def test_one_event_that_cannot_be_meant_leaves_all_unrecorded(
    quick_office: Office,
) -> None:
    body = {"events": [BLOCKED, {**BLOCKED, "program": "nobody"}]}

    answer = quick_office.client.post("/v1/provider-events", json=body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "events.1.program"
    assert quick_office.ledger() == []


@pytest.mark.parametrize(
    ("provider", "code", "status", "meant"),
    [
        (Provider.TWILIO, "21610", None, True),
        (Provider.TELNYX, "40300", "failed", True),
        (Provider.PLIVO, "200", None, True),
        (Provider.VONAGE, "9", None, True),
        (Provider.VONAGE_MD5HASH, " 9 ", None, True),
        (Provider.VONAGE_MESSAGES, "9", None, True),
        (Provider.SINCH, "257", None, True),
        (Provider.SINCH_BASIC, "257", None, True),
        (Provider.AWS, None, "TEXT_OPTED_OUT", True),
        (Provider.AWS, "OPT_OUT", None, True),
        (Provider.TWILIO, "200", None, False),
        (Provider.PLIVO, "9", None, False),
        (Provider.TWILIO, "30007", "undelivered", False),
        (Provider.TELNYX, "40002", None, False),
        (Provider.BANDWIDTH, None, "message-failed", False),
        (Provider.GENERIC, None, None, False),
    ],
)
def test_a_code_means_what_its_own_provider_means(
    provider: Provider, code: str | None, status: str | None, *, meant: bool
) -> None:
    assert means_opt_out(provider, code, status) is meant


@pytest.mark.parametrize("status", ["Delivered", "message-delivered", "TEXT_DELIVERED"])
def test_what_arrived_is_delivered(status: str) -> None:
    assert means_delivered(status)
    assert not means_delivered(f"un{status}")


def test_every_outcome_is_explained_in_the_api(quick_office: Office) -> None:
    document = quick_office.client.get("/openapi.json").json()
    schema = document["components"]["schemas"]["ProviderEventOut"]
    told = schema["properties"]["outcome"]["description"]

    for outcome, meaning in OUTCOMES.items():
        assert f"- `{outcome}`: {meaning}" in told


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    number=st.from_regex(r"\+?[0-9]{3,15}|[A-Za-z0-9]{1,11}", fullmatch=True),
    told=st.fixed_dictionaries(
        {},
        optional={
            "code": st.text(min_size=1, max_size=128) | st.integers(-(10**9), 10**9),
            "status": st.text(min_size=1, max_size=128),
            "opted_out": st.booleans(),
            "message_id": st.text(min_size=1, max_size=128),
            "at": st.just(EARLIER),
        },
    ),
)
def test_what_was_handed_in_is_known_when_it_comes_again(
    quick_office: Office, number: str, told: dict[str, object]
) -> None:
    news = {"program": "fernhill", "number": number, **told}

    first, again = outcomes(quick_office, news, news)

    assert again == ("nothing" if first == "nothing" else "known")
