"""The gate from end to end: read, load, measure both, judge."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from model.bundle import load_bundle
from model.errors import InputError
from training.dataset import digest_of
from training.gate.cases import read_cases
from training.gate.ground import ground_of, read_held_out
from training.gate.judge import judge
from training.gate.limits import DEFAULT, FILE, Gate, read_gate
from training.gate.measure import Material, check_graph, measure, time_both
from training.gate.mistakes import read_mistakes
from training.gate.report import GateReport
from training.optout_cases import OptOutCases, cases_beside
from training.optout_cases import read_cases as read_opt_out_cases
from training.progress import Steps

USUAL = Path("data") / FILE
"""The gate file of a working copy, from its root."""


@dataclass(frozen=True, slots=True)
class GateRequest:
    """What is to be judged, and on what.

    Attributes:
        candidate: folder of the bundle.
        champion: folder of the bundle that decides now.
        gate: the gate file; None for `USUAL`, or what ships where there is none.
        data: held-out replies instead of those that the gate file names; hard opt-out
            cases are then those beside them.
        reviewed: files of reviewed mistakes beside those: labelled replies, of which
            none may be answered wrongly again, or behaviour cases (YAML).
    """

    candidate: Path
    champion: Path
    gate: Path | None
    data: tuple[Path, ...] = ()
    reviewed: tuple[Path, ...] = ()


def judge_bundle(
    request: GateRequest, steps: Steps, *, at: datetime, clock: Callable[[], float]
) -> GateReport:
    """Judge a candidate.

    Args:
        request: what is judged, and on what.
        steps: is told what happens.
        at: the moment of the judgement (aware).
        clock: seconds that never go back, to time replies with.

    Raises:
        InputError: a file is missing, or not as expected.
        RulesError: a line of the gate file or of the behaviour cases cannot be meant.
        BundleError: the candidate, or the champion, cannot be loaded.
    """
    gate = read_gate(_gate_file(request))
    with steps.step("Reading what bundles are judged on"):
        material = _material(gate, request)
    with steps.step("Loading both bundles"):
        champion = load_bundle(request.champion, threads=0)
        candidate = load_bundle(request.candidate, threads=0)
    texts = material.replies["text"].tolist()
    with steps.step("Deciding with the champion"):
        before = measure(champion, material)
    with steps.step("Deciding with the candidate"):
        now = measure(candidate, material)
    with steps.step("Timing both"):
        pace = time_both(champion, candidate, texts, clock)
    ground = ground_of(material.replies, material.cases, before.languages, gate.slices)
    lines = judge(
        *(ground, before.scores, now.scores),
        graph=check_graph(candidate, texts),
        pace=pace,
        limits=gate.limits,
    )
    return GateReport(
        bundle=candidate.bundle_id,
        champion=champion.bundle_id,
        at=at,
        data=digest_of(material.replies),
        replies=len(material.replies),
        opt_out_cases=0 if material.cases is None else len(material.cases),
        lines=tuple(lines),
    )


def _gate_file(request: GateRequest) -> Path:
    if request.gate or USUAL.is_file():
        return request.gate or USUAL
    if not request.data:
        problem = (
            "is not here, so nothing says what to judge on; name a gate file with "
            "--gate, or held-out replies with --data"
        )
        raise InputError(USUAL, problem)
    return DEFAULT


def _material(gate: Gate, request: GateRequest) -> Material:
    cases = _opt_out_cases(gate, request)
    reviewed = (*gate.reviewed, *request.reviewed)
    return Material(
        replies=read_held_out(request.data or gate.replies),
        cases=cases.test if cases and len(cases.test) else None,
        behaviour=read_cases(gate.behaviour, [p for p in reviewed if _is_yaml(p)]),
        mistakes=read_mistakes([p for p in reviewed if not _is_yaml(p)]),
    )


def _is_yaml(path: Path) -> bool:
    return path.suffix.lower() in {".yaml", ".yml"}


def _opt_out_cases(gate: Gate, request: GateRequest) -> OptOutCases | None:
    if request.data:
        return cases_beside(request.data[0])
    return read_opt_out_cases(gate.opt_out_cases) if gate.opt_out_cases else None
