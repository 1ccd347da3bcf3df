from pathlib import Path

import pytest

from model.errors import (
    BundleError,
    BundleFormat,
    BundleMissing,
    BundleTampered,
    InputError,
    ReplywiseError,
    RulesError,
    SettingsError,
    ShelfError,
    StoreError,
)


@pytest.mark.parametrize("kind", [BundleMissing, BundleTampered, BundleFormat])
def test_whoever_catches_a_bundle_error_catches_every_kind(
    kind: type[BundleError],
) -> None:
    error = kind(Path("some/bundle"), "no good")

    assert isinstance(error, BundleError)
    assert str(error) == "some/bundle: no good"


@pytest.mark.parametrize(
    "kind", [BundleError, ShelfError, RulesError, InputError, SettingsError, StoreError]
)
def test_every_error_has_one_base(kind: type[Exception]) -> None:
    assert issubclass(kind, ReplywiseError)


def test_a_rules_error_names_file_and_place() -> None:
    error = RulesError("policy.yaml", "intents.refund.queue", "no queue 'x'")

    assert str(error) == "policy.yaml: intents.refund.queue: no queue 'x'"


def test_an_input_error_names_file_row_and_column() -> None:
    error = InputError("replies.csv", "expected text", row=7, column="intent")

    assert str(error) == "replies.csv, row 7, column 'intent': expected text"


def test_an_input_error_leaves_out_what_it_does_not_know() -> None:
    assert str(InputError("replies.csv", "is empty")) == "replies.csv: is empty"
