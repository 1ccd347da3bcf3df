"""What many tests share: a real bundle, small, trained in the run."""

from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from serving.live import LiveBundle, load_live
from serving.routing.ruleset import RuleSet, load_rules
from training.commands import TrainRequest, run_train
from training.dataset import Columns
from training.writing import rules_files

ROOT = Path(__file__).parent.parent
TINY_INTENTS = (
    "opt_out",
    "order_status",
    "refund",
    "talk_to_human",
    "confirm",
    "other",
    "wrong_person",
    "store_info",
)


@pytest.fixture(scope="session")
def rules() -> RuleSet:
    """Return the shipped rules, without thresholds: nothing is answered by model."""
    return load_rules(rules_files(ROOT / "data"))


@pytest.fixture(scope="session")
def tiny_replies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a CSV with 40 replies for each of eight intents."""
    frame = pd.read_csv(ROOT / "data" / "replies.csv", keep_default_na=False)
    chosen = frame[frame["intent"].isin(TINY_INTENTS)].groupby("intent").head(40)
    path = tmp_path_factory.mktemp("data") / "replies.csv"
    chosen.to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def tiny_bundle(tiny_replies: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a bundle trained on `tiny_replies` with the base encoder."""
    folder = tmp_path_factory.mktemp("tiny")
    request = TrainRequest(
        data=(tiny_replies,),
        out=folder / "bundle",
        encoder="base",
        deep=False,
        rules=ROOT / "data",
        columns=Columns(),
        report=folder / "report.html",
        cache=folder / "cache",
        tracking=None,
    )
    run_train(request, Console(quiet=True))
    return request.out


@pytest.fixture(scope="session")
def tiny_live(tiny_bundle: Path) -> LiveBundle:
    """Return the tiny bundle, loaded."""
    return load_live(tiny_bundle)
