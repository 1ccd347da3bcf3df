"""Reviews that say something else of the same words."""

import pytest
import yaml

from serving.labels.label import LeftOut, Lesson
from serving.reviews.finding import Finding
from serving.reviews.verdict import Verdict
from tests.serving.labels.test_exported import RIGHT, exported, lesson

STOPPED = {"intent": "opt_out", "consent": "opt_out", "action": "reply"}
WENT_ON = {"intent": "decline", "consent": "none", "action": "reply", "queue": "none"}


def rightly(text: str, confirmed: dict[str, str], *, times: int = 9) -> list[Lesson]:
    own = {"text": text, "intent": confirmed["intent"], "confirmed": confirmed}
    return [lesson(100 + n, finding=RIGHT, **own) for n in range(times)]


@pytest.mark.parametrize(
    ("verdict", "intent", "queue", "asks", "right"),
    [
        (Verdict.FALSE_OPT_OUT, None, None, False, STOPPED),
        (Verdict.MISSED_OPT_OUT, "opt_out", None, True, WENT_ON),
        # The intent of a bundle that has no opt-out of its own.
        (Verdict.MISSED_OPT_OUT, None, None, True, WENT_ON),
        (Verdict.SHOULD_ESCALATE, None, None, None, WENT_ON),
        (Verdict.WRONG_QUEUE, None, "billing", None, WENT_ON | {"queue": "care"}),
    ],
)
def test_a_mistake_does_not_outvote_who_found_the_same_words_decided_rightly(
    verdict: Verdict,
    intent: str | None,
    queue: str | None,
    asks: bool | None,  # noqa: FBT001
    right: dict[str, str],
) -> None:
    mistake = lesson(
        1,
        text="No more",
        intent=intent,
        asks=asks,
        finding=Finding(verdict, intent, queue),
    )

    told = exported(*rightly("no more!", right), mistake)

    assert told.labels == told.cases == ()
    assert yaml.safe_load(told.behaviour)["cases"] == {}
    assert told.left_out[LeftOut.CONTRADICTED] >= 1
    assert LeftOut.UNTOLD not in told.left_out


@pytest.mark.parametrize(
    ("verdict", "queue", "asks", "right"),
    [
        (Verdict.FALSE_OPT_OUT, None, False, WENT_ON),
        (Verdict.SHOULD_ESCALATE, None, None, WENT_ON | {"action": "escalate"}),
        (Verdict.WRONG_QUEUE, "billing", None, WENT_ON | {"queue": "billing"}),
    ],
)
def test_a_mistake_that_was_mended_since_stays_one(
    verdict: Verdict,
    queue: str | None,
    asks: bool | None,  # noqa: FBT001
    right: dict[str, str],
) -> None:
    finding = Finding(verdict, None, queue)
    mistake = lesson(1, text="no", intent=None, asks=asks, finding=finding)

    told = exported(mistake, *rightly("no", right))

    assert len(yaml.safe_load(told.behaviour)["cases"]) == 1
    assert LeftOut.CONTRADICTED not in told.left_out


def test_who_had_the_conversation_says_nothing_of_who_should_have_had_it() -> None:
    owned = {"intent": "complaint", "consent": "none"}
    mistake = lesson(
        1, text="i will sue", intent=None, finding=Finding(Verdict.SHOULD_ESCALATE)
    )

    told = exported(mistake, *rightly("i will sue", owned))

    assert len(yaml.safe_load(told.behaviour)["cases"]) == 1


def test_right_opt_outs_make_no_case_of_their_own() -> None:
    assert exported(*rightly("stop", STOPPED), include_right=True).cases == ()


def test_what_is_contradicted_gives_neither_label_nor_case() -> None:
    told = exported(
        lesson(
            1,
            text="end",
            intent="opt_out",
            asks=True,
            finding=Finding(Verdict.MISSED_OPT_OUT, "opt_out"),
        ),
        lesson(2, text="end"),
    )

    assert told.labels == told.cases == ()
    assert told.left_out == {LeftOut.CONTRADICTED: 2}
