from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from serving.ids import new_id
from serving.ledger.chain import append
from serving.ledger.event import Entry, Kind, Scope, Source
from serving.ledger.history import consent_of, history
from serving.ledger.state import Standing
from serving.providers.inbound import StatusEvent
from serving.reported.provider_events import provider_opt_outs
from serving.store.database import open_store, writing
from tests.databases import KINDS, store
from tests.serving.doorstep import OURS, PERSON, program
from tests.serving.ledger.making import event
from tests.serving.providers.senders import NOW, SENDERS

SHOP = program(SENDERS["twilio"])
BEFORE = NOW - timedelta(days=1)


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    with store(request.param, tmp_path) as url:
        engine = open_store(url)
        yield engine
        engine.dispose()


def told(number: str | None = PERSON, **fields: object) -> StatusEvent:
    values: dict[str, object] = {
        "event_id": "e",
        "message_id": "SM1",
        "sender": OURS,
        "status": "failed",
        "error_code": "21610",
        "opted_out": True,
        **fields,
    }
    return StatusEvent(number=number, **values)  # type: ignore[arg-type] # as they are


def recorded(
    engine: sa.Engine, *events: StatusEvent, at: datetime = NOW
) -> list[Entry]:
    with writing(engine) as connection:
        return provider_opt_outs(
            connection, events, SHOP, now=lambda: at, new_id=new_id
        )


def given(engine: sa.Engine, kind: Kind, **fields: object) -> None:
    known = event(
        kind,
        number=PERSON,
        brand=SHOP.brand,
        program=SHOP.program_id,
        occurred_at=BEFORE,
        received_at=BEFORE,
        **fields,  # type: ignore[arg-type] # as the fields are
    )
    with writing(engine) as connection:
        append(connection, [known], now=lambda: BEFORE, new_id=new_id)


def standing(engine: sa.Engine, scope: Scope = Scope.ALL) -> Standing:
    with engine.connect() as connection:
        consent = consent_of(
            connection, PERSON, brand=SHOP.brand, program=SHOP.program_id
        )
    return consent.of(scope).standing


def test_a_refusal_is_an_opt_out_that_is_honoured(engine: sa.Engine) -> None:
    opt_out, honored = recorded(engine, told())

    assert (opt_out.event.kind, honored.event.kind) == (Kind.OPT_OUT, Kind.HONORED)
    assert honored.event.about == opt_out.event_id
    assert opt_out.event.source is Source.PROVIDER
    assert opt_out.event.provider_verdict == "21610"
    assert opt_out.event.deadline is not None
    assert standing(engine) is Standing.OPTED_OUT


@pytest.mark.parametrize(
    "news", [told(opted_out=False), told(number=None)], ids=["other news", "nobody"]
)
def test_what_is_no_opt_out_adds_nothing(engine: sa.Engine, news: StatusEvent) -> None:
    assert recorded(engine, news) == []


def test_told_again_it_adds_nothing(engine: sa.Engine) -> None:
    recorded(engine, told(), told(message_id="SM2"))

    with engine.connect() as connection:
        assert len(history(connection, PERSON)) == 2


def test_news_that_comes_again_undoes_no_opt_in_since(engine: sa.Engine) -> None:
    recorded(engine, told(), at=BEFORE - timedelta(minutes=20))
    given(engine, Kind.OPT_IN)

    assert recorded(engine, told()) == []
    assert standing(engine) is Standing.OPTED_IN


def test_the_same_news_of_another_message_is_news(engine: sa.Engine) -> None:
    recorded(engine, told(), at=BEFORE - timedelta(minutes=20))
    given(engine, Kind.OPT_IN)

    recorded(engine, told(message_id="SM2"))

    assert standing(engine) is Standing.OPTED_OUT


def test_one_scope_that_is_closed_does_not_close_the_other(engine: sa.Engine) -> None:
    given(engine, Kind.OPT_OUT, scope=Scope.MARKETING)

    recorded(engine, told())

    assert standing(engine, Scope.TRANSACTIONAL) is Standing.OPTED_OUT


def test_news_of_before_an_opt_in_does_not_undo_it(engine: sa.Engine) -> None:
    given(engine, Kind.OPT_IN)

    recorded(engine, told(at=BEFORE - timedelta(hours=1)))

    assert standing(engine) is Standing.OPTED_IN
