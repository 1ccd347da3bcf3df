"""`python -m benchmarks.peers --data DIR`: our training beside other systems."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.peers.catalogue import catalogue, choose_peers
from benchmarks.peers.run import Places, compare
from benchmarks.peers.table import as_json, markdown
from model.errors import InputError
from training.benchmark.sets import PublicSet, choose, find_sets, read_set
from training.benchmark.splits import Split

SETS = "banking77-10,banking77"


def main() -> int:
    """Compare, print the table, and write it with its figures; 2 on bad input."""
    console = Console(stderr=True)
    words = _arguments()
    try:
        found = find_sets(words.data)
        names = choose(found, words.sets.split(","), words.data)
        subjects = [read_set(name, found[name]) for name in names]
        peers = choose_peers(words.peers.split(",") if words.peers else [])
    except InputError as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        return 2
    if words.intents:
        subjects = [few_intents(subject, words.intents) for subject in subjects]
    words.out.mkdir(parents=True, exist_ok=True)
    places = Places(words.environments, words.out, words.limit)
    outcomes = []
    for outcome in compare(subjects, peers, places, console.print):
        # Written after each: hours may lie between the first and the last.
        outcomes.append(outcome)
        told = json.dumps(as_json(outcomes), indent=1)
        (words.out / "peers.json").write_text(told, encoding="utf-8")
        (words.out / "peers.md").write_text(markdown(outcomes), encoding="utf-8")
    Console().print(markdown(outcomes), markup=False, highlight=False, soft_wrap=True)
    return 0


def few_intents(subject: PublicSet, most: int) -> PublicSet:
    """Return a set with its first labels alone: a quick run while developing."""
    kept = sorted(set(subject.train.labels))[:most]

    def rows(split: Split) -> NDArray[np.int64]:
        return np.flatnonzero(np.isin(split.labels, kept))

    return replace(
        subject,
        train=subject.train.part(rows(subject.train)),
        test=subject.test.part(rows(subject.test)),
        repeated=subject.repeated[rows(subject.test)],
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers")
    home = Path("replywise-data")
    for name, kind, default, told in (
        ("--peers", str, "", f"of {','.join(catalogue())}; all"),
        ("--sets", str, SETS, "folders of DIR, few-shot ones with their shots"),
        ("--environments", Path, home / "peers", "one virtual environment a peer"),
        ("--out", Path, home / "peers-results", "table, figures, predictions, models"),
        ("--limit", float, 4 * 3600.0, "seconds that one process may take"),
        ("--intents", int, 0, "only so many labels, to try something out"),
    ):
        text = f"{told} (default {default})" if default else told
        parser.add_argument(name, type=kind, default=default, help=text)
    parser.add_argument("--data", type=Path, required=True, help="the public sets")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
