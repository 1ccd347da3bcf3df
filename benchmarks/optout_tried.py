"""`python -m benchmarks.optout_tried`: would words beside the encoder help opt-outs?

The measurement behind DECISIONS.md 40. Out of fold by families on replies and the train
part of the hard cases, minutes on two cores. The encoder of the shipped bundle has seen
the replies, and few of the hard cases; the test part is not touched.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, precision_recall_curve
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline, make_union

from model.bundle import DEFAULT
from model.text import readable
from serving.routing.ruleset import load_rules
from training.dataset import read_replies
from training.heads import STRENGTH
from training.material import Material, gather
from training.optout_cases import cases_beside
from training.sources import bundle_source
from training.writing import rules_files

DATA = Path(__file__).parent.parent / "data"
FOLDS, SEED = 5, 7
WORDS_STRENGTH = 20.0
PRECISIONS = (0.90, 0.95, 0.98)

Doubles = NDArray[np.float64]


def main() -> None:
    """Print how well hard cases are ranked by the encoder, by words, and by both."""
    material = _material()
    known = np.flatnonzero(material.opt_outs >= 0)
    truth, family = material.opt_outs[known], material.family[known]
    replies = [material.texts[row] for row in known.tolist()]
    texts = [readable(reply).lower() for reply in replies]
    points = bundle_source(DEFAULT).embed(replies, lambda _: None)
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    folds = list(splitter.split(points, truth, family))
    encoder, words = np.zeros(len(known)), np.zeros(len(known))
    for kept, held in folds:
        head = LogisticRegression(C=STRENGTH, max_iter=300)
        head.fit(points[kept], truth[kept])
        encoder[held] = head.decision_function(points[held])
        ngrams = make_pipeline(
            make_union(
                TfidfVectorizer(
                    analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2
                ),
                TfidfVectorizer(ngram_range=(1, 3), sublinear_tf=True, min_df=2),
            ),
            LogisticRegression(C=WORDS_STRENGTH, max_iter=200),
        )
        ngrams.fit([texts[row] for row in kept], truth[kept])
        words[held] = ngrams.decision_function([texts[row] for row in held])
    voices = np.column_stack([encoder, words])
    both = np.zeros(len(known))
    for kept, held in folds:
        blend = LogisticRegression().fit(voices[kept], truth[kept])
        both[held] = blend.decision_function(voices[held])
    hard = known >= material.replies
    table = Table("", "average precision", *(f"recall at {p:.2f}" for p in PRECISIONS))
    for name, scores in (("encoder", encoder), ("words", words), ("both", both)):
        table.add_row(name, *_figures(truth[hard], scores[hard]))
    Console().print(table)


def _material() -> Material:
    replies = read_replies([DATA / "replies.csv"])
    cases = cases_beside(DATA / "replies.csv")
    learned = None if cases is None else cases.train
    return gather(replies, learned, load_rules(rules_files(DATA)).policy)


def _figures(truth: NDArray[np.int64], scores: Doubles) -> list[str]:
    precision, recall, _ = precision_recall_curve(truth, scores)
    told = [recall[precision >= wanted].max() for wanted in PRECISIONS]
    return [f"{value:.3f}" for value in (average_precision_score(truth, scores), *told)]


if __name__ == "__main__":
    main()
