"""Lines from scores: nothing is read, so every fault is made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.gate.small_bundles import LIMITS
from training.gate.judge import judge
from training.gate.line import Line, Name
from training.gate.scores import Bools, GraphCheck, Ground, Pace, Part, Scores
from training.parity import Parity

N, M = 200, 60
GRAPH = GraphCheck(golden=12, parity=None, tried=200, differ=0)
PACE = Pace(champion=3.0, candidate=3.1, ratio=1.03)


FAR_OFF = (
    "the graph gives 90.0% of 500 replies the label of the float pipeline; at least "
    "98.5% is required"
)


def rows(*numbers: int, of: int = N) -> Bools:
    found = np.zeros(of, dtype=bool)
    found[list(numbers)] = True
    return found


GROUND = Ground(
    groups=np.arange(N),
    felt=np.ones(N, dtype=bool),
    parts=(
        Part("intent refund", rows(*range(30))),
        Part("intent order_status", rows(*range(30, N))),
    ),
    asks=rows(*range(40), of=M),
    kinds=(Part("category plain", np.ones(M, dtype=bool)),),
)
FINE = Scores(
    bundle_id="sha256:fine",
    right=~rows(0, 60, 61),
    felt=~rows(7),
    automatic=rows(*range(100, N)),
    confidence=np.full(N, 0.985),
    read=~rows(0, 60, 61),
    honoured=rows(*range(38), 59, of=M),
    seen=0,
    cases={"opts out": 3},
    otherwise={"opts out": ()},
    reviewed=4,
    again=(),
)


def judged(
    candidate: Scores,
    champion: Scores = FINE,
    *,
    graph: GraphCheck = GRAPH,
    pace: Pace = PACE,
    ground: Ground = GROUND,
) -> list[Line]:
    return judge(ground, champion, candidate, graph=graph, pace=pace, limits=LIMITS)


def failed(lines: list[Line]) -> list[tuple[str, str]]:
    return [(line.name.value, line.slice) for line in lines if not line.passed]


def test_the_champion_itself_passes_every_line() -> None:
    lines = judged(FINE)

    assert failed(lines) == []
    assert [line.name for line in lines if line.near] == []
    assert {line.name for line in lines} == set(Name)


def test_a_better_bundle_passes() -> None:
    better = replace(FINE, right=np.ones(N, dtype=bool), read=np.ones(N, dtype=bool))

    assert failed(judged(better)) == []


def test_what_is_broken_in_one_slice_alone_is_named() -> None:
    # Ten refunds are lost and ten orders won: over all replies nothing has changed.
    orders = ~rows(*range(60, 70))
    broken = replace(FINE, right=~rows(*range(10)), read=~rows(*range(10)))
    lines = judged(broken, champion=replace(FINE, right=orders, read=orders))

    assert failed(lines) == [("accuracy", "intent refund")]
    told = next(line for line in lines if not line.passed)
    assert told.told.startswith(
        "right in 20 of 30, the champion in 30 of 30; 10 lost, 0 won: noise does so in"
    )
    assert told.chance == pytest.approx(0.5**11 * 2)


def test_one_slip_is_noise_and_pointed_out_only_when_it_is_near() -> None:
    one = judged(replace(FINE, right=FINE.right & ~rows(5)))
    five = judged(replace(FINE, right=FINE.right & ~rows(5, 6, 7, 8)))

    assert failed(one) == failed(five) == []
    assert [line.slice for line in one if line.near] == []
    assert [line.slice for line in five if line.near] == ["all", "intent refund"]


def test_missed_opt_outs_are_named() -> None:
    deaf = replace(FINE, honoured=rows(*range(20), 59, of=M))

    assert failed(judged(deaf)) == [
        ("opt_out_recall", "all"),
        ("opt_out_recall", "category plain"),
    ]


def test_opt_outs_that_nobody_asked_for_are_named() -> None:
    eager = replace(FINE, honoured=rows(*range(38), *range(44, M), of=M))
    lines = judged(eager)

    assert failed(lines) == [("opt_out_precision", "all")]
    line = next(line for line in lines if not line.passed)
    assert (line.champion, line.candidate) == pytest.approx((38 / 39, 38 / 54))


def test_below_the_floor_a_bundle_may_still_be_as_good_as_the_champion() -> None:
    low = replace(FINE, honoured=rows(*range(20), of=M))
    lower = replace(FINE, honoured=rows(*range(19), of=M))

    assert failed(judged(low, champion=low)) == []
    assert failed(judged(lower, champion=low)) == [("opt_out_recall", "all")]


def test_without_hard_cases_it_is_said_that_nothing_is_known() -> None:
    none = np.zeros(0, dtype=bool)
    bare = replace(FINE, honoured=none)
    ground = replace(GROUND, asks=none, kinds=())

    near = [line for line in judged(bare, bare, ground=ground) if line.near]

    assert [(line.name, line.passed) for line in near] == [(Name.OPT_OUT_RECALL, True)]


def test_more_wrong_answers_are_named_though_accuracy_is_the_same() -> None:
    # The same replies are misread, and now they are answered.
    wrong = ~rows(*range(60, 80))
    before = replace(FINE, right=wrong)
    bold = replace(before, automatic=rows(*range(60, N)))

    assert failed(judged(bold, champion=before)) == [("wrong_answers", "all")]


def test_fewer_answers_with_the_same_mistakes_are_no_loss() -> None:
    wrong = ~rows(*range(100, 103))
    before = replace(FINE, right=wrong)
    shy = replace(before, automatic=rows(*range(100, 195)))

    assert failed(judged(shy, champion=before)) == []


def test_beyond_the_limit_for_sure_is_named_where_the_champion_was_better() -> None:
    before = replace(FINE, right=~rows(100, 101))
    worse = replace(FINE, right=~rows(*range(100, 106)))

    lines = judged(worse, champion=before)

    assert failed(lines) == [("wrong_answers", "all")]
    assert failed(judged(worse, champion=worse)) == []


def test_a_limit_that_is_proven_excuses_more_wrong_answers() -> None:
    sure = replace(FINE, automatic=rows(*range(62, N)))
    line = next(line for line in judged(sure) if line.name is Name.WRONG_ANSWERS)

    assert line.passed
    assert line.candidate == 0
    assert line.bound == pytest.approx(1 - 0.05 ** (1 / 138))


def test_confidence_that_says_nothing_is_named() -> None:
    modest = replace(FINE, confidence=np.full(N, 0.6))

    assert failed(judged(modest)) == [("calibration", "all")]
    assert failed(judged(modest, champion=modest)) == []


def test_more_work_for_people_is_named() -> None:
    lazy = replace(FINE, automatic=rows(*range(111, N)))

    assert failed(judged(lazy)) == [("answered", "all")]


def test_a_slower_bundle_is_named() -> None:
    slow = Pace(champion=3.0, candidate=4.0, ratio=1.33)

    assert failed(judged(FINE, pace=slow)) == [("latency", "all")]


@pytest.mark.parametrize(
    ("graph", "told"),
    [
        (replace(GRAPH, differ=2), "2 of 200 replies change when read again"),
        (replace(GRAPH, golden=0), "nothing shows that it says what it was trained to"),
        (
            replace(GRAPH, parity=Parity(500, 0.9, 0.01, 3000, 0.9, 0.9)),
            FAR_OFF,
        ),
    ],
    ids=["unsteady", "unproven", "far off"],
)
def test_a_graph_that_is_not_what_was_trained_is_named(
    graph: GraphCheck, told: str
) -> None:
    lines = judged(FINE, graph=graph)

    assert [line.told for line in lines if not line.passed] == [told]


def test_a_bundle_that_was_trained_on_the_replies_is_named() -> None:
    assert failed(judged(replace(FINE, seen=5))) == [("held_out", "all")]


def test_cases_that_come_out_otherwise_are_named_with_what_came() -> None:
    wrong = replace(FINE, otherwise={"opts out": ("'STOP' gives consent none",)})

    line = next(line for line in judged(wrong) if not line.passed)

    assert (line.name, line.slice) == (Name.BEHAVIOUR, "opts out")
    assert line.told == "1 of 3 decided otherwise: 'STOP' gives consent none"


def test_a_reviewed_mistake_that_is_made_again_is_named_by_its_place() -> None:
    again = replace(FINE, again=("reviewed.csv:7",))

    line = next(line for line in judged(again) if not line.passed)

    assert line.told.endswith("made again, 0.0% allowed: reviewed.csv:7")
