"""`replywise thresholds`: what another limit would give, without training again."""

import json as jsonlib
from dataclasses import asdict, replace
from pathlib import Path
from zipfile import BadZipFile

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from model.bundle import read_file, read_manifest
from model.errors import InputError
from model.files import refuse_place, written
from model.manifest import Manifest
from serving.routing.parse_policy import parse_policy
from serving.routing.policy import Policy
from serving.routing.ruleset import POLICY
from serving.routing.yaml_file import YamlFile
from training.held_out import HELD_OUT, HeldOut, unpack
from training.promises import Promise, Solved
from training.threshold_report import whole_table
from training.thresholds import solve


def run_thresholds(
    bundle: Path,
    *,
    max_wrong: float,
    assurance: float | None,
    json: Path | None,
    console: Console,
) -> Solved:
    """Solve a bundle's thresholds for another limit, and print what would change.

    Args:
        bundle: folder of the bundle; its policy and its held-out predictions are used.
        max_wrong: share of automatic answers that may be wrong (0 to 1).
        assurance: how sure that must be (0 to 1); None for the policy's.
        json: where the figures go as well.
        console: where the tables go.

    Raises:
        BundleError, RulesError: there is no bundle, or its policy cannot be read.
        InputError: it holds no predictions of held-out replies.
    """
    if json:
        refuse_place(json)
    manifest = read_manifest(bundle)
    policy = _policy(bundle, manifest)
    held_out = _held_out(bundle, manifest)
    now = solve(held_out, policy, manifest.sentiments)
    asked = replace(
        policy,
        max_wrong_replies=max_wrong,
        assurance=policy.assurance if assurance is None else assurance,
    )
    then = solve(held_out, asked, manifest.sentiments)
    columns = {
        "today": now.whole,
        "asked": then.whole,
        "half of it": then.tighter,
        "twice": then.looser,
    }
    console.print(whole_table(columns, f"On {len(held_out.truth)} held-out replies"))
    console.print(_changes(now, then))
    if json:
        with written(json) as part:
            body = {
                "bundle": manifest.bundle_id,
                "today": asdict(now),
                "asked": asdict(then),
            }
            part.write_text(jsonlib.dumps(body, indent=1) + "\n", encoding="utf-8")
    return then


def _policy(bundle: Path, manifest: Manifest) -> Policy:
    data = read_file(bundle, manifest, POLICY)
    return parse_policy(YamlFile.parse(POLICY, {} if data is None else {POLICY: data}))


def _held_out(bundle: Path, manifest: Manifest) -> HeldOut:
    data = read_file(bundle, manifest, HELD_OUT)
    if data is None:
        problem = (
            f"holds no {HELD_OUT}, which what-if questions are answered from; "
            "train the bundle again"
        )
        raise InputError(bundle, problem)
    try:
        return unpack(data)
    except (ValueError, KeyError, BadZipFile) as error:
        problem = f"cannot be read: {error}; train the bundle again"
        raise InputError(bundle / HELD_OUT, problem) from error


def _changes(now: Solved, then: Solved) -> Table | str:
    """Return the intents that gain or lose, those that change most first."""
    pairs = [
        (before, after)
        for before, after in zip(now.promises, then.promises, strict=True)
        if before.answered != after.answered
    ]
    if not pairs:
        return "No intent gains or loses."
    table = Table(
        *("intent", "threshold", "answered", "wrong", ""),
        title="Intents that gain or lose: today, then as asked",
    )
    pairs.sort(key=lambda pair: pair[0].answered - pair[1].answered)
    for before, after in pairs:
        table.add_row(
            escape(after.intent),
            f"{_threshold(before)} to {_threshold(after)}",
            f"{before.answered} to {after.answered}",
            f"{before.wrong} to {after.wrong}",
            after.reason or "",
        )
    return table


def _threshold(promise: Promise) -> str:
    return "never" if promise.threshold is None else f"{promise.threshold:.4f}"
