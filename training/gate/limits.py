"""`gate.yaml`: on what bundles are judged, and what they are held to."""

from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path

from model.errors import InputError
from serving.routing.lined_yaml import LinedYaml

FILE = "gate.yaml"
DEFAULT = Path(__file__).with_name("default") / FILE
"""What ships, for whoever has no gate file and names the replies to judge on."""

VERSION = 1


class Kind(StrEnum):
    """By what held-out replies are told apart."""

    INTENT = "intent"
    LANGUAGE = "language"
    SENTIMENT = "sentiment"
    PROGRAM = "program"
    SOURCE = "source"
    LENGTH = "length"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a candidate is held to.

    Attributes:
        false_alarms: how often a candidate that is as good as the champion may be
            refused by noise, over all paired tests together (0 to 1).
        max_wrong_replies: share of automatic answers that may be wrong (0 to 1).
        assurance: how sure that must be (0 to 1).
        calibration_error: the upper end of its 95 % interval may not pass this.
        answered_fall: by how much the share that no person sees may fall (0 to 1).
        opt_out_recall: floor of the hard opt-outs that are honoured at once.
        opt_out_precision: floor of what was honoured and asked for.
        latency_ratio: how many times as long as with the champion a reply may take.
        held_out_seen: share of the held-out replies that training may have seen.
        reviewed_again: share of the reviewed mistakes that may be made again.
    """

    false_alarms: float
    max_wrong_replies: float
    assurance: float
    calibration_error: float
    answered_fall: float
    opt_out_recall: float
    opt_out_precision: float
    latency_ratio: float
    held_out_seen: float
    reviewed_again: float


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate file; paths are as the file names them, beside itself.

    Attributes:
        replies: held-out labelled replies.
        opt_out_cases: hard opt-out cases, of which the test part counts; None for none.
        behaviour: texts that must be decided as the file says.
        reviewed: replies that were decided wrongly once, as labelled since; or (YAML)
            what must be decided of each.
        slices: by what replies are told apart.
        limits: what candidates are held to.
    """

    replies: tuple[Path, ...]
    opt_out_cases: Path | None
    behaviour: tuple[Path, ...]
    reviewed: tuple[Path, ...]
    slices: tuple[Kind, ...]
    limits: Limits


def read_gate(path: Path) -> Gate:
    """Read a gate file.

    Raises:
        InputError: there is no such file.
        RulesError: a line of it cannot be meant.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        problem = f"expected a gate file: {error.strerror}; docs/release.md tells more"
        raise InputError(path, problem) from error
    return parse_gate(LinedYaml.parse(path.name, {path.name: data}), path.parent)


def parse_gate(body: LinedYaml, folder: Path) -> Gate:
    """Read a gate file's fields; the paths in it lie in `folder`.

    Raises:
        RulesError: a field is unknown, missing, or out of its range.
    """
    lists = ("replies", "behaviour", "reviewed", "slices")
    body.only("version", "opt_out_cases", *lists, "limits")
    if body.fields.get("version") != VERSION:
        raise body.error("version", f"expected {VERSION}")
    cases = body.optional_text("opt_out_cases")
    replies, behaviour, reviewed = (
        tuple(folder / name for name in body.texts(key)) for key in lists[:3]
    )
    if not replies:
        raise body.error("replies", "expected at least one file of held-out replies")
    return Gate(
        replies=replies,
        opt_out_cases=folder / cases if cases else None,
        behaviour=behaviour,
        reviewed=reviewed,
        slices=_kinds(body),
        limits=_limits(body.child("limits")),
    )


def _kinds(body: LinedYaml) -> tuple[Kind, ...]:
    named = body.texts("slices")
    for number, name in enumerate(named):
        if name not in list(Kind):
            problem = f"expected one of {', '.join(Kind)}, got {name!r}"
            raise body.error(f"slices[{number}]", problem)
    return tuple(map(Kind, dict.fromkeys(named)))


def _limits(body: LinedYaml) -> Limits:
    names = [field.name for field in fields(Limits)]
    body.only(*names)
    return Limits(
        **{name: body.number(name, *_RANGES.get(name, (0, 1))) for name in names}
    )


_RANGES = {
    "false_alarms": (0.001, 0.5),
    "assurance": (0.5, 0.9999),
    "latency_ratio": (0.1, 100.0),
}
"""Where a share of 0 to 1 is not what can be meant."""
