from datetime import timedelta

import pytest
import sqlalchemy as sa

from serving.reviews.search import search
from serving.routing.situation import Consent
from serving.store.contacts import Contact, ContactKey, save_contacts
from serving.store.database import reading, writing
from tests.serving.reviews.making import NOON, a_decision

NUMBER = "+15550100"


@pytest.fixture
def talk(engine: sa.Engine) -> sa.Engine:
    """Return a store where a person talks to two of our numbers."""
    with writing(engine) as connection:
        for number, conversation in enumerate(("c1", "c1", "c2", "c3")):
            at = NOON + number * timedelta(minutes=1)
            a_decision(connection, f"d{number}", at=at, conversation=conversation)
        contacts = [
            Contact(
                key=ContactKey(NUMBER, sender),
                conversation_id=conversation,
                consent=Consent.SUBSCRIBED,
                consent_changed_at=None,
                asked_opt_out=False,
                hour_began_at=NOON,
                hour_replies=0,
            )
            for sender, conversation in (("+15550198", "c1"), ("+15550199", "c2"))
        ]
        save_contacts(connection, contacts)
    return engine


@pytest.mark.parametrize(
    ("words", "number", "found"),
    [
        ("d0", "", ["d0"]),
        ("m-d0", "", ["d0"]),
        ("c1", "", ["d1"]),
        ("555-0100", NUMBER, ["d2", "d1"]),
        ("nothing", "", []),
        ("", "", []),
    ],
)
def test_ids_and_numbers_lead_to_decisions(
    talk: sa.Engine, words: str, number: str, found: list[str]
) -> None:
    with reading(talk) as connection:
        assert search(connection, words, number) == found
