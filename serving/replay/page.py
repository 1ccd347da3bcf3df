"""One page of logged decisions, decided again."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from model.prediction import Prediction
from serving.live import LiveBundle
from serving.recording.logged import Logged, logged_inputs
from serving.recording.record import fields_of
from serving.replay.again import decide_again
from serving.replay.flip_row import FlipRow, change_of, side_of
from serving.replay.readings import Readings
from serving.replay.rows import Place, Row
from serving.routing.decide import needs_prediction
from serving.routing.flips import cost_of, flip_of, outcome_of


@dataclass(frozen=True, slots=True)
class Candidate:
    """The bundle that decides again.

    Attributes:
        live: model and rules.
        same_model: ids of bundles with the very same model: what they read stands.
        readings: of the model, each text once.
    """

    live: LiveBundle
    same_model: frozenset[str]
    readings: Readings

    @classmethod
    def of(cls, live: LiveBundle, same_model: frozenset[str]) -> Self:
        """Return the candidate; it has read nothing yet."""
        return cls(live, same_model, Readings(live.bundle.classifier))


@dataclass(frozen=True, slots=True)
class Page:
    """What came of one page.

    Attributes:
        last: where the page ends.
        erased: rows left out because the person's words are gone.
        unreadable: rows left out because this version cannot read them.
        read_anew: replies that the candidate's model was asked about.
        actions: decided rows by program, action before and action after.
        flips: decisions that come out otherwise, in the order of the record.
    """

    last: Place
    erased: int
    unreadable: int
    read_anew: int
    actions: Counter[tuple[str, str, str]]
    flips: tuple[FlipRow, ...]


@dataclass(frozen=True, slots=True)
class _Opened:
    """One row that can be decided again; `asks`: the candidate's model is asked."""

    row: Row
    logged: Logged
    before: Mapping[str, Any]
    asks: bool


def decide_page(candidate: Candidate, rows: Sequence[Row]) -> Page:
    """Decide about each of `rows` (at least one) again and compare."""
    opened: list[_Opened] = []
    left_out = {"erased": 0, "unreadable": 0}
    for row in rows:
        try:
            one = _open(candidate, row)
        except (KeyError, TypeError, ValueError):
            left_out["unreadable"] += 1
            continue
        if one is None:
            left_out["erased"] += 1
        else:
            opened.append(one)
    read = candidate.readings.read(
        [one.logged.reply.text for one in opened if one.asks]
    )
    actions: Counter[tuple[str, str, str]] = Counter()
    flips = []
    for one in opened:
        after = _decided(candidate, one, read)
        actions[one.row.program, one.before["action"], after["action"]] += 1
        if flip := _flip(candidate, one, after):
            flips.append(flip)
    return Page(
        last=rows[-1].place,
        read_anew=sum(one.asks for one in opened),
        actions=actions,
        flips=tuple(flips),
        **left_out,
    )


def _open(candidate: Candidate, row: Row) -> _Opened | None:
    """Return the row as it was logged; None where the person's words are gone.

    Raises:
        KeyError, TypeError, ValueError: it is nothing that this version can read.
    """
    inputs, before = json.loads(row.inputs), json.loads(row.decision)
    if row.bundle not in candidate.same_model:
        inputs["prediction"] = None  # Not looked at: it is most of the row.
    logged = logged_inputs(inputs)
    if logged is None:
        return None
    outcome_of(before)
    asks = logged.prediction is None and needs_prediction(
        logged.reply.text, candidate.live.rules
    )
    return _Opened(row, logged, before, asks)


def _decided(
    candidate: Candidate, one: _Opened, read: Mapping[str, Prediction]
) -> dict[str, Any]:
    """Return the new decision in the shape of the contract; its effects have no ids."""
    prediction = one.logged.prediction or read.get(one.logged.reply.text)
    after = decide_again(one.logged, one.before, candidate.live.rules, prediction)
    return fields_of(after, ("",) * len(after.effects))


def _flip(
    candidate: Candidate, one: _Opened, after: Mapping[str, Any]
) -> FlipRow | None:
    flip = flip_of(one.before, after)
    if flip is None:
        return None
    return FlipRow(
        kind=flip.kind,
        change=change_of(flip),
        cost=cost_of(flip, candidate.live.rules.policy),
        decision_id=one.row.decision_id,
        recorded_at=one.row.recorded_at.isoformat(),
        program=one.row.program,
        text=one.logged.reply.text,
        before=side_of(flip.before, one.before),
        after=side_of(flip.after, after),
    )
