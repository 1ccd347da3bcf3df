"""What tests of training share."""

from collections.abc import Iterator

import pytest
import torch

from tests.training.released import Released, make_released


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Let torch work alone: that tunes a tiny encoder 25 times as fast."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Released:
    """Return what four promotions left behind."""
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("MLFLOW_TRACKING_URI", raising=False)
        return make_released(tmp_path_factory.mktemp("released"))
