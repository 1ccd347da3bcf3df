from dataclasses import fields, replace

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from serving.ledger.event import ConsentEvent
from serving.ledger.history import history
from serving.ledger.rows import PERSONAL, details_of, personal_of
from serving.store.database import reading
from tests.serving.ledger.making import NUMBER, event, full_event, recorded


def test_every_field_comes_back_as_it_was_recorded(engine: sa.Engine) -> None:
    given = full_event()
    empty = {
        field.name
        for field in fields(ConsentEvent)
        if getattr(given, field.name) in {None, ()}
    }

    recorded(engine, given)
    with reading(engine) as connection:
        (entry,) = history(connection, NUMBER)

    assert empty == {"number_digest", "erases", "suppressed_since"}
    assert entry.event == given


@pytest.mark.parametrize("text", ["", "\x00STOP", "STOP \ud83d", "¿PARA?", "🛑" * 400])
def test_words_that_a_database_refuses_are_kept_exactly(
    engine: sa.Engine, text: str
) -> None:
    recorded(engine, event(text=text))

    with reading(engine) as connection:
        assert history(connection, NUMBER)[0].event.text == text


@given(st.text(st.characters(exclude_categories=())))
def test_what_is_personal_is_in_no_other_part(text: str) -> None:
    told = f"<{text}>"
    words = replace(event(), **dict.fromkeys(PERSONAL, told))  # type: ignore[arg-type] # all are text

    assert details_of(words) == details_of(event())
    assert personal_of(words).isascii()


def test_a_field_that_is_empty_leaves_no_trace() -> None:
    assert personal_of(event()) == "{}"
    assert "null" not in details_of(event())


def test_a_moment_without_its_zone_is_refused() -> None:
    naive = event().occurred_at.replace(tzinfo=None)

    with pytest.raises(
        ValueError, match="occurred_at: expected a moment with its zone"
    ):
        event(occurred_at=naive)
