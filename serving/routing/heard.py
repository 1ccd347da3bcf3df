"""What a reply says: one intent, or several in the order in which they are handled.

The order, and why:

1. the opt-out: the law wants it first (`opt_out.py` decides it, by its own head);
2. whoever never agreed to our texts: nothing else may be sent to them;
3. what needs a person by policy, the most urgent first: it cannot be answered by us;
4. what we can answer by ourselves, the higher priority first;
5. a yes or no to what we had asked: it is recorded, and waits for nobody;
6. what has low priority (praise, "later"), then what needs no answer at all (thanks).

Within one step the order is that of the words. In the steps 2 to 4 what is sure comes
before what is only likely, but for danger.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from model.prediction import Prediction
from serving.routing.decision import AlsoIntent, Priority
from serving.routing.policy import Answer, IntentPolicy, Role
from serving.routing.ruleset import RuleSet

HEARD_FROM = 0.8
"""A clause counts from here, or where it is sure by its intent's threshold.

On the train part of `compound_cases.csv` 0.7 added a false further intent and no right
one, and 0.9 lost a tenth of the right ones.
"""

SUSPECTED_FROM = 0.5
"""The same for danger: likelier there than not is enough to wake somebody."""

ROOM = 0.0005
"""So much of the whole's probability must be left for what a clause says: a fragment
whose intent the whole rules out was read without its context. A true second matter
keeps 0.001 to 0.03, as far as it is not an opt-out that it stands beside."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that the reply says.

    Attributes:
        reading: the intents and the confidence of the clause that says it, or of the
            whole; the sentiment of the whole.
        line: what the policy wants done with it.
        sure: its confidence reaches the threshold of its intent.
        likely: it counts beside other parts (`HEARD_FROM`).
    """

    reading: Prediction
    line: IntentPolicy
    sure: bool
    likely: bool

    @property
    def intent(self) -> str:
        """The intent."""
        return self.reading.intent

    @property
    def urgent(self) -> bool:
        """Whether it goes to a person on mere suspicion."""
        line = self.line
        return line.answer is Answer.ESCALATE and line.priority is Priority.URGENT

    def also(self) -> AlsoIntent:
        """Return the part as a decision names it."""
        return AlsoIntent(self.intent, self.reading.confidence)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a reply says.

    Attributes:
        parts: at least one, in the order in which they are handled; a part beside
            others is likely by itself (`HEARD_FROM`).
        unsure: something was said that is none of the parts.
    """

    parts: tuple[Part, ...]
    unsure: bool = False

    @property
    def first(self) -> Part:
        """The part that decides."""
        return self.parts[0]

    @property
    def rest(self) -> tuple[Part, ...]:
        """The other parts."""
        return self.parts[1:]

    @property
    def several(self) -> bool:
        """Whether more was said than the first part."""
        return self.unsure or bool(self.rest)

    def besides_opt_out(self) -> tuple[Part, ...]:
        """Return what is said beside an opt-out that decides.

        A yes or no is to the opt-out itself, anger its tone, an unlikely whole nothing.
        """
        return tuple(
            part
            for part in self.parts
            if part.likely
            and part.line.role not in {Role.AGREES, Role.DECLINES}
            and not part.line.only_alone
        )


def hear(prediction: Prediction, rules: RuleSet) -> Heard:
    """Return what the reply says, by its whole and its clauses.

    A reply that was not read by clauses says one thing, that of its whole, however
    sure. A clause counts where it is likely and the whole leaves room for it.
    """
    whole = _part(prediction, prediction, rules)
    if not prediction.clauses:
        return Heard((whole,))
    clauses = [_part(clause, prediction, rules) for clause in prediction.clauses]
    likely = [c for c in clauses if c.likely and _room(c, prediction, rules)]
    found: dict[str, Part] = {}
    for part in (*likely, *([whole] if whole.likely else [])):
        known = found.get(part.intent)
        if known is None or (part is whole and whole.sure) or _surer(part, known):
            found[part.intent] = part
    said = [p for p in found.values() if not p.line.only_alone or p is whole]
    if len(said) > 1 or any(part.urgent for part in said):
        murky = any(clause.intent not in found for clause in clauses)
        return Heard(tuple(sorted(said, key=_turn)), unsure=murky and not whole.sure)
    if whole.intent in found:
        # Said twice is not surer: the threshold was solved on wholes.
        return Heard((replace(whole, likely=True),))
    # One clause alone is no better a reading of the reply than its whole.
    return Heard((whole, *said), unsure=bool(said))


def _part(reading: Prediction, whole: Prediction, rules: RuleSet) -> Part:
    line = rules.policy.of(reading.intent)
    threshold = rules.thresholds.get(reading.intent)
    sure = threshold is not None and reading.confidence >= threshold
    return Part(
        reading=replace(whole, intents=reading.intents, confidence=reading.confidence),
        line=line,
        sure=sure and line.role is not Role.OUT_OF_SCOPE,
        likely=line.role not in _NO_MATTER
        and (sure or reading.confidence >= _bar(line)),
    )


def _bar(line: IntentPolicy) -> float:
    if line.needs_question:
        return _NEVER  # It must be sure: every cheerful fragment looks like a yes.
    urgent = line.answer is Answer.ESCALATE and line.priority is Priority.URGENT
    return SUSPECTED_FROM if urgent else HEARD_FROM


_NEVER = 2.0
_NO_MATTER = frozenset((Role.OUT_OF_SCOPE, Role.MACHINE, Role.OPT_OUT))


def _surer(part: Part, known: Part) -> bool:
    return not known.sure and part.reading.confidence > known.reading.confidence


def _room(part: Part, whole: Prediction, rules: RuleSet) -> bool:
    left: Mapping[str, float] = dict(whole.intents)
    opt_out = left.get(rules.policy.intent_with(Role.OPT_OUT) or "", 0)
    return left.get(part.intent, 1) >= ROOM * (1 - opt_out)


def _turn(part: Part) -> tuple[bool, bool, int, int]:
    """Return the place of a part in the order of the module's docstring."""
    line = part.line
    urgency = -list(Priority).index(line.priority)
    if line.answer is Answer.SILENT:
        step = 7
    elif line.priority is Priority.LOW and line.answer is Answer.REPLY:
        step = 6
    elif line.needs_question:
        step = 5
    elif line.closes_consent:
        step = 2
    else:
        step = 3 if line.answer is Answer.ESCALATE else 4
    waits = step > _MATTERS
    return waits, not (waits or part.sure or part.urgent), step, urgency


_MATTERS = 4
"""The last step of the order in which somebody waits for something."""
