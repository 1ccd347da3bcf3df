import numpy as np
import pytest

from serving.reviews.verdict import Verdict
from serving.sampling.estimate import Estimate
from serving.sampling.facts import Facts
from serving.sampling.rate import (
    FALSE_OPT_OUTS,
    MISSED_ESCALATIONS,
    MISSED_OPT_OUTS,
    NEEDLESS_ESCALATIONS,
    RATES,
    WRONG_ANSWERS,
    WRONG_BY_RULE,
    WRONG_INTENT,
    WRONG_QUEUE,
    WRONG_WORDS,
    Rate,
    missed_of_all,
)


def fact(**changes: str) -> Facts:
    """Return one decision: the model answered, and rightly."""
    columns = {
        "decided_by": "model",
        "action": "reply",
        "consent": "",
        "intent": "store_info",
        "program": "acme",
        "bundle": "sha256:a",
        "verdict": "right",
        **changes,
    }
    texts = {name: np.array([value]) for name, value in columns.items()}
    return Facts(part=np.array([0]), **texts)


ANSWER = fact()
RESTED = fact(action="silent", intent="thanks")
ASKED = fact(action="ask")
ESCALATED = fact(action="escalate")
STOPPED = fact(consent="opt_out", intent="opt_out")
STOPPED_BY_RULE = fact(consent="opt_out", intent="opt_out", decided_by="keyword")
WRONG_PERSON = fact(consent="opt_out", intent="wrong_person")
HELPED = fact(decided_by="keyword", intent="help")
IGNORED = fact(decided_by="guard", action="silent", intent="")
GUARDED = fact(decided_by="guard", action="escalate")
OWNED = fact(decided_by="owner", action="silent")
EVERY = (
    *(ANSWER, RESTED, ASKED, ESCALATED, STOPPED, STOPPED_BY_RULE, WRONG_PERSON),
    *(HELPED, IGNORED, GUARDED, OWNED),
)


@pytest.mark.parametrize(
    ("rate", "about"),
    [
        (WRONG_ANSWERS, [ANSWER, RESTED, WRONG_PERSON]),
        (WRONG_BY_RULE, [HELPED, IGNORED]),
        (
            MISSED_ESCALATIONS,
            [
                *(ANSWER, RESTED, ASKED, STOPPED, STOPPED_BY_RULE, WRONG_PERSON),
                *(HELPED, IGNORED),
            ],
        ),
        (NEEDLESS_ESCALATIONS, [ESCALATED, GUARDED]),
        (WRONG_QUEUE, [ESCALATED, GUARDED]),
        (WRONG_INTENT, [ANSWER, RESTED, ASKED, ESCALATED, STOPPED, WRONG_PERSON]),
        (
            WRONG_WORDS,
            [ANSWER, ASKED, STOPPED, STOPPED_BY_RULE, WRONG_PERSON, HELPED],
        ),
        (
            MISSED_OPT_OUTS,
            [ANSWER, RESTED, ASKED, ESCALATED, HELPED, IGNORED, GUARDED, OWNED],
        ),
        (FALSE_OPT_OUTS, [STOPPED, STOPPED_BY_RULE, WRONG_PERSON]),
    ],
)
def test_a_rate_is_about_some_decisions(rate: Rate, about: list[Facts]) -> None:
    meant = [one for one in EVERY if rate.meant(one, "opt_out").all()]

    assert [EVERY.index(one) for one in meant] == [EVERY.index(one) for one in about]


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_but_right_is_counted_somewhere(verdict: Verdict) -> None:
    counted = [r for r in RATES if r.counts(fact(verdict=verdict.value)).all()]

    assert bool(counted) == (verdict is not Verdict.RIGHT)


def test_the_label_of_opt_outs_is_the_policys() -> None:
    theirs = fact(consent="", intent="leave_me_alone")

    assert WRONG_ANSWERS.meant(theirs, "opt_out").all()
    assert not WRONG_ANSWERS.meant(theirs, "leave_me_alone").any()
    assert WRONG_ANSWERS.meant(theirs, None).all()


def test_opt_outs_missed_are_a_share_of_all_who_wanted_out() -> None:
    missed = Estimate(0.002, 0.001, 0.004, 3_000, 3_000, 6, 50_000)
    false = Estimate(0.1, 0.05, 0.15, 200, 200, 20, 1_000)

    found = missed_of_all(missed, false)

    # 100 of 50,000 were missed, 900 of 1,000 rightly stopped.
    assert found.share == pytest.approx(100 / 1_000)
    assert found.low == pytest.approx(50 / 950)
    assert found.high == pytest.approx(200 / 1_100)
    assert found.decisions == pytest.approx(1_000)
    assert (found.reviewed, found.events) == (3_000, 6)


def test_where_nobody_wanted_out_nobody_was_missed() -> None:
    none = Estimate(0.0, 0.0, 0.01, 300, 300, 0, 5_000)
    all_false = Estimate(1.0, 0.9, 1.0, 40, 40, 40, 100)

    assert missed_of_all(none, all_false).share == 0
