"""Replies that were decided lately: each text once, with how often it came."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from model.files import Row
from serving.labels.nameless import Nameless
from serving.labels.reviewed import words_of
from serving.replay.rows import Row as Decision


@dataclass(slots=True)
class Gathering:
    """Gathers texts as they come; the last decision about a text stands for it.

    Attributes:
        nameless: takes out what names a person.
        erased: decisions whose words are gone.
        decisions: all of them.
    """

    nameless: Nameless
    erased: int = 0
    decisions: int = 0
    _rows: dict[str, Row] = field(default_factory=dict, repr=False)

    def add(self, decisions: Iterable[Decision]) -> None:
        """Add decisions, the oldest first."""
        for row in decisions:
            self.decisions += 1
            text, variables = words_of(row.inputs)
            if not text.strip():
                self.erased += 1
                continue
            words = self.nameless.of(text, row.program, variables).text
            before = self._rows.pop(words, None)
            count = int(str(before["count"])) if before else 0
            self._rows[words] = _row(row, words, count + 1)

    def rows(self) -> list[Row]:
        """Return the texts, the commonest first."""
        return sorted(self._rows.values(), key=lambda row: -int(str(row["count"])))


def _row(row: Decision, text: str, count: int) -> Row:
    decision: dict[str, Any] = json.loads(row.decision)
    return {
        "id": row.decision_id,
        "text": text,
        "count": count,
        "intent": decision.get("intent") or "",
        "confidence": decision.get("confidence"),
        "sentiment": decision.get("sentiment") or "",
        "language": decision.get("language") or "",
        "decided_by": decision.get("decided_by") or "",
        "action": decision.get("action") or "",
        "program": row.program,
        "bundle": row.bundle,
        "group": decision.get("conversation_id") or "",
        "recorded_at": row.recorded_at.isoformat(timespec="seconds"),
    }
