"""The bundle in use: model and rules of one folder, loaded together or not at all."""

from dataclasses import dataclass
from pathlib import Path

from model.bundle import Bundle, load_bundle
from model.prediction import Prediction
from model.reading import read
from serving.routing.decide import needs_prediction
from serving.routing.ruleset import RuleSet, load_rules


@dataclass(frozen=True, slots=True)
class LiveBundle:
    """A verified bundle with its rules, ready to decide."""

    bundle: Bundle
    rules: RuleSet

    @property
    def bundle_id(self) -> str:
        """The identity that decisions name."""
        return self.bundle.bundle_id

    def read(self, text: str) -> Prediction | None:
        """Predict, unless a rule settles the text whatever is known of the contact."""
        if not needs_prediction(text, self.rules):
            return None
        return read(self.bundle.classifier, text)


def load_live(folder: Path, *, threads: int = 1) -> LiveBundle:
    """Load a bundle and its rules; BundleError or RulesError say what is wrong."""
    bundle = load_bundle(folder, threads=threads)
    return LiveBundle(bundle, load_rules(bundle.files))
