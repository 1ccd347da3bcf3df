import pytest

from serving.routing.decision import REASONS, Priority, ReasonCode


@pytest.mark.parametrize("code", ReasonCode)
def test_every_reason_code_is_explained(code: ReasonCode) -> None:
    assert REASONS[code].endswith(".")


@pytest.mark.parametrize(
    ("priority", "raised"),
    [
        (Priority.LOW, Priority.NORMAL),
        (Priority.NORMAL, Priority.HIGH),
        (Priority.HIGH, Priority.URGENT),
        (Priority.URGENT, Priority.URGENT),
    ],
)
def test_a_priority_is_raised_by_one_step(priority: Priority, raised: Priority) -> None:
    assert priority.raised() is raised
