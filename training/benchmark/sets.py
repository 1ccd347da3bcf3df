"""Public sets as they lie on disk: one folder a set, one CSV a split."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.manifest import digest
from training.benchmark.splits import LABEL, Split, letters, read_split
from training.heads import FOLDS

POOL = "train_semeval_pool.csv"
"""Stands in for the official training rows of TweetEval sentiment."""

_TRAIN = ("train.csv", POOL)
_VALIDATION = ("val.csv", "valid.csv", "dev.csv")
_TEST = ("test.csv", *_VALIDATION)
_OUTSIDE = "oos_test.csv"
_SENTIMENTS = ("tweeteval_sentiment",)
_SHOTS = re.compile(r"train_(\d+)\.csv")


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one set.

    Attributes:
        train: what is trained on.
        test: what is scored; the validation split where a set has no test split.
        validation: what a threshold may be set on; None without.
        outside: test rows from outside the label set; None without.
    """

    train: Path
    test: Path
    validation: Path | None
    outside: Path | None


@dataclass(frozen=True, slots=True)
class PublicSet:
    """One set in its published splits.

    Attributes:
        name: its folder, with the shots of a few-shot split: "banking77-10".
        files: where it came from.
        digests: SHA-256 of each file, by file name.
        train: what is trained on.
        rows: how many there are to train on; `train` may be a sample of them.
        left_out: training rows that bear a label of `outside`.
        test: what is scored.
        repeated: whether a test text also occurs in `train`, letter for letter.
        validation: what a threshold may be set on, without texts of `train`.
        outside: texts from outside the label set.
    """

    name: str
    files: Files
    digests: dict[str, str]
    train: Split
    rows: int
    left_out: int
    test: Split
    repeated: NDArray[np.bool_]
    validation: Split | None
    outside: Sequence[str]

    @property
    def sentiments(self) -> bool:
        """Whether the labels are sentiments.

        Then the set is scored by macro-averaged recall, as SemEval scores it, and how
        sure a reading is says the label's probability, as the service has it of
        sentiments: no reply is outside of them.
        """
        return self.files.train.parent.name in _SENTIMENTS

    @property
    def unknown(self) -> int:
        """How many test rows bear a label that training never saw: all wrong."""
        known = set(self.train.labels)
        return sum(label not in known for label in self.test.labels)


def find_sets(data: Path) -> dict[str, Files]:
    """Return the sets of a folder by name: each folder with a train and a test file.

    `train_10.csv` beside `train.csv` is a set of its own on the same test file, named
    by its shots.

    Raises:
        InputError: there is no folder, or no set in it.
    """
    if not data.is_dir():
        raise InputError(data, "expected a folder with one folder for each set")
    found: dict[str, Files] = {}
    for folder in sorted(path for path in data.iterdir() if path.is_dir()):
        train, test = _first(folder, _TRAIN), _first(folder, _TEST)
        if test is None:
            continue
        validation = _first(folder, _VALIDATION)
        beside = validation if validation != test else None
        outside = _first(folder, (_OUTSIDE,))
        if train:
            _refuse_known(folder.name, found, folder)
            found[folder.name] = Files(train, test, beside, outside)
        for shots, path in _few_shot(folder):
            name = f"{folder.name}-{shots}"
            _refuse_known(name, found, path)
            found[name] = Files(path, test, beside, outside)
    if not found:
        problem = "expected a folder for each set, each with train.csv and test.csv"
        raise InputError(data, problem)
    return found


def _refuse_known(name: str, found: dict[str, Files], path: Path) -> None:
    if name in found:
        raise InputError(path, f"is one of two sets called {name}; rename one")


def choose(found: dict[str, Files], names: Sequence[str], data: Path) -> list[str]:
    """Return the names that are asked for, all where none is."""
    for name in names:
        if name not in found:
            problem = f"has no set {name!r}; there are {', '.join(found)}"
            raise InputError(data, problem)
    return list(names or found)


def read_set(name: str, files: Files, rows: int | None = None) -> PublicSet:
    """Read one set, with at most `rows` training rows, drawn by a fixed seed.

    Raises:
        InputError: a file lacks a column, a row lacks a text or a label.
    """
    everything = read_split(files.train)
    outside = read_split(files.outside) if files.outside else None
    strange = set(outside.labels) if outside else set()
    inside = everything.unless(strange)
    train = inside.sample(rows)
    if len(set(train.labels)) < 2:  # noqa: PLR2004 - one label is nothing to tell apart
        problem = "expected at least 2 different labels to train on"
        raise InputError(files.train, problem, column=LABEL)
    whole = read_split(files.test)
    test = whole.unless(strange)
    if not test.texts:
        raise InputError(files.test, "bears out-of-scope labels alone", column=LABEL)
    seen = {letters(text) for text in train.texts}
    given = (files.train, files.test, files.validation, files.outside)
    return PublicSet(
        name=name,
        files=files,
        digests={p.name: f"sha256:{digest(p.read_bytes())}" for p in given if p},
        train=train,
        rows=len(inside.texts),
        left_out=len(everything.texts) - len(inside.texts),
        test=test,
        repeated=np.array([letters(text) in seen for text in test.texts]),
        validation=read_split(files.validation).unless(strange).without(seen)
        if files.validation
        else None,
        outside=outside.texts if outside else (),
    )


def require_enough(subject: PublicSet) -> None:
    """Raise InputError where training would have too little to calibrate on."""
    most = max(Counter(subject.train.labels).values())
    if most < FOLDS:
        problem = (
            f"expected at least {FOLDS} texts of one label to calibrate on, got {most} "
            f"among the {len(subject.train.texts)} that are learned from"
        )
        raise InputError(subject.files.train, problem, column=LABEL)


def _first(folder: Path, names: Sequence[str]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _few_shot(folder: Path) -> list[tuple[int, Path]]:
    """Return the few-shot training files with their shots, most shots first."""
    named = ((_SHOTS.fullmatch(path.name), path) for path in folder.iterdir())
    return sorted(((int(m[1]), path) for m, path in named if m), reverse=True)
