"""The report of a replay as one page that needs nothing else, to read and to print."""

from pathlib import Path

import jinja2

from serving.replay.flip_row import FlipRow
from serving.replay.summary import KindSummary, Summary
from serving.replay.tally import Tally
from serving.routing.decision import Action
from serving.routing.flips import FlipKind

TITLES = {
    FlipKind.OPT_OUT: "Opt-outs and opt-ins",
    FlipKind.ACTION: "An answer, a question, a person or nothing",
    FlipKind.WORDS: "The words that the person reads",
    FlipKind.QUEUE: "Who takes over, or how soon",
    FlipKind.EFFECTS: "What other systems are told",
    FlipKind.INTENT: "The intent alone; nobody sees a difference",
}
"""What each kind of flip changes, for people."""

CHANGES = 40
"""Changes of one kind that are shown, the commonest."""

ROWS = 200
"""Flips of one kind that are shown, shared between its changes; at least `FEWEST`."""

FEWEST = 5

_TEMPLATES = Path(__file__).parent / "templates"


def to_html(summary: Summary, tally: Tally) -> str:
    """Return the page; it holds people's words."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    befores, afters = ({pair[side] for pair in summary.actions} for side in (0, 1))
    return environment.get_template("replay.html").render(
        summary=summary,
        titles=TITLES,
        befores=[action for action in Action if action in befores],
        afters=[action for action in Action if action in afters],
        flipped=[_shown(one, tally) for one in summary.kinds if one.count],
    )


def _shown(
    one: KindSummary, tally: Tally
) -> tuple[KindSummary, list[tuple[str, int, list[FlipRow]]], int]:
    """Return a kind, its commonest changes with flips of each, and how many are not."""
    told = list(one.changes.items())[:CHANGES]
    each = max(FEWEST, ROWS // len(told))
    changes = [
        (change, count, tally.dearest((one.kind, change))[:each])
        for change, count in told
    ]
    return one, changes, one.count - sum(count for _, count in told)
