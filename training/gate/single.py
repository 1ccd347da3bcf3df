"""Lines that a limit decides."""

from collections.abc import Iterator

from training.evaluation import calibration_error, interval
from training.gate.limits import Limits
from training.gate.line import ALL, Line, Name
from training.gate.scores import GraphCheck, Pace, Scores
from training.parity import SAME_LABELS, shortfall

SEED = 7
"""Of the resamples; the same figures give the same lines."""
NEAR = 0.9
"""From so much of a limit on, what is within it is pointed out."""
SHOWN = 5
"""Texts and places that a line names; the report of a set holds how many there are."""


def held_out_line(champion: Scores, candidate: Scores, limits: Limits) -> Line:
    """Pass where the candidate was not trained on what it is judged on."""
    of = len(candidate.right)
    share = candidate.seen / of
    also = (
        f"; the champion was on {champion.seen}, which flatters it"
        if champion.seen > candidate.seen
        else ""
    )
    return _line(
        *(Name.HELD_OUT, ALL, champion.seen / of, share, limits.held_out_seen),
        told=f"trained on {candidate.seen} of {of} held-out replies, at most "
        f"{limits.held_out_seen:.1%} allowed{also}",
    )


def graph_line(graph: GraphCheck) -> Line:
    """Pass where the graph says what it was trained to, each time it is asked."""
    told, faults = [f"{graph.golden} golden replies come out as promised"], []
    if graph.differ:
        faults.append(f"{graph.differ} of {graph.tried} replies change when read again")
    else:
        told.append(f"{graph.tried} replies read again come out the same")
    if graph.parity:
        same = graph.parity.same_labels
        told.append(f"{same:.1%} same labels as the float pipeline")
        faults += filter(None, [shortfall(graph.parity)])
    else:
        told.append("no comparison with the float pipeline is recorded")
        if not graph.golden:
            faults.append("nothing shows that it says what it was trained to")
    return Line(
        name=Name.GRAPH,
        slice=ALL,
        champion=None,
        candidate=graph.parity.same_labels if graph.parity else None,
        limit=SAME_LABELS if graph.parity else None,
        bound=None,
        chance=None,
        passed=not faults,
        near=False,
        told="; ".join(faults or told),
    )


def no_opt_outs_line(limits: Limits) -> Line:
    """Point out that nothing is known of hard opt-outs."""
    return Line(
        name=Name.OPT_OUT_RECALL,
        slice=ALL,
        champion=None,
        candidate=None,
        limit=limits.opt_out_recall,
        bound=None,
        chance=None,
        passed=True,
        near=True,
        told="there are no hard opt-out cases to judge on, so nothing is known of it",
    )


def calibration_line(champion: Scores, candidate: Scores, limits: Limits) -> Line:
    """Pass where confidence is surely off by little, or by no more than before."""
    before = calibration_error(champion.confidence, champion.read)
    now = interval(
        lambda rows: calibration_error(
            candidate.confidence[rows], candidate.read[rows]
        ),
        *(len(candidate.read), SEED),
    )
    within = now.high <= limits.calibration_error
    return Line(
        name=Name.CALIBRATION,
        slice=ALL,
        champion=before,
        candidate=now.value,
        limit=limits.calibration_error,
        bound=now.high,
        chance=None,
        passed=within or now.value <= before,
        near=within and now.high > NEAR * limits.calibration_error,
        told=f"confidence is off by {now.value:.3f} (surely at most {now.high:.3f}, "
        f"limit {limits.calibration_error:.3f}), the champion's by {before:.3f}",
    )


def answered_line(champion: Scores, candidate: Scores, limits: Limits) -> Line:
    """Pass where people do not get much more to do."""
    before, now = champion.automatic.mean(), candidate.automatic.mean()
    fall = limits.answered_fall
    return Line(
        name=Name.ANSWERED,
        slice=ALL,
        champion=float(before),
        candidate=float(now),
        limit=float(before) - fall,
        bound=None,
        chance=None,
        passed=bool(before - now <= fall),
        near=bool(NEAR * fall < before - now <= fall),
        told=f"{now:.1%} of the replies need no person, with the champion "
        f"{before:.1%}; a fall of {100 * fall:.1f} points is allowed",
    )


def latency_line(pace: Pace, limits: Limits) -> Line:
    """Pass where a reply takes little longer than with the champion."""
    return _line(
        *(Name.LATENCY, ALL, pace.champion, pace.candidate, limits.latency_ratio),
        ratio=pace.ratio,
        told=f"a reply takes {pace.ratio:.2f} times as long ({pace.candidate:.1f} ms "
        f"against {pace.champion:.1f} ms), at most {limits.latency_ratio:.2f} allowed",
    )


def behaviour_lines(champion: Scores, candidate: Scores) -> Iterator[Line]:
    """Yield a line for each set of texts that must be decided as it says."""
    for name, of in candidate.cases.items():
        wrong, before = candidate.otherwise[name], champion.otherwise[name]
        named = "; ".join(wrong[:SHOWN])
        more = f"; and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        yield _line(
            *(Name.BEHAVIOUR, name, len(before) / of, len(wrong) / of, 0.0),
            told=f"{len(wrong)} of {of} decided otherwise: {named}{more}"
            if wrong
            else f"all {of} as they must be",
        )


def reviewed_lines(
    champion: Scores, candidate: Scores, limits: Limits
) -> Iterator[Line]:
    """Yield the line of the reviewed mistakes, where there are any."""
    of, again = candidate.reviewed, candidate.again
    if not of:
        return
    # Places, not words: these are what people wrote.
    places = ", ".join(again[:SHOWN]) + (" ..." if len(again) > SHOWN else "")
    yield _line(
        *(Name.REVIEWED, ALL, len(champion.again) / of, len(again) / of),
        limits.reviewed_again,
        told=f"{len(again)} of {of} reviewed mistakes are made again, "
        f"{limits.reviewed_again:.1%} allowed" + (f": {places}" if again else ""),
    )


def _line(
    name: Name,
    where: str,
    champion: float,
    candidate: float,
    limit: float,
    *,
    told: str,
    ratio: float | None = None,
) -> Line:
    """Return a line whose figure, or ratio, may be at most its limit."""
    held = candidate if ratio is None else ratio
    return Line(
        name=name,
        slice=where,
        champion=champion,
        candidate=candidate,
        limit=limit,
        bound=ratio,
        chance=None,
        passed=held <= limit,
        near=0 < NEAR * limit < held <= limit,
        told=told,
    )
