"""The shipped bundle is the one that this data and this code make."""

from pathlib import Path

from model.bundle import DEFAULT, read_manifest
from training.dataset import digest_of, read_replies
from training.parity import ACCURACY_LOSS, PROBABILITY_GAP, SAME_LABELS
from training.writing import RULES, code_digest

ROOT = Path(__file__).parent.parent.parent


def test_was_made_from_the_replies_that_are_here() -> None:
    replies = read_replies([ROOT / "data" / "replies.csv"])

    assert read_manifest(DEFAULT).provenance["data"] == digest_of(replies)


def test_was_made_by_the_code_that_is_here() -> None:
    assert read_manifest(DEFAULT).provenance["code"] == code_digest(ROOT)


def test_holds_the_rules_that_are_here() -> None:
    for name in RULES:
        assert (DEFAULT / name).read_bytes() == (ROOT / "data" / name).read_bytes()


def test_is_small_enough_to_ship() -> None:
    assert sum(path.stat().st_size for path in DEFAULT.iterdir()) <= 25_000_000


def test_passed_the_parity_gate() -> None:
    parity = read_manifest(DEFAULT).metrics["parity"]
    assert isinstance(parity, dict)

    assert parity["same_labels"] >= SAME_LABELS
    assert parity["probability_gap"] <= PROBABILITY_GAP
    assert parity["accuracy_float"] - parity["accuracy_int8"] <= ACCURACY_LOSS
