"""What the templates of the Review page share."""

from serving.console.review_choices import intent_choices, queue_choices
from serving.console.review_desk import ReviewDesk, choices_of
from serving.console.review_keys import LABELS, MARKS
from serving.console.review_words import (
    When,
    decided_by_in_words,
    done_in_words,
    plain,
    reason_in_words,
)
from serving.reviews.verdict import ReviewKind
from serving.reviews.waiting import COUNTED


async def frame(desk: ReviewDesk, kind: ReviewKind | None = None) -> dict[str, object]:
    """Return what the partials need; with a `kind` also what the whole page does."""
    service = desk.service
    zone = service.intake.setup.programs.default.zone
    context: dict[str, object] = {
        "day": await desk.day(),
        "counted": COUNTED,
        "when": When(zone, service.intake.now()),
        "zone": zone.key,
        "plain": plain,
        "done_in_words": done_in_words,
        "decided_by_in_words": decided_by_in_words,
        "reason_in_words": reason_in_words,
        "bundle": service.live.bundle_id,
        "kinds": ReviewKind,
    }
    if kind is None:
        return context
    choices = choices_of(service.live)
    return {
        **context,
        "marks": MARKS,
        "labels": LABELS,
        "intents": intent_choices(service.live, choices),
        "queues": queue_choices(service.live),
        "opt_out": choices.opt_out,
    }
