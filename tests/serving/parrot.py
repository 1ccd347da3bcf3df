"""A bundle with the shipped rules that reads the same in every text, at once."""

from collections.abc import Sequence

from model.bundle import Bundle
from model.classifier import Classifier
from model.manifest import FORMAT, Manifest
from model.prediction import Prediction, Ranked
from serving.live import LiveBundle
from serving.routing.ruleset import RuleSet

READ = Prediction(
    intents=(Ranked("store_info", 0.9), Ranked("other", 0.1)),
    confidence=0.9,
    sentiments=(Ranked("neutral", 1.0),),
)


class Parrot(Classifier):
    """Says `READ` of every text; holds no graph."""

    def __init__(self) -> None:
        """Load nothing."""

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        return [READ for _ in texts]


def parrot_live(rules: RuleSet) -> LiveBundle:
    """Return the bundle, ready to decide."""
    manifest = Manifest(
        format=FORMAT,
        created_at="2026-11-23T12:00:00+00:00",
        intents=("store_info", "other"),
        sentiments=("neutral",),
        max_tokens=64,
        files={},
        provenance={},
        metrics={},
        golden=(),
    )
    return LiveBundle(Bundle("sha256:parrot", manifest, Parrot(), {}), rules)
