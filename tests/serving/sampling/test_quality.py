from dataclasses import replace

import numpy as np
import pytest

from serving.reviews.verdict import Verdict
from serving.routing.ruleset import RuleSet
from serving.sampling.facts import Facts, FrameRow
from serving.sampling.gathered import Gathered, Pairs
from serving.sampling.promise import Standing
from serving.sampling.quality import Quality, Wanted, quality_of
from serving.sampling.stratum import Stratum

ANSWERED = Stratum("answered", "model", "usual", "0.98-1", "*")
ESCALATED = Stratum("escalated", "model", "*", "0.5-0.9", "*")
STOPPED = Stratum("opted_out", "keyword", "*", "*", "*")
DAYS = ("2026-11-16", "2026-11-17", "2026-11-23")
DRAWN, HAD = 60, {ANSWERED: 3_000, ESCALATED: 1_200, STOPPED: 120}

FRAME = tuple(
    FrameRow(day, stratum, HAD[stratum], DRAWN)
    for day in DAYS
    for stratum in (ANSWERED, ESCALATED, STOPPED)
)
ALL = len(FRAME) * DRAWN
RANK = np.tile(np.arange(DRAWN), len(FRAME))
PART = np.repeat(np.arange(len(FRAME)), DRAWN)


def columns() -> dict[str, object]:
    """Return decisions of whom a tenth is of another program, a tenth of a refund."""
    done = np.array([row.stratum.done for row in FRAME])[PART]
    stopped = done == "opted_out"
    return {
        "part": PART,
        "decided_by": np.where(stopped, "keyword", "model"),
        "action": np.where(done == "escalated", "escalate", "reply"),
        "consent": np.where(stopped, "opt_out", ""),
        "intent": np.where(
            stopped, "opt_out", np.where(RANK % 10 == 3, "refund", "store_info")
        ),
        "program": np.where(RANK % 10 == 5, "other", "acme"),
        "bundle": np.where(RANK < 30, "sha256:a", "sha256:b"),
    }


def gathered(verdicts: dict[int, Verdict], reviewed: int = DRAWN) -> Gathered:
    """Return draws of which the first `reviewed` of each part are reviewed.

    Those whose rank is in `verdicts` get that verdict, all others are right.
    """
    verdict = np.where(reviewed > RANK, Verdict.RIGHT.value, "").astype("<U24")
    for rank, found in verdicts.items():
        verdict[rank == RANK] = found.value
    facts = Facts(**columns(), verdict=verdict)  # type: ignore[arg-type]
    return Gathered(facts, FRAME, Pairs(np.array([], dtype=np.int64), [], []))


def judged(
    rules: RuleSet,
    found: Gathered,
    program: str | None = None,
    bundle: str | None = None,
) -> Quality:
    return quality_of(found, rules.policy, Wanted(program, bundle))


def share(quality: Quality, key: str) -> float:
    [line] = [line for line in quality.overall if line.rate.key == key]
    assert line.shown
    return line.shown.share


def test_every_rate_is_weighed_by_the_strata(rules: RuleSet) -> None:
    quality = judged(
        rules,
        gathered(
            {
                0: Verdict.WRONG_INTENT,
                1: Verdict.NEEDLESS_ESCALATION,
                2: Verdict.FALSE_OPT_OUT,
            }
        ),
    )

    assert share(quality, "wrong_answers") == pytest.approx(2 / 60)
    assert share(quality, "needless_escalations") == pytest.approx(1 / 60)
    assert share(quality, "false_opt_outs") == pytest.approx(1 / 60)
    # Of 4,200 a day on the model's word one in sixty.
    assert share(quality, "wrong_intent") == pytest.approx(1 / 60)
    assert (quality.drawn, quality.reviewed, quality.days) == (ALL, ALL, 3)


def test_opt_outs_missed_are_told_both_ways(rules: RuleSet) -> None:
    quality = judged(rules, gathered({0: Verdict.MISSED_OPT_OUT}))

    assert share(quality, "missed_opt_outs") == pytest.approx(1 / 60)
    # A sixtieth of 4,200 were missed a day; all of 120 that were stopped wanted it.
    assert share(quality, "missed_of_all") == pytest.approx(70 / (70 + 120))
    keys = [line.rate.key for line in quality.overall]
    assert keys.index("missed_of_all") == keys.index("missed_opt_outs") + 1


