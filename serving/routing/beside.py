"""What becomes of the rest of a reply that says several things.

The first part in the order of `heard.py` decides, and its words go out: a customer who
writes "yes and wheres my order" wants to know where it is. Two answers by machine would
cost two messages and read like two machines, and one answer to two questions reads like
nobody listened; so where the rest expects something as well, a person takes over with
the first answer already sent, sees both parts in the decision, and takes the queue of
the second. What expects nothing does not cost a person: a thank-you rests, praise is
passed on, a yes to an open question is recorded.
"""

from dataclasses import replace

from serving.routing.case import Case, handoff
from serving.routing.course import Course, suppress_contact
from serving.routing.decision import (
    Action,
    ConsentChange,
    Effect,
    Priority,
    Reason,
    ReasonCode,
)
from serving.routing.heard import Part
from serving.routing.policy import Answer


def with_rest(case: Case, course: Course, rest: tuple[Part, ...]) -> Course:
    """Return `course`, which the first part calls for, with the rest seen to."""
    if not rest:
        return course
    waiting = [part for part in rest if needs_person(case, part)]
    named = ", ".join(part.intent for part in rest)
    reason = Reason(ReasonCode.ALSO_SAID, f"also {named}")
    unsure = [part for part in waiting if not part.sure]
    if unsure:
        detail = f"{unsure[0].reading.confidence:.3f} for {unsure[0].intent}"
        reason = Reason(ReasonCode.PART_UNSURE, detail)
    closing = any(part.sure and part.line.closes_consent for part in rest)
    effects = tuple(e for part in rest for e in _done_at_once(case, part))
    if closing and course.consent is None:
        course = replace(course, consent=ConsentChange.OPT_OUT)
        effects = (suppress_contact(), *effects)
    if not waiting or course.action is Action.ESCALATE:
        own = [e for e in course.effects if e.type != "handoff"]
        over = [e for e in course.effects if e.type == "handoff"]
        return replace(
            course,
            effects=(*own, *effects, *over),
            reasons=(*course.reasons, reason),
        )
    line, priority = waiting[0].line, _priority(case, waiting[0])
    return replace(
        course,
        action=Action.ESCALATE,
        reasons=(reason, *course.reasons),
        queue=line.queue,
        priority=priority,
        effects=(
            *course.effects,
            *effects,
            handoff(line.queue, priority, reason.code),
        ),
    )


def needs_person(case: Case, part: Part) -> bool:
    """Return whether a part that is not the first expects more than its effects."""
    line = part.line
    if line.answer is Answer.ESCALATE:
        return True
    if line.answer is Answer.SILENT or line.priority is Priority.LOW:
        return False
    if line.closes_consent:
        return not part.sure
    return not (line.needs_question and case.question_before())


def _done_at_once(case: Case, part: Part) -> tuple[Effect, ...]:
    """Return the effects of a part that nobody has to answer, or that people must."""
    answered = part.line.answer is Answer.REPLY and needs_person(case, part)
    if answered or not (part.sure or part.urgent):
        return ()
    return tuple(Effect(kind, {}) for kind in part.line.effects)


def _priority(case: Case, part: Part) -> Priority:
    """Return how soon a person should look at a part: sooner at an upset person's."""
    upset = part.reading.sentiment == case.rules.policy.negative
    return part.line.priority.raised() if upset else part.line.priority
