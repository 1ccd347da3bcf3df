"""One day's drift as it is kept: figures and words of several people, no reply."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from serving.drift.accuracy import Accuracy
from serving.drift.apart import Apart
from serving.drift.moved import Moved
from serving.drift.new_groups import NewGroup
from serving.drift.new_words import NewWord
from serving.shares import Share

FORMAT = 1
"""The format of `drift_days.measures` that this version writes and reads."""

TRAFFIC, TRAINING = "traffic", "training"
"""What a day is held against: the replies of the weeks before, or the labelled ones."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One way in which a day's replies can differ.

    Attributes:
        name: "intents", "languages", "confidence" or "meaning".
        apart: from what they are held against.
        p: that a usual day is as far apart, corrected for the number of measures; None
            while too few days are known.
        unusual: the day is not like the others in this.
    """

    name: str
    apart: Apart
    p: float | None
    unusual: bool


@dataclass(frozen=True, slots=True)
class DriftDay:
    """What a day's replies were like.

    Attributes:
        day: in UTC, by when decisions were recorded.
        bundle: id of the bundle that read them for this.
        replies: how many the day had.
        looked_at: how many of them were drawn and read.
        reference: "traffic" or "training".
        reference_days: so many days before are what the day is held against.
        reference_replies: so many of their replies.
        known_days: days of the same kind whose distances say what is usual.
        measures: in the order of `Measure.name`.
        moved_intents: intents with an unusual share, the least usual first.
        moved_languages: likewise languages.
        words: words that people have begun to say.
        groups: replies that mean much the same, as none did before.
        accuracy: estimated, of what the model decided; None of nothing.
        accuracy_answered: estimated, of what was answered automatically.
        from_training: how far the replies are from the labelled ones, by meaning; None
            where the bundle has none.
        confidence: mean confidence of what the bundle read (0 to 1).
        confidence_before: likewise of what the day is held against.
        intents: how many of the replies that were looked at had each intent.
        languages: likewise each language; "" for none.
        kept: ids of decisions that stand for the day on later days.
    """

    day: date
    bundle: str
    replies: int
    looked_at: int
    reference: str
    reference_days: int
    reference_replies: int
    known_days: int
    measures: tuple[Measure, ...]
    moved_intents: tuple[Moved, ...]
    moved_languages: tuple[Moved, ...]
    words: tuple[NewWord, ...]
    groups: tuple[NewGroup, ...]
    accuracy: Accuracy | None
    accuracy_answered: Accuracy | None
    from_training: Apart | None
    confidence: float
    confidence_before: float
    intents: Mapping[str, int]
    languages: Mapping[str, int]
    kept: tuple[str, ...]

    @property
    def learning(self) -> bool:
        """Whether too few days are known to say what is usual."""
        return any(measure.p is None for measure in self.measures)

    @property
    def unusual(self) -> bool:
        """Whether the day was unlike the weeks before."""
        told = any(measure.unusual for measure in self.measures)
        return not self.learning and bool(told or self.words or self.groups)

    def measure(self, name: str) -> Measure | None:
        """Return the measure of that name; None where it was not taken."""
        return next((one for one in self.measures if one.name == name), None)

    def to_body(self) -> dict[str, Any]:
        """Return the day for JSON."""
        return {"format": FORMAT, **asdict(self), "day": self.day.isoformat()}


def from_body(body: Mapping[str, Any]) -> DriftDay:
    """Read what `to_body` gave.

    Raises:
        KeyError, TypeError, ValueError: another version wrote it.
    """
    if body["format"] != FORMAT:
        raise ValueError(f"expected format {FORMAT}, got {body['format']}")
    told = {name: body[name] for name in DriftDay.__slots__}
    return DriftDay(
        **told
        | {
            "day": date.fromisoformat(body["day"]),
            "measures": tuple(
                Measure(**{**one, "apart": Apart(**one["apart"])})
                for one in body["measures"]
            ),
            "moved_intents": tuple(map(_moved, body["moved_intents"])),
            "moved_languages": tuple(map(_moved, body["moved_languages"])),
            "words": tuple(map(_word, body["words"])),
            "groups": tuple(map(_group, body["groups"])),
            "accuracy": _accuracy(body["accuracy"]),
            "accuracy_answered": _accuracy(body["accuracy_answered"]),
            "from_training": body["from_training"] and Apart(**body["from_training"]),
            "kept": tuple(body["kept"]),
        }
    )


def _moved(body: Mapping[str, Any]) -> Moved:
    return Moved(**{**body, "share": Share(**body["share"])})


def _word(body: Mapping[str, Any]) -> NewWord:
    return NewWord(**{**body, "examples": tuple(body["examples"])})


def _group(body: Mapping[str, Any]) -> NewGroup:
    lists = {name: tuple(body[name]) for name in ("words", "examples")}
    return NewGroup(**{**body, **lists})


def _accuracy(body: Mapping[str, Any] | None) -> Accuracy | None:
    return None if body is None else Accuracy(**body)
