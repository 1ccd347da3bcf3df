import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from model.bundle import TOKENIZER, load_bundle
from model.errors import InputError, RulesError
from model.manifest import MANIFEST, Manifest
from serving.routing.policy import Policy
from serving.routing.ruleset import THRESHOLDS, RuleSet, load_rules
from tests.training.word_bag import WordBag, bag_heads, bag_replies, word_bag
from training.confidence import SIGNALS
from training.evaluation import Evaluation, Interval, Scores, Trust
from training.graph import attach_heads
from training.heads import LinearHead, fit_head
from training.held_out import HELD_OUT, HeldOut, keys_of, pack
from training.parity import Parity
from training.promises import Promise, Solved, Whole
from training.recipe import Trained
from training.writing import RULES, rules_files, write_bundle

ROOT = Path(__file__).parent.parent.parent
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HALF = Interval(0.5, 0.4, 0.6)
EVALUATION = Evaluation(
    replies=120,
    intent=Scores(HALF, HALF, (), ()),
    sentiment=None,
    trust=Trust(HALF, HALF, (), (), ()),
    outcome=None,
)


def solved(intents: tuple[str, ...], threshold: float | None) -> Solved:
    whole = Whole(0.02, 0.95, 100, 1, 0.015, 0.8, 200.0, 400.0, None)
    promises = (Promise(i, 0.1, threshold, 30, 0, 0.09, 0.8, None) for i in intents)
    return Solved(whole, tuple(promises), whole, whole)


@dataclass(frozen=True, slots=True)
class Made:
    """What is at hand when a bundle is written."""

    trained: Trained
    encoder: WordBag
    rules: dict[str, bytes]
    policy: Policy

    def write(self, out: Path) -> Manifest:
        return write_bundle(
            self.trained,
            bag_replies(),
            rules=self.rules,
            out=out,
            created_at=NOON,
        )


@pytest.fixture
def made(rules: RuleSet) -> Made:
    bag, replies = word_bag(), bag_replies()
    intents = tuple(sorted(set(replies["intent"])))
    codes = np.array([intents.index(intent) for intent in replies["intent"]])
    embeddings = bag.embed(replies["text"].tolist(), lambda _: None)
    head = fit_head(embeddings, codes, 3)
    cheerful = LinearHead(np.zeros((3, 16), np.float32), np.array([0, 0, 9], "f"))
    trained = Trained(
        intents=intents,
        source=bag,
        graph=attach_heads(next(bag.graphs()), bag_heads(head, cheerful)),
        embeddings=embeddings,
        temperatures=(0.9, 1.1, 1.0),
        held_out=HeldOut(
            intents=intents,
            truth=codes,
            predicted=codes,
            confidence=np.full(len(codes), 0.9),
            ruled=np.zeros_like(codes),
            sentiment=np.full_like(codes, -1),
            feeling=np.zeros_like(codes),
            key=keys_of(replies["text"].tolist()),
        ),
        evaluation=EVALUATION,
        solved=solved(intents, 0.75),
        parity=Parity(120, 1.0, 0.0, 120, 0.9, 0.9),
    )
    return Made(trained, bag, rules_files(ROOT / "data"), rules.policy)


