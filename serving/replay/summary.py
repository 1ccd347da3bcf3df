"""What a replay found, in figures: for the page, for programs, for the terminal."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from serving.replay.rows import Span
from serving.replay.tally import Tally
from serving.routing.flips import FlipKind
from serving.shares import Share, share_of


@dataclass(frozen=True, slots=True)
class KindSummary:
    """The flips of one kind.

    Attributes:
        kind: which.
        count: how many decisions.
        per_thousand: expected of 1,000 replies like these, with its 95 % interval.
        cost: what they cost if each new decision is the wrong one, in the policy's
            currency.
        changes: how many of each change, the commonest first.
        programs: how many in each program, the most first.
    """

    kind: FlipKind
    count: int
    per_thousand: Share
    cost: float
    changes: Mapping[str, int]
    programs: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Summary:
    """A replay in figures.

    Attributes:
        bundle: id of the candidate.
        span: which decisions.
        replayed: how many were decided again.
        erased: left out because the person's words are gone.
        unreadable: left out because this version cannot read the row.
        read_anew: how many the candidate's model was asked about.
        flips: how many come out otherwise.
        kinds: by kind, the gravest first; those without a flip too.
        actions: how many by action before and action after.
    """

    bundle: str
    span: Span
    replayed: int
    erased: int
    unreadable: int
    read_anew: int
    flips: int
    kinds: tuple[KindSummary, ...]
    actions: Mapping[tuple[str, str], int]

    def of(self, kind: FlipKind) -> KindSummary:
        """Return the flips of one kind."""
        return next(one for one in self.kinds if one.kind is kind)

    def to_body(self) -> dict[str, Any]:
        """Return the figures for JSON; no words of a person are among them."""
        span = {"since": self.span.since, "until": self.span.until}
        return {
            "bundle": self.bundle,
            **{name: moment.isoformat() for name, moment in span.items()},
            "program": self.span.program,
            "replayed": self.replayed,
            "erased": self.erased,
            "unreadable": self.unreadable,
            "read_anew": self.read_anew,
            "flips": self.flips,
            "kinds": {one.kind.value: _kind_body(one) for one in self.kinds},
            "actions": [
                {"before": before, "after": after, "replies": count}
                for (before, after), count in self.actions.items()
            ],
        }


def summary_of(bundle: str, span: Span, tally: Tally) -> Summary:
    """Return the figures of a replay."""
    actions: Counter[tuple[str, str]] = Counter()
    for (_, before, after), count in tally.actions.items():
        actions[before, after] += count
    kinds = tuple(_kind(kind, tally) for kind in FlipKind)
    return Summary(
        bundle=bundle,
        span=span,
        replayed=tally.replayed,
        erased=tally.erased,
        unreadable=tally.unreadable,
        read_anew=tally.read_anew,
        flips=sum(one.count for one in kinds),
        kinds=kinds,
        actions=dict(sorted(actions.items())),
    )


def _kind(kind: FlipKind, tally: Tally) -> KindSummary:
    changes = Counter({c: n for (k, c), n in tally.changes.items() if k is kind})
    programs = Counter({p: n for (k, p), n in tally.flips.items() if k is kind})
    count = changes.total()
    share = share_of(count, tally.replayed)
    return KindSummary(
        kind=kind,
        count=count,
        per_thousand=Share(1000 * share.estimate, 1000 * share.low, 1000 * share.high),
        cost=tally.costs.get(kind, 0.0),
        changes=dict(changes.most_common()),
        programs=dict(programs.most_common()),
    )


def _kind_body(one: KindSummary) -> dict[str, Any]:
    body = asdict(one)
    del body["kind"]
    return body
