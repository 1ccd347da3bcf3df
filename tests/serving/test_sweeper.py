import logging
from threading import Event

import pytest

from model.errors import StoreError
from serving.sweeper import Sweeper


@pytest.mark.parametrize(
    ("error", "told"),
    [(StoreError("away"), "away"), (ValueError("+14155550100"), "ValueError")],
)
def test_one_sweep_that_fails_is_not_the_last(
    error: Exception, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    swept: list[int] = []
    again = Event()

    def sweep() -> None:
        swept.append(1)
        if len(swept) == 1:
            raise error
        again.set()

    with caplog.at_level(logging.WARNING, "serving"):
        sweeper = Sweeper("figures", sweep, every=0.01)
        assert again.wait(10)
        sweeper.close()

    assert f"figures: nothing done: {told}" in caplog.text
    assert "4155550100" not in caplog.text


def test_closing_ends_it() -> None:
    swept: list[int] = []
    sweeper = Sweeper("figures", lambda: swept.append(1), every=3600)

    sweeper.close()

    assert swept == []