def below(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_written_loads(made: Made, tmp_path: Path) -> None:
    manifest = made.write(tmp_path / "bundle")

    bundle = load_bundle(tmp_path / "bundle")
    assert bundle.bundle_id == manifest.bundle_id
    assert bundle.classifier.predict(["where is my box"])[0].intent == "order_status"
    assert bundle.neighbours is not None
    assert {bundle.neighbours.texts[0]} <= set(bag_replies()["text"])
    assert bundle.manifest.signals
    assert set(load_rules(bundle.files).thresholds.items()) == {
        (intent, 0.75) for intent in made.trained.intents
    }


def test_the_same_inputs_give_the_same_bundle(made: Made, tmp_path: Path) -> None:
    assert made.write(tmp_path / "a").bundle_id == made.write(tmp_path / "b").bundle_id


def test_the_manifest_says_where_the_bundle_comes_from(
    made: Made, tmp_path: Path
) -> None:
    manifest = made.write(tmp_path / "bundle")

    assert manifest.created_at == "2026-11-23T12:00:00+00:00"
    assert manifest.provenance["encoder"] == "word bag"
    assert manifest.provenance["replies"] == len(bag_replies())
    assert manifest.provenance["encoder_tuned_on"] is None
    assert manifest.metrics["held_out_replies"] == 120
    assert manifest.signals == SIGNALS


def test_what_a_later_training_needs_is_kept(made: Made, tmp_path: Path) -> None:
    manifest = made.write(tmp_path / "bundle")

    bundle = load_bundle(tmp_path / "bundle")
    assert bundle.files[HELD_OUT] == pack(made.trained.held_out)
    assert manifest.metrics["temperatures"] == [0.9, 1.1, 1.0]


def test_golden_replies_are_sure_ones_of_many_intents(
    made: Made, tmp_path: Path
) -> None:
    golden = made.write(tmp_path / "bundle").golden

    assert [one.intent for one in golden] == list(made.trained.intents)
    assert {one.sentiment for one in golden} == {"positive"}


def test_a_limit_that_cannot_be_promised_is_written_as_null(
    made: Made, tmp_path: Path
) -> None:
    trained = replace(made.trained, solved=solved(made.trained.intents, None))

    replace(made, trained=trained).write(tmp_path / "bundle")

    body = json.loads((tmp_path / "bundle" / THRESHOLDS).read_text(encoding="utf-8"))
    assert set(body["intents"].values()) == {None}
    assert load_rules(load_bundle(tmp_path / "bundle").files).thresholds == {}


def test_folders_on_the_way_are_made(made: Made, tmp_path: Path) -> None:
    made.write(tmp_path / "new" / "bundle")

    assert below(tmp_path / "new") == ["bundle"]


def test_an_empty_folder_is_taken(made: Made, tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()

    made.write(tmp_path / "bundle")

    assert (tmp_path / "bundle" / MANIFEST).is_file()


def test_a_bundle_is_replaced_whole(made: Made, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    made.write(out)
    (out / "left-over.txt").touch()
    stricter = solved(made.trained.intents, 0.9)
    newer = replace(made, trained=replace(made.trained, solved=stricter))

    manifest = newer.write(out)

    assert load_bundle(out).bundle_id == manifest.bundle_id
    assert below(out) == sorted([*manifest.files, MANIFEST])
    assert below(tmp_path) == ["bundle"]


@pytest.mark.parametrize("mine", ["out", "out/letter.txt"], ids=["file", "folder"])
def test_what_is_not_a_bundle_is_left_alone(
    made: Made, tmp_path: Path, mine: str
) -> None:
    (tmp_path / mine).parent.mkdir(exist_ok=True)
    (tmp_path / mine).write_text("mine", encoding="utf-8")

    with pytest.raises(InputError, match="holds something that is not a bundle"):
        made.write(tmp_path / "out")

    assert below(tmp_path) == ["out"]
    assert (tmp_path / mine).read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", RULES)
def test_a_failure_leaves_the_old_bundle_and_nothing_else(
    made: Made, tmp_path: Path, name: str
) -> None:
    old = made.write(tmp_path / "bundle")
    spoiled = replace(made, rules={**made.rules, name: b"version: 1"})

    with pytest.raises(RulesError, match=name):
        spoiled.write(tmp_path / "bundle")

    assert below(tmp_path) == ["bundle"]
    assert load_bundle(tmp_path / "bundle").bundle_id == old.bundle_id


def test_a_place_that_cannot_be_written_is_named(made: Made, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(InputError, match="file/bundle: "):
        made.write(tmp_path / "file" / "bundle")


def test_rules_must_all_be_there(tmp_path: Path) -> None:
    (tmp_path / RULES[0]).touch()

    with pytest.raises(InputError, match=r"expected policy\.yaml, keywords\.yaml"):
        rules_files(tmp_path)


def test_the_tokenizer_travels_with_the_bundle(made: Made, tmp_path: Path) -> None:
    made.write(tmp_path / "bundle")

    assert (tmp_path / "bundle" / TOKENIZER).read_bytes() == made.encoder.tokenizer
