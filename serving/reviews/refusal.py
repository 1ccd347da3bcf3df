"""Why a review is not taken."""

from model.errors import ReplywiseError


class ReviewRefused(ReplywiseError):  # noqa: N818 - the state is the name
    """A review cannot be taken as it was given; the message is for the reviewer."""


class ReviewUnknown(ReviewRefused):
    """What is to be reviewed or undone is not there."""


class ReviewOverdue(ReviewRefused):
    """It is not theirs to review any more: done already, or others were faster."""
