"""`python -m benchmarks.suggest`: what `replywise suggest` finds of what was planted.

On a third of the shipped replies, with the general encoder that no label has touched:
5 % of the labels flipped, one intent held out of training, one intent split in two, and
a pool of replies to label. Each is planted before anything is fitted.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from scipy.special import softmax

from model.prediction import Floats
from training.cache import embed_cached
from training.cli import CACHE
from training.dataset import read_replies
from training.encoder import load_encoder
from training.evaluation import Bools
from training.heads import (
    Codes,
    Doubles,
    fit_head,
    hold_out,
    out_of_fold_logits,
    temperature_of,
)
from training.near import families, near_duplicates
from training.sources import TorchSource
from training.suggest.label_errors import suspects
from training.suggest.new_intents import grouped, strangers
from training.suggest.overlaps import confusions, pairs
from training.suggest.to_label import choose, distances, worth
from training.suggest.unseen import Unseen

ROOT = Path(__file__).parent.parent
GROUPS = 1 / 3
"""Share of the groups that is used: all of them take six times as long."""
FLIPPED = 0.05
SEEDS = (1, 2, 3)
HELD_OUT_INTENTS = 8
SPLIT_INTENTS = 3
KNOWN, POOL = 0.7, 0.3
"""Shares of the families that are labelled, and that come in as recent replies."""
ROUNDS = (100, 300)
START = 10
"""Labelled replies an intent that the labelling begins with."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The shipped replies in arrays.

    Attributes:
        intents: labels by code.
        codes: of the replies (n).
        families: rows of one family are alike (n).
        embeddings: by the general encoder (n x dim).
        test_codes: of the held-out replies.
        test_embeddings: of those.
    """

    intents: tuple[str, ...]
    codes: Codes
    families: Codes
    embeddings: Floats
    test_codes: Codes
    test_embeddings: Floats


def main() -> None:
    """Measure and print."""
    console, ground = Console(), read_ground()
    for measure in (flips, held_out_intents, splits, labelling):
        began = perf_counter()
        console.print(measure(ground))
        console.print(f"{perf_counter() - began:.0f} s\n", highlight=False)


def read_ground() -> Ground:
    """Read and embed the shipped replies; embeddings are kept between runs."""
    shipped = read_replies([ROOT / "data" / "replies.csv"])
    groups = np.sort(shipped["group"].unique())
    used = np.random.default_rng(0).permutation(groups)[: int(GROUPS * len(groups))]
    replies = shipped[shipped["group"].isin(used)].reset_index(drop=True)
    test = read_replies([ROOT / "data" / "replies_test.csv"], labels=False)
    source = TorchSource(load_encoder(None), CACHE, None)
    texts = replies["text"].tolist()
    intents = tuple(sorted(replies["intent"].unique()))
    joined = families(replies["group"].tolist(), near_duplicates(texts))

    def embedded(frame: pd.DataFrame) -> Floats:
        return embed_cached(source, frame["text"].tolist(), CACHE, lambda _: None)

    def coded(frame: pd.DataFrame) -> Codes:
        codes = pd.Categorical(frame["intent"], categories=intents).codes
        return np.asarray(codes, dtype=np.int64)

    return Ground(
        intents,
        coded(replies),
        np.array(joined, dtype=np.int64),
        embedded(replies),
        coded(test),
        embedded(test),
    )


def flips(ground: Ground) -> Table:
    """Flip labels at random and count how many are found, and what else is."""
    table = Table(
        *("seed", "flipped", "named", "recall", "precision", "false alarms"),
        "first",
        title=f"{FLIPPED:.0%} of {len(ground.codes)} labels flipped, 5 folds",
    )
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        planted = rng.random(len(ground.codes)) < FLIPPED
        moved = rng.integers(1, len(ground.intents), planted.sum())
        codes = ground.codes.copy()
        codes[planted] = (codes[planted] + moved) % len(ground.intents)
        found = suspects(codes, unseen_probabilities(ground, codes, seed))
        hits = int(planted[found].sum())
        table.add_row(
            str(seed),
            str(planted.sum()),
            str(len(found)),
            f"{hits / planted.sum():.1%}",
            f"{hits / len(found):.1%}",
            f"{(len(found) - hits) / (~planted).sum():.2%}",
            # As many as were flipped: whoever looks at so many finds these.
            f"{planted[found[: planted.sum()]].mean():.1%}",
        )
    return table


def held_out_intents(ground: Ground) -> Table:
    """Leave an intent out of training; see whether its replies are grouped."""
    table = Table(
        *("left out", "its replies", "no intent fits", "groups", "best", "purity"),
        title="One intent held out of training, its replies among recent ones of all",
    )
    rng = np.random.default_rng(SEEDS[0])
    chosen = np.sort(rng.permutation(len(ground.intents))[:HELD_OUT_INTENTS])
    for code in chosen.tolist():
        table.add_row(*_left_out(ground, code, rng))
    return table


def _left_out(
    ground: Ground, code: int, rng: np.random.Generator
) -> tuple[str, str, str, str, str, str]:
    recent = _parted(ground.families, POOL, rng)
    known = ~recent & (ground.codes != code)
    rows = np.flatnonzero(recent)
    names = len(ground.intents)
    fitted = fit_head(ground.embeddings[known], ground.codes[known], names)
    chances = softmax(fitted.logits(ground.embeddings[rows]), axis=1)
    unseen = Unseen(
        ground.intents,
        ground.codes[known],
        ground.families[known],
        ground.embeddings[known],
        chances[:0],
        ground.embeddings[rows],
        chances,
    )
    strange = strangers(unseen, np.ones(len(rows), dtype=np.int64), "other")
    planted = ground.codes[rows] == code
    groups = [strange[group] for group in grouped(unseen.recent[strange])]
    shares = [(planted[group].sum(), planted[group].mean()) for group in groups]
    caught, purity = max(shares, default=(0, 0.0))
    return (
        ground.intents[code],
        str(planted.sum()),
        f"{planted[strange].sum()} of {len(strange)}",
        str(len(groups)),
        f"{caught / planted.sum():.0%}",
        f"{purity:.0%}",
    )


def splits(ground: Ground) -> Table:
    """Split an intent in two at random; see whether the halves are named."""
    table = Table(
        *("split in two", "place", "mistaken", "other pairs named"),
        title="One intent split in two at random",
    )
    rng = np.random.default_rng(SEEDS[0])
    chosen = np.sort(rng.permutation(len(ground.intents))[:SPLIT_INTENTS])
    for code in chosen.tolist():
        codes, new = ground.codes.copy(), len(ground.intents)
        half = (codes == code) & (rng.random(len(codes)) < 1 / 2)
        codes[half] = new
        wider = replace(ground, intents=(*ground.intents, "new"))
        found = pairs(confusions(codes, unseen_probabilities(wider, codes, SEEDS[0])))
        places = {(a, b): (n, share) for n, (a, b, share) in enumerate(found, start=1)}
        place, share = places.pop((code, new), (None, 0.0))
        table.add_row(
            ground.intents[code],
            "not named" if place is None else str(place),
            f"{share:.1%}",
            str(len(places)),
        )
    return table


def labelling(ground: Ground) -> Table:
    """Label what is suggested, or what chance or doubt alone would choose."""
    table = Table(
        *("labelled", "suggested", "at random", "unsure alone"),
        title=f"Accuracy on held-out replies, begun with {START} replies an intent "
        f"(mean of {len(SEEDS)} seeds)",
    )
    scores: dict[tuple[int, str], list[float]] = {}
    for seed in SEEDS:
        for key, score in _labelled(ground, np.random.default_rng(seed)).items():
            scores.setdefault(key, []).append(score)
    for count in (0, *ROUNDS):
        means = [np.mean(scores[count, way]) for way in _WAYS]
        table.add_row(str(count), *(f"{mean:.1%}" for mean in means))
    return table


_WAYS = ("suggested", "at random", "unsure alone")


def _labelled(ground: Ground, rng: np.random.Generator) -> dict[tuple[int, str], float]:
    order = rng.permutation(len(ground.codes))
    frame = pd.Series(ground.codes[order])
    begun = order[(frame.groupby(frame).cumcount() < START).to_numpy()]
    pool = np.setdiff1d(order, begun)
    # Common replies come again and again: as many as Zipf's law says.
    counts = np.floor(len(pool) / np.arange(1, len(pool) + 1))[
        rng.permutation(len(pool))
    ]
    first = _accuracy(ground, begun)
    scores = {(0, way): first for way in _WAYS}
    names = len(ground.intents)
    head = fit_head(ground.embeddings[begun], ground.codes[begun], names)
    sure = softmax(head.logits(ground.embeddings[pool]), axis=1).max(axis=1)
    far = distances(ground.embeddings[pool], ground.embeddings[begun])
    weights = worth(sure, np.maximum(counts, 1))
    most = max(ROUNDS)
    chosen = {
        "suggested": choose(ground.embeddings[pool], weights, far, most),
        "at random": rng.permutation(len(pool))[:most].tolist(),
        "unsure alone": np.argsort(sure, kind="stable")[:most].tolist(),
    }
    for way, rows in chosen.items():
        for count in ROUNDS:
            labelled = np.concatenate([begun, pool[rows[:count]]])
            scores[count, way] = _accuracy(ground, labelled)
    return scores


def _accuracy(ground: Ground, rows: Codes) -> float:
    names = len(ground.intents)
    head = fit_head(ground.embeddings[rows], ground.codes[rows], names)
    told = head.logits(ground.test_embeddings).argmax(axis=1)
    return float((told == ground.test_codes).mean())


def unseen_probabilities(ground: Ground, codes: Codes, seed: int) -> Doubles:
    """Return what heads that had not seen a reply say of it, calibrated (n x K)."""
    folds = hold_out(
        ground.embeddings,
        codes,
        ground.families,
        len(ground.intents),
        scored=np.ones(len(codes), dtype=bool),
        seed=seed,
    )
    logits = out_of_fold_logits(ground.embeddings, folds)
    return np.asarray(softmax(logits / temperature_of(logits, codes), axis=1))


def _parted(joined: Codes, share: float, rng: np.random.Generator) -> Bools:
    """Return which rows lie in a random share of the families."""
    chosen = np.flatnonzero(rng.random(joined.max() + 1) < share)
    return np.isin(joined, chosen)


if __name__ == "__main__":
    main()
