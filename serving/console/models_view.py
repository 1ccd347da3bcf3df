"""What the Models page shows of bundles, their roles, and what the gate found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model.shelf import Candidate
from model.uses import CHAMPION, NOBODY, BundleRole, How, Use, live_of, short
from serving.bundles.comparison import AGREES, Flipped, Span
from serving.replay.html_report import TITLES
from serving.routing.flips import FlipKind
from serving.shares import Share, share_of

SHOWN = 30
"""Changes of roles that are shown at once, the latest."""


@dataclass(frozen=True, slots=True)
class GateLine:
    """One line of a gate's report.

    Attributes:
        about: what it is about, and of which replies.
        champion: the champion's figure, for people.
        candidate: the candidate's.
        passed: whether the candidate is fit in this respect.
        near: it passed, and nearly did not.
        told: the same in words.
    """

    about: str
    champion: str
    candidate: str
    passed: bool
    near: bool
    told: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A bundle on the shelf, as the page shows it.

    Attributes:
        candidate: the bundle.
        name: how people call it.
        role: which role it has, if any.
        lines: what the gate found, failed lines first, then those that nearly failed.
        against: whom the gate held it against; None where that is who decides now.
    """

    candidate: Candidate
    name: str
    role: BundleRole | None
    lines: tuple[GateLine, ...]
    against: str | None

    @property
    def failed(self) -> int:
        """How many lines failed."""
        return sum(not line.passed for line in self.lines)


@dataclass(frozen=True, slots=True)
class KindShown:
    """The flips of one kind.

    Attributes:
        kind: which.
        title: what it changes.
        replies: how many.
        share: of all that were compared.
        examples: the latest.
    """

    kind: FlipKind
    title: str
    replies: int
    share: Share
    examples: Sequence[Flipped]


@dataclass(frozen=True, slots=True)
class Compared:
    """A challenger beside a champion.

    Attributes:
        span: who, and when.
        replies: how many were compared.
        agree: the share of those that both decide alike.
        kinds: the rest, opt-outs first; only kinds that there are.
    """

    span: Span
    replies: int
    agree: Share
    kinds: tuple[KindShown, ...]


def shown(candidate: Candidate, uses: Sequence[Use], champion: str) -> Shown:
    """Return a bundle as the page shows it; `champion` is the id of who decides."""
    roles = {use.bundle_id: role for role, use in live_of(uses).items()}
    report = candidate.report
    lines = report.get("lines")
    found = [_line(line) for line in lines] if isinstance(lines, list) else []
    against = str(report.get("champion") or champion)
    return Shown(
        candidate,
        short(candidate.bundle_id),
        roles.get(candidate.bundle_id),
        tuple(sorted(found, key=lambda line: (line.passed, not line.near))),
        # Whoever is the champion was held against the one before.
        None if champion in {against, candidate.bundle_id} else short(against),
    )


def compared(
    span: Span, counts: Mapping[str, int], flips: Mapping[FlipKind, Sequence[Flipped]]
) -> Compared:
    """Return what was counted in a span, as the page shows it."""
    total = sum(counts.values())
    kinds = tuple(
        KindShown(
            kind,
            TITLES[kind],
            counts[kind],
            share_of(counts[kind], total),
            flips.get(kind, ()),
        )
        for kind in FlipKind
        if counts[kind]
    )
    return Compared(span, total, share_of(counts[AGREES], total), kinds)


def change_in_words(use: Use) -> str:
    """Return what a change of roles did."""
    name = short(use.bundle_id)
    match use.how:
        case How.WITHDRAWN:
            return f"no {use.role} any more"
        case How.ROLLED_BACK if use.bundle_id == NOBODY:
            return "rolled back to the service's own bundle"
        case How.ROLLED_BACK:
            return f"rolled back to {name}"
        case How.PROMOTED if use.role == CHAMPION:
            return f"{name} promoted to champion"
        case How.PROMOTED:
            return f"{name} made challenger"


def who(actor: str) -> str:
    """Return an actor as people call them."""
    kind, _, name = actor.partition(":")
    if kind == "user":
        return name
    return f"{name}, at a terminal" if kind == "operator" and name else actor


def _line(body: Mapping[str, Any]) -> GateLine:
    name, of = str(body.get("name", "")), str(body.get("slice", "all"))
    about = name.replace("_", " ")
    return GateLine(
        about=about if of == "all" else f"{about}, {of}",
        champion=_figure(name, body.get("champion")),
        candidate=_figure(name, body.get("candidate")),
        passed=body.get("passed") is True,
        near=body.get("near") is True,
        told=str(body.get("told", "")),
    )


def _figure(name: str, value: object) -> str:
    if not isinstance(value, int | float):
        return ""
    if name == "latency":
        return f"{value:.1f} ms"
    return f"{value:.3f}" if name == "calibration" else f"{value:.1%}"
