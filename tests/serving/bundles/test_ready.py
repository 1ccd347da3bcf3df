from dataclasses import replace
from pathlib import Path

import pytest

from model.bundle import Bundle
from model.errors import BundleError, BundleTampered, RulesError
from model.manifest import Golden
from serving.bundles.ready import make_ready
from serving.programs.programs import Programs
from serving.recording.setup import built_in
from tests.bag_bundle import bag_bundle
from tests.serving.bundles.making import ANSWERS, bag_on_disk


@pytest.fixture(scope="module")
def bag() -> Bundle:
    return bag_bundle()


@pytest.fixture(scope="module")
def programs() -> Programs:
    return built_in().programs


def test_a_bundle_is_ready_to_decide(
    bag: Bundle, programs: Programs, tmp_path: Path
) -> None:
    bundle_id = bag_on_disk(tmp_path / "bag", {"thresholds.json": ANSWERS}, bag)

    live = make_ready(tmp_path / "bag", bundle_id, programs)

    assert live.bundle_id == bundle_id
    assert live.rules.thresholds["order_status"] == 0.9


def test_another_bundle_than_the_one_named_is_refused(
    bag: Bundle, programs: Programs, tmp_path: Path
) -> None:
    bag_on_disk(tmp_path / "bag", bundle=bag)

    with pytest.raises(BundleTampered, match="expected sha256:other, holds sha256:"):
        make_ready(tmp_path / "bag", "sha256:other", programs)


def test_a_bundle_whose_golden_replies_come_out_otherwise_is_refused(
    bag: Bundle, programs: Programs, tmp_path: Path
) -> None:
    golden = Golden("where is my order", "refund", 0.99, "negative")
    odd = replace(bag, manifest=replace(bag.manifest, golden=(golden,)))
    bundle_id = bag_on_disk(tmp_path / "bag", bundle=odd)

    with pytest.raises(BundleTampered, match="golden reply 1 gives order_status"):
        make_ready(tmp_path / "bag", bundle_id, programs)


def test_rules_that_cannot_be_meant_are_refused(
    bag: Bundle, programs: Programs, tmp_path: Path
) -> None:
    bundle_id = bag_on_disk(tmp_path / "bag", {"thresholds.json": b"{}"}, bag)

    with pytest.raises(RulesError, match=r"thresholds\.json"):
        make_ready(tmp_path / "bag", bundle_id, programs)


def test_a_bundle_without_words_in_a_programs_language_is_refused(
    bag: Bundle, programs: Programs, tmp_path: Path
) -> None:
    bundle_id = bag_on_disk(tmp_path / "bag", bundle=bag)
    default = replace(programs.default, languages=("en", "eo"))
    speaking = replace(programs, by_id={programs.default_id: default})

    with pytest.raises(BundleError, match="has no words in eo, which the program"):
        make_ready(tmp_path / "bag", bundle_id, speaking)
