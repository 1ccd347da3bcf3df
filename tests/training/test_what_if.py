"""What another limit would give, from a bundle that holds no more than is needed."""

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from model.errors import BundleMissing, BundleTampered, InputError
from model.manifest import FORMAT, Manifest, digest, write_manifest
from serving.routing.ruleset import POLICY, RuleSet
from tests.training.unseen import ELSE, SENTIMENTS, Population
from training.cli import thresholds
from training.held_out import HELD_OUT, pack, unpack
from training.promises import Solved
from training.thresholds import solve
from training.what_if import run_thresholds

DATA = Path(__file__).parents[2] / "data"
ANSWERED = ("order_status", "refund", "store_info", "sizing_help", "praise")
LIKE = Population(
    np.array([900.0, 700, 500, 400, 60]),
    np.array([14.0, 9, 20, 8, 9]),
    np.array([1.0, 0.7, 0.6, 1.0, 1.0]),
)


def write_small(folder: Path, *, held_out: bytes | None = None) -> Manifest:
    files = {POLICY: (DATA / POLICY).read_bytes()}
    if held_out is not None:
        files[HELD_OUT] = held_out
    manifest = Manifest(
        format=FORMAT,
        created_at="2026-11-23T12:00:00+00:00",
        intents=(*ANSWERED, ELSE),
        sentiments=SENTIMENTS,
        max_tokens=64,
        files={name: digest(data) for name, data in files.items()},
        provenance={},
        metrics={},
        golden=(),
    )
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    write_manifest(manifest, folder)
    return manifest


@pytest.fixture(scope="module")
def stored() -> bytes:
    drawn = LIKE.draw(np.random.default_rng(5))
    return pack(replace(drawn, intents=(*ANSWERED, ELSE)))


@pytest.fixture
def bundle(stored: bytes, tmp_path: Path) -> Path:
    write_small(tmp_path / "bundle", held_out=stored)
    return tmp_path / "bundle"


def asked(bundle: Path, max_wrong: float, assurance: float | None = None) -> Solved:
    return run_thresholds(
        bundle,
        max_wrong=max_wrong,
        assurance=assurance,
        json=None,
        console=Console(quiet=True),
    )


def test_it_is_what_training_would_have_solved(
    bundle: Path, stored: bytes, rules: RuleSet
) -> None:
    policy = replace(rules.policy, max_wrong_replies=0.05)

    assert asked(bundle, 0.05) == solve(unpack(stored), policy, SENTIMENTS)


def test_the_policys_assurance_holds_unless_another_is_asked_for(bundle: Path) -> None:
    usual, surer = asked(bundle, 0.05), asked(bundle, 0.05, 0.999)

    assert (usual.whole.assurance, surer.whole.assurance) == (0.95, 0.999)
    assert surer.whole.answered < usual.whole.answered


def test_limit_coverage_people_cost_and_changes_are_printed(bundle: Path) -> None:
    console = Console(record=True, width=200, quiet=False, file=io.StringIO())

    run_thresholds(bundle, max_wrong=0.05, assurance=None, json=None, console=console)

    told = console.export_text()
    names = ("wrong answers allowed", "no person sees", "people, per 1,000", "cost")
    assert [name for name in names if name not in told] == []
    assert "5.00%" in told
    assert "Intents that gain or lose" in told
    assert "order_status" in told
    assert "praise" not in told  # it has too few replies, before and after


def test_a_limit_that_changes_nothing_says_so(bundle: Path, rules: RuleSet) -> None:
    console = Console(record=True, width=200, file=io.StringIO())
    same = rules.policy.max_wrong_replies

    run_thresholds(bundle, max_wrong=same, assurance=None, json=None, console=console)

    assert "No intent gains or loses." in console.export_text()


def test_the_figures_are_written_for_programs(bundle: Path, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"

    told = run_thresholds(
        *(bundle,),
        max_wrong=0.05,
        assurance=None,
        json=out,
        console=Console(quiet=True),
    )

    body = json.loads(out.read_text(encoding="utf-8"))
    assert set(body) == {"bundle", "today", "asked"}
    assert body["asked"]["whole"]["answered"] == told.whole.answered
    assert len(body["asked"]["promises"]) == len(ANSWERED) + 1


def test_a_bundle_without_predictions_says_what_to_do(tmp_path: Path) -> None:
    write_small(tmp_path / "bundle")

    with pytest.raises(InputError, match=r"holds no held_out\.npz.*train the bundle"):
        asked(tmp_path / "bundle", 0.05)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"nonsense"])
def test_predictions_that_cannot_be_read_are_named(data: bytes, tmp_path: Path) -> None:
    write_small(tmp_path / "bundle", held_out=data)

    with pytest.raises(InputError, match=r"held_out\.npz: cannot be read"):
        asked(tmp_path / "bundle", 0.05)


def test_a_file_that_was_changed_is_refused(bundle: Path) -> None:
    (bundle / POLICY).write_bytes(b"version: 1")

    with pytest.raises(BundleTampered, match=r"policy\.yaml"):
        asked(bundle, 0.05)


def test_a_folder_without_a_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleMissing, match="expected a bundle"):
        asked(tmp_path, 0.05)


HEAVY = ("torch", "sklearn", "pandas", "transformers", "matplotlib", "mlflow")


def test_nothing_heavy_is_loaded_to_answer() -> None:
    code = "import sys, training.what_if; print(*sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert set(HEAVY) & set(done.stdout.split()) == set()


def test_the_command_hands_its_options_on(bundle: Path, tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(thresholds)
    out = tmp_path / "figures.json"
    options = ("--max-wrong", "0.05", "--assurance", "0.9", "--json", str(out))

    done = CliRunner().invoke(app, ["--bundle", str(bundle), *options])

    assert done.exit_code == 0, done.output
    whole = json.loads(out.read_text(encoding="utf-8"))["asked"]["whole"]
    assert (whole["limit"], whole["assurance"]) == (0.05, 0.9)


def test_a_limit_that_is_no_share_is_refused() -> None:
    app = typer.Typer()
    app.command()(thresholds)

    assert CliRunner().invoke(app, ["--max-wrong", "2"]).exit_code == 2
