"""Looking a decision up, to review it out of turn."""

import sqlalchemy as sa

from serving.store.tables import contacts, decisions

MOST = 20
"""Conversations that one search shows."""


def search(connection: sa.Connection, words: str, number: str) -> list[str]:
    """Return the ids of decisions that are meant, the latest first.

    Args:
        connection: reads.
        words: an id of a decision, of a message or of a conversation. A conversation
            stands for the latest decision of it.
        number: the same, as a telephone number in its canonical form; it stands for
            the latest decision of each of the person's conversations.
    """
    table = decisions.c
    exact = sa.select(table.decision_id).where(
        (table.decision_id == words) | (table.message_id == words)
    )
    found = connection.scalars(exact.limit(1)).first()
    if found is not None:
        return [found]
    theirs = sa.select(contacts.c.conversation_id).where(contacts.c.number == number)
    conversations = [words, *connection.scalars(theirs.limit(MOST))]
    latest = [_latest(connection, each) for each in conversations]
    return sorted({each for each in latest if each}, reverse=True)


def _latest(connection: sa.Connection, conversation_id: str) -> str | None:
    table = decisions.c
    return connection.scalar(
        sa.select(table.decision_id)
        .where(table.conversation_id == conversation_id)
        .order_by(table.received_at.desc(), table.decision_id.desc())
        .limit(1)
    )
