"""Labelled replies to a bundle, from top to bottom.

Join families, embed, fit heads, calibrate out of fold, solve the threshold, make the
graph, pass the parity gate. Nothing is written here but the embedding cache.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.classifier import Classifier
from model.errors import InputError
from model.prediction import Floats
from serving.routing.policy import Answer, Policy, Role
from training.cache import embed_cached
from training.dataset import SENTIMENTS
from training.encoder import MAX_TOKENS
from training.evaluation import Evaluation, Labelled, score, trust
from training.graph import Heads, attach_heads
from training.heads import (
    Codes,
    Doubles,
    Fold,
    LinearHead,
    fit_confidence,
    fit_head,
    hold_out,
    out_of_fold_logits,
    temperature_of,
)
from training.near import families, near_duplicates
from training.parity import Parity, ParityError, measure_parity, require_parity
from training.progress import Steps
from training.sources import EncoderSource
from training.split import spared
from training.thresholds import Solved, solve

SEED = 7


@dataclass(frozen=True, slots=True)
class Trained:
    """What training made, ready to be written as a bundle.

    Attributes:
        intents: labels in the order of the graph's columns.
        graph: the int8 ONNX graph with its heads.
        evaluation: scores on replies that neither heads nor encoder saw.
        solved: the threshold and what it was promised on.
        parity: how near the int8 graph is to the float pipeline.
    """

    intents: tuple[str, ...]
    graph: bytes
    evaluation: Evaluation
    solved: Solved
    parity: Parity


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A calibrated head, and what calibrated it.

    Attributes:
        head: fitted on all replies.
        logits: calibrated logits of the held-out rows, in row order.
        codes: their labels.
        folds: the heads that gave them.
    """

    head: LinearHead
    logits: Doubles
    codes: Codes
    folds: Sequence[Fold]


def train(
    replies: pd.DataFrame,
    encoder: EncoderSource,
    policy: Policy,
    cache: Path,
    steps: Steps,
) -> Trained:
    """Train on checked replies.

    Args:
        replies: as `read_replies` gives them.
        encoder: embeds, and gives the encoder's part of the graph.
        policy: states the error limit and which intents are answered.
        cache: folder where embeddings are kept between runs.
        steps: is told what happens.

    Raises:
        ParityError: the int8 graph differs too much; there is no bundle.
    """
    texts = replies["text"].tolist()
    groups = replies["group"].tolist()
    intents = tuple(sorted(replies["intent"].unique()))
    with steps.step("Joining near-duplicates"):
        family = np.array(families(groups, near_duplicates(texts)))
    with steps.step("Embedding replies", len(texts)) as progress:
        embeddings = embed_cached(encoder, texts, cache, progress)
    # An encoder that was tuned on replies is honest only about the spared ones.
    tuned = encoder.tuned_on is not None
    scored = spared(groups) if tuned else np.ones(len(texts), dtype=bool)
    with steps.step("Fitting and calibrating heads"):
        codes = _codes(replies["intent"], intents)
        intent = _calibrated(embeddings, codes, family, len(intents), scored)
        feeling, sentiment = _sentiment(replies, embeddings, family, scored, encoder)
        confidence = fit_confidence(intent.logits, intent.codes)
        heads = Heads(intent.head, sentiment, confidence)
    sure = confidence.confidence(intent.logits)
    with steps.step("Solving the threshold"):
        solved = _solve(intent, sure, intents, policy)
    with steps.step("Making the graph, comparing it with float"):
        graph, parity = _graph(
            encoder,
            heads,
            intents,
            lambda classifier: measure_parity(
                classifier, texts, embeddings, codes, heads=heads, folds=intent.folds
            ),
        )
    with steps.step("Scoring what was held out"):
        evaluation = _evaluate(intent, feeling, sure, intents)
    return Trained(intents, graph, evaluation, solved, parity)


def _graph(
    encoder: EncoderSource,
    heads: Heads,
    intents: tuple[str, ...],
    compare: Callable[[Classifier], Parity],
) -> tuple[bytes, Parity]:
    """Return the fastest graph that passes the parity gate, with its figures."""
    failed: ParityError | None = None
    for body in encoder.graphs():
        graph = attach_heads(body, heads)
        classifier = Classifier(
            graph,
            encoder.tokenizer,
            intents=intents,
            sentiments=SENTIMENTS,
            max_tokens=MAX_TOKENS,
            threads=0,
        )
        parity = compare(classifier)
        try:
            require_parity(parity)
        except ParityError as error:
            failed = error
        else:
            return graph, parity
    raise failed or ParityError("parity gate: the encoder gave no graph")


def _codes(labels: "pd.Series[str]", known: Sequence[str]) -> Codes:
    return np.asarray(pd.Categorical(labels, categories=list(known)).codes, np.int64)


def _calibrated(
    embeddings: Floats,
    codes: Codes,
    family: NDArray[np.int64],
    labels: int,
    scored: NDArray[np.bool_],
) -> Calibrated:
    folds = hold_out(embeddings, codes, family, labels, scored=scored, seed=SEED)
    logits = out_of_fold_logits(embeddings, folds)
    temperature = temperature_of(logits, codes[scored])
    head = fit_head(embeddings, codes, labels).cooled(temperature)
    return Calibrated(head, logits / temperature, codes[scored], folds)


def _sentiment(
    replies: pd.DataFrame,
    embeddings: Floats,
    family: NDArray[np.int64],
    scored: NDArray[np.bool_],
    encoder: EncoderSource,
) -> tuple[Calibrated | None, LinearHead]:
    """Fit the sentiment head, or keep the default one where no reply names any."""
    told = replies["sentiment"].notna().to_numpy()
    if told.any():
        codes = _codes(replies["sentiment"][told], SENTIMENTS)
        fitted = _calibrated(
            embeddings[told], codes, family[told], len(SENTIMENTS), scored[told]
        )
        return fitted, fitted.head
    if encoder.sentiment is None:
        problem = (
            "no reply names a sentiment, and the default sentiment head does not fit "
            f"the encoder {encoder.name}; add a sentiment column"
        )
        raise InputError(str(replies["file"].iloc[0]), problem)
    return None, encoder.sentiment


def _solve(
    intent: Calibrated, sure: Doubles, intents: tuple[str, ...], policy: Policy
) -> Solved:
    """Solve on replies that would be answered: what a person gets cannot go wrong."""
    predicted = intent.logits.argmax(1)
    answered = np.array(
        [
            policy.of(label).answer is not Answer.ESCALATE
            and policy.of(label).role not in (Role.OPT_OUT, Role.OUT_OF_SCOPE)
            for label in intents
        ]
    )[predicted]
    if not answered.any():
        return Solved(None, 0, 0, 0.0)
    return solve(
        sure[answered],
        (predicted == intent.codes)[answered],
        limit=policy.max_wrong_replies,
        assurance=policy.assurance,
    )


def _evaluate(
    intent: Calibrated,
    feeling: Calibrated | None,
    sure: Doubles,
    intents: tuple[str, ...],
) -> Evaluation:
    labelled = _labelled(intent, intents)
    return Evaluation(
        replies=len(intent.codes),
        intent=score(labelled, SEED),
        sentiment=score(_labelled(feeling, SENTIMENTS), SEED) if feeling else None,
        trust=trust(sure, labelled.right, SEED),
        outcome=None,
    )


def _labelled(calibrated: Calibrated, labels: Sequence[str]) -> Labelled:
    return Labelled(
        truth=[labels[code] for code in calibrated.codes],
        predicted=[labels[code] for code in calibrated.logits.argmax(1)],
    )
