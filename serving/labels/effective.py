"""Which of the reviews of a decision counts."""

from collections.abc import Sequence

from serving.reviews.review import Review, differ
from serving.reviews.verdict import ReviewKind


def effective(found: Sequence[Review]) -> Review | None:
    """Return the review that counts; None where reviewers differ and nobody decided.

    Who decides between two has the word, the last of them where there are several.
    Otherwise all who reviewed it must agree, each by their last review; a reviewer's
    own picks count as well: a label needs no sample.

    Args:
        found: the reviews of one decision that nobody took back, at least one.
    """
    order = sorted(found, key=lambda review: (review.reviewed_at, review.review_id))
    decided = [review for review in order if review.kind is ReviewKind.ADJUDICATED]
    if decided:
        return decided[-1]
    last = list({review.user_id: review for review in order}.values())
    if any(differ(last[0].finding, other.finding) for other in last[1:]):
        return None
    return max(last, key=lambda review: (review.reviewed_at, review.review_id))
