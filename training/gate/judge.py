"""The judgement: what both bundles made of the same replies goes in, lines come out.

Nothing is read here, and no clock is asked.
"""

from training.gate.limits import Limits
from training.gate.line import Line, Name
from training.gate.losses import Tested, by_part, overall, tested
from training.gate.scores import GraphCheck, Ground, Pace, Scores
from training.gate.single import (
    answered_line,
    behaviour_lines,
    calibration_line,
    graph_line,
    held_out_line,
    latency_line,
    no_opt_outs_line,
    reviewed_lines,
)
from training.gate.tested_lines import floored, plain, wrong_answers


def judge(
    ground: Ground,
    champion: Scores,
    candidate: Scores,
    *,
    graph: GraphCheck,
    pace: Pace,
    limits: Limits,
) -> list[Line]:
    """Return one line for everything that the candidate is held to.

    The paired tests share `limits.false_alarms`: half for what is asked of all replies,
    half for the slices.
    """
    doubt = limits.false_alarms / 2
    whole = tested(overall(ground, champion, candidate), doubt)
    parts = tested(by_part(ground, champion, candidate), doubt)
    return [
        held_out_line(champion, candidate, limits),
        graph_line(graph),
        *(_of_all(each, limits) for each in whole),
        *([] if ground.asks.any() else [no_opt_outs_line(limits)]),
        *map(plain, parts),
        calibration_line(champion, candidate, limits),
        answered_line(champion, candidate, limits),
        latency_line(pace, limits),
        *behaviour_lines(champion, candidate),
        *reviewed_lines(champion, candidate, limits),
    ]


def _of_all(each: Tested, limits: Limits) -> Line:
    match each.loss.name:
        case Name.WRONG_ANSWERS:
            return wrong_answers(each, limits)
        case Name.OPT_OUT_RECALL:
            return floored(each, limits.opt_out_recall)
        case Name.OPT_OUT_PRECISION:
            return floored(each, limits.opt_out_precision)
        case _:
            return plain(each)