def test_the_promise_is_the_policys(rules: RuleSet) -> None:
    quality = judged(rules, gathered({}))
    lines = {line.rate.key: line for line in quality.overall}

    assert lines["wrong_answers"].limit == rules.policy.max_wrong_replies
    assert lines["wrong_answers"].judgement.standing is Standing.OPEN
    assert lines["needless_escalations"].limit is None
    assert {line.of: line.limit for line in quality.intents} == {
        "refund": rules.policy.limit_of("refund"),
        "store_info": rules.policy.limit_of("store_info"),
    }


def test_an_intent_whose_answers_are_wrong_is_told(rules: RuleSet) -> None:
    quality = judged(rules, gathered(dict.fromkeys([3, 13, 23], Verdict.WRONG_INTENT)))
    lines = {line.of: line for line in quality.intents}

    assert [line.of for line in quality.intents] == ["store_info", "refund"]
    assert lines["store_info"].judgement.standing is Standing.WITHIN
    assert lines["refund"].estimate
    assert lines["refund"].estimate.share == pytest.approx(1 / 2)
    assert (lines["refund"].estimate.reviewed, lines["refund"].drawn) == (18, 18)
    assert lines["refund"].shown is None


def test_a_program_has_its_own_lines(rules: RuleSet) -> None:
    found = gathered(dict.fromkeys([5, 15, 25], Verdict.SHOULD_ESCALATE))

    quality = judged(rules, found)
    lines = {name: lines[0] for name, lines in quality.programs.items()}

    assert list(lines) == ["acme", "other"]
    assert lines["acme"].estimate
    assert lines["acme"].estimate.share == 0
    assert lines["other"].estimate
    assert lines["other"].estimate.share == pytest.approx(1 / 2)
    alone = judged(rules, found, program="other")
    assert list(alone.programs) == ["other"]
    assert alone.drawn == ALL / 10
    [wrong, *_] = alone.overall
    assert wrong.estimate == lines["other"].estimate


def test_a_bundle_is_judged_by_its_own_decisions(rules: RuleSet) -> None:
    found = gathered(dict.fromkeys(range(6), Verdict.WRONG_INTENT))

    old = judged(rules, found, bundle="sha256:a")
    new = judged(rules, found, bundle="sha256:b")

    assert share(old, "wrong_answers") == pytest.approx(6 / 30)
    assert share(new, "wrong_answers") == 0


def test_weeks_begin_on_mondays(rules: RuleSet) -> None:
    found = gathered({})
    last = np.isin(found.facts.part, [6, 7, 8]) & (RANK < 6)
    wrong = np.where(last, Verdict.WRONG_INTENT.value, found.facts.verdict)
    facts = replace(found.facts, verdict=wrong)

    quality = judged(rules, replace(found, facts=facts))

    weekly = {week: lines[0].estimate for week, lines in quality.weeks.items()}
    assert list(weekly) == ["2026-11-16", "2026-11-23"]
    assert [week and week.share for week in weekly.values()] == pytest.approx([0, 0.1])
    assert [week and week.reviewed for week in weekly.values()] == [120, 60]


def test_what_is_not_reviewed_is_only_counted(rules: RuleSet) -> None:
    quality = judged(rules, gathered({}, reviewed=0))

    assert (quality.drawn, quality.reviewed, quality.days_without) == (ALL, 0, 3)
    assert all(line.estimate is None for line in quality.overall)
    assert quality.agreement is None


def pairs(found: Gathered, first: str) -> Pairs:
    """Return a pair of every third decision; the two differ about the first."""
    rows = np.arange(0, ALL, 3)
    second = found.facts.verdict[rows].tolist()
    return Pairs(rows, [first, *second[1:]], second)


def test_reviewers_agree_or_not(rules: RuleSet) -> None:
    found = gathered(dict.fromkeys([0, 3, 6], Verdict.WRONG_INTENT))

    quality = judged(rules, replace(found, pairs=pairs(found, "right")))

    assert quality.pairs == ALL / 3
    assert quality.agreement
    assert 0.8 < quality.agreement.kappa < 1
    assert quality.agreement.objections == 27


def test_where_hardly_anybody_objects_agreement_tells_nothing(rules: RuleSet) -> None:
    found = gathered({0: Verdict.WRONG_INTENT})

    quality = judged(rules, replace(found, pairs=pairs(found, "wrong_words")))

    assert quality.pairs == ALL / 3
    assert quality.agreement is None


def test_agreement_is_of_the_program_that_is_asked_about(rules: RuleSet) -> None:
    found = gathered(dict.fromkeys(range(0, 60, 3), Verdict.WRONG_INTENT))
    program = judged(rules, replace(found, pairs=pairs(found, "right")), "other")

    assert program.pairs == ALL / 30
