"""What is kept of a judgement, for people and for programs."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from training.gate.line import Line, Name

FORMAT = 1


@dataclass(frozen=True, slots=True)
class GateReport:
    """A judgement, whole.

    Attributes:
        bundle: the candidate's id.
        champion: the id of the bundle that it was held against.
        at: when (aware).
        data: digest of the held-out replies.
        replies: how many there are.
        opt_out_cases: how many hard cases.
        lines: what it was held to, in order.
        forced: it was put to use all the same.
        reason: why it was to be put to use; None where it was judged only.
        actor: who wanted that; None with the reason.
    """

    bundle: str
    champion: str
    at: datetime
    data: str
    replies: int
    opt_out_cases: int
    lines: tuple[Line, ...]
    forced: bool = False
    reason: str | None = None
    actor: str | None = None

    @property
    def passed(self) -> bool:
        """Whether every line passed."""
        return all(line.passed for line in self.lines)

    @property
    def outcome(self) -> str:
        """How it ended, in a word: passed, failed, or forced."""
        if self.passed:
            return "passed"
        return "forced" if self.forced else "failed"

    def wanted(self, reason: str, actor: str, *, force: bool) -> "GateReport":
        """Return the report of a bundle that was to be put to use."""
        forced = force and not self.passed
        return replace(self, reason=reason, actor=actor, forced=forced)

    def body(self) -> dict[str, object]:
        """Return the report for JSON."""
        return {
            "format": FORMAT,
            "passed": self.passed,
            "outcome": self.outcome,
            **asdict(self),
            "at": self.at.isoformat(timespec="seconds"),
            "lines": [asdict(line) for line in self.lines],
        }

    def numbers(self) -> dict[str, float]:
        """Return the candidate's figures over all replies, for tracking."""
        whole = {
            line.name.value: line.candidate
            for line in self.lines
            if line.slice == "all" and line.candidate is not None
        }
        failed = sum(not line.passed for line in self.lines)
        wrong = [line for line in self.lines if line.name is Name.BEHAVIOUR]
        return {
            **whole,
            "lines_failed": float(failed),
            "behaviour_sets_failed": float(sum(not line.passed for line in wrong)),
        }
