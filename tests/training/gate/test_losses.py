import numpy as np
import pytest

from training.gate.line import Name
from training.gate.losses import of_share


@pytest.mark.parametrize("eagerness", [0.5, 2.0])
def test_bundles_that_are_as_often_wrong_pass_however_much_they_answer(
    eagerness: float,
) -> None:
    rng, size = np.random.default_rng(5), 1000
    chances = []
    for _ in range(300):
        hard = 0.28 * (rng.random(size) < 0.1)
        answered = [rng.random(size) < 0.45 * part for part in (1.0, eagerness)]
        wrong = [done & (rng.random(size) < hard) for done in answered]
        pairs = list(zip(wrong, answered, strict=True))
        loss = of_share(Name.WRONG_ANSWERS, pairs[0], pairs[1], np.arange(size))
        chances.append(loss.chance.value)

    # 15 of 300 are expected, 27 or more once in 300 times.
    assert (np.array(chances) <= 0.05).sum() <= 26
