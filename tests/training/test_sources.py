import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from model.bundle import GRAPH
from model.errors import BundleFormat, BundleMissing, InputError
from model.manifest import MANIFEST, digest, parse_manifest, write_manifest
from serving.routing.ruleset import RuleSet
from tests.training.word_bag import bag_replies, word_bag
from training.graph import encoder_only, heads_of
from training.held_out import HELD_OUT, pack
from training.progress import Steps
from training.recipe import Trained, train
from training.sources import bundle_source
from training.writing import rules_files, write_bundle

ROOT = Path(__file__).parent.parent.parent
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TEXTS = ("where is my box", "when do you open")


@dataclass(frozen=True, slots=True)
class Place:
    """A trained bundle, written as that of an encoder tuned or general."""

    trained: Trained
    folder: Path

    def written(self, *, tuned: bool) -> Path:
        source = replace(word_bag(), tuned_on="sha256:replies" if tuned else None)
        write_bundle(
            replace(self.trained, source=source),
            bag_replies(),
            rules=rules_files(ROOT / "data"),
            out=self.folder,
            created_at=NOON,
        )
        return self.folder

    def holding(self, data: bytes | None) -> None:
        """Leave other predictions of held-out replies there, or none, duly signed."""
        manifest = parse_manifest((self.folder / MANIFEST).read_bytes(), self.folder)
        files = dict(manifest.files)
        if data is None:
            del files[HELD_OUT]
        else:
            files[HELD_OUT] = digest(data)
            (self.folder / HELD_OUT).write_bytes(data)
        write_manifest(replace(manifest, files=files), self.folder)


@pytest.fixture(scope="module")
def trained(rules: RuleSet, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    cache, steps = tmp_path_factory.mktemp("cache"), Steps(Console(quiet=True))
    return train(bag_replies(), None, word_bag(), rules, cache, steps)


@pytest.fixture
def place(trained: Trained, tmp_path: Path) -> Place:
    return Place(trained, tmp_path / "bundle")


def test_a_bundle_embeds_as_it_will_in_service(place: Place) -> None:
    source = bundle_source(place.written(tuned=False))
    told: list[int] = []

    rows = source.embed(TEXTS * 300, told.append)

    expected = word_bag().embed(TEXTS, lambda _: None)
    assert rows == pytest.approx(np.tile(expected, (300, 1)), abs=1e-6)
    assert sum(told) == 600


def test_a_bundle_gives_its_graph_without_heads(place: Place) -> None:
    source = bundle_source(place.written(tuned=False))

    graph = (place.folder / GRAPH).read_bytes()
    assert list(source.graphs()) == [encoder_only(graph)]
    assert source.digest == f"sha256:{digest(encoder_only(graph))}"
    assert source.sentiment is not None
    expected = heads_of(graph).sentiment
    assert np.array_equal(source.sentiment.weight, expected.weight)
    assert source.tokenizer == word_bag().tokenizer


def test_its_name_says_where_it_came_from(place: Place) -> None:
    source = bundle_source(place.written(tuned=False))

    body = json.loads((place.folder / MANIFEST).read_text(encoding="utf-8"))
    assert source.name == f"word bag, kept from {body['id'][:19]}"


def test_a_general_encoder_needs_nothing_kept(place: Place) -> None:
    place.written(tuned=False)
    place.holding(None)

    source = bundle_source(place.folder)

    assert source.tuned_on is None
    assert source.kept is None


def test_what_was_said_unseen_comes_with_a_tuned_encoder(place: Place) -> None:
    source = bundle_source(place.written(tuned=True))

    assert source.tuned_on == "sha256:replies"
    assert source.kept is not None
    assert source.kept.temperatures == list(place.trained.temperatures)
    assert pack(source.kept.held_out) == pack(place.trained.held_out)
    graph = (place.folder / GRAPH).read_bytes()
    bias = heads_of(graph).confidence.bias
    assert np.array_equal(source.kept.heads.confidence.bias, bias)


def test_a_tuned_encoder_alone_is_refused(place: Place) -> None:
    place.written(tuned=True)
    place.holding(None)

    with pytest.raises(InputError) as caught:
        bundle_source(place.folder)

    assert str(caught.value).startswith(f"{place.folder}: expected held_out.npz beside")
    assert "--deep" in str(caught.value)


def test_a_tuned_encoder_with_another_file_is_refused(place: Place) -> None:
    place.written(tuned=True)
    place.holding(b"no archive")

    with pytest.raises(BundleFormat, match=r"held_out\.npz does not load: expected"):
        bundle_source(place.folder)


def test_a_folder_without_a_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleMissing):
        bundle_source(tmp_path)
