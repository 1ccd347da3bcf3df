"""Labelled replies to a bundle, from top to bottom.

Join families, fit or tune out of fold, calibrate, make the graph, pass the parity
gate, solve the thresholds, score. Nothing is written here but the embedding cache.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from model.classifier import Classifier
from model.errors import InputError
from model.prediction import Floats
from serving.routing.by_rule import decide_by_rule
from serving.routing.case import Case
from serving.routing.decision import Action
from serving.routing.ruleset import RuleSet
from serving.routing.situation import Reply, Situation
from training.cache import embed_cached
from training.dataset import SENTIMENTS, digest_of
from training.encoder import MAX_TOKENS, Encoder
from training.evaluation import Evaluation, Labelled, score, trust
from training.fitting import Fitted, fit_deep, fit_heads, held_out_of
from training.graph import Heads, attach_heads
from training.held_out import HeldOut, Ruled, pack, unpack
from training.keeping import fit_kept
from training.material import Material, gather
from training.parity import Parity, ParityError, measure_parity, require_parity
from training.progress import Steps
from training.promises import Solved
from training.sources import BundleSource, EncoderSource, TorchSource
from training.thresholds import solve
from training.tune import UNKNOWN

SEED = 7


@dataclass(frozen=True, slots=True)
class Trained:
    """What training made, ready to be written as a bundle.

    Attributes:
        intents: labels in the order of the graph's columns.
        source: the encoder that it rests on.
        graph: the int8 ONNX graph with its heads.
        embeddings: of the replies, by the encoder (n x dim).
        temperatures: of intent, sentiment and opt-out.
        held_out: what was said of replies by models that had not seen them.
        evaluation: scores on those.
        solved: the thresholds and what they were promised on.
        parity: how near the int8 graph is to the float pipeline.
    """

    intents: tuple[str, ...]
    source: EncoderSource
    graph: bytes
    embeddings: Floats
    temperatures: Sequence[float]
    held_out: HeldOut
    evaluation: Evaluation
    solved: Solved
    parity: Parity


def train(
    replies: pd.DataFrame,
    cases: pd.DataFrame | None,
    start: EncoderSource | Encoder,
    rules: RuleSet,
    cache: Path,
    steps: Steps,
    *,
    seed: int = SEED,
) -> Trained:
    """Train on checked replies.

    Args:
        replies: as `read_replies` gives them.
        cases: hard opt-out cases, `text` and `opt_out`; None without.
        start: an `Encoder` is tuned first; a bundle's encoder that was tuned already
            is kept with its calibration; any other gets heads only.
        rules: keywords and policy, with the limits that thresholds are solved from.
        cache: folder where embeddings are kept between runs.
        steps: is told what happens.
        seed: of folds and tuning.

    Raises:
        InputError: no reply names a sentiment, and no head can be had without; or
            no reply can be held out, as all are of one family.
        ParityError: the int8 graph differs too much; there is no bundle.
    """
    _require_feelings(replies, start)
    with steps.step("Joining near-duplicates"):
        material = gather(replies, cases, rules.policy)
    _require_families(material, replies)
    source, fitted, held_out = _fitted(material, replies, start, cache, steps, seed)
    with steps.step("Embedding replies", len(material.texts)) as progress:
        embeddings = embed_cached(source, material.texts, cache, progress)
    with steps.step("Making the graph, comparing it with float"):
        graph, parity = _graph(
            source,
            fitted.heads,
            material.names,
            lambda classifier: measure_parity(
                classifier,
                material.texts,
                embeddings,
                material.intents,
                heads=fitted.heads,
                folds=fitted.judges,
            ),
        )
    with steps.step("Solving the thresholds"):
        held_out = held_out or held_out_of(material, fitted)
        held_out = ruled(held_out, replies["text"].tolist(), rules)
        # Solved on what the bundle keeps, so that a later what-if agrees.
        held_out = unpack(pack(held_out))
        solved = solve(held_out, rules.policy, SENTIMENTS)
    with steps.step("Scoring what was held out"):
        evaluation = _evaluate(held_out)
    return Trained(
        material.names,
        source,
        graph,
        embeddings[: material.replies],
        fitted.temperatures,
        held_out,
        evaluation,
        solved,
        parity,
    )


def _require_feelings(replies: pd.DataFrame, start: EncoderSource | Encoder) -> None:
    """Raise InputError where nothing says what a sentiment is."""
    default = None if isinstance(start, Encoder) else start.sentiment
    if default is None and not replies["sentiment"].notna().any():
        problem = (
            "no reply names a sentiment, and the default sentiment head does not fit "
            f"the encoder {start.name}; add a sentiment column"
        )
        raise InputError(replies["file"].iloc[0], problem)


def _require_families(material: Material, replies: pd.DataFrame) -> None:
    """Raise InputError where no reply can be judged by what did not see its like."""
    for codes in (material.intents, material.sentiments, material.opt_outs):
        if len(np.unique(material.family[codes != UNKNOWN])) == 1:
            problem = (
                "the labelled replies are all of one group, or nearly the same words, "
                "so none can be held out to calibrate on; expected at least 2 groups"
            )
            raise InputError(replies["file"].iloc[0], problem, column="group")


def _fitted(
    material: Material,
    replies: pd.DataFrame,
    start: EncoderSource | Encoder,
    cache: Path,
    steps: Steps,
    seed: int,
) -> tuple[EncoderSource, Fitted, HeldOut | None]:
    if isinstance(start, Encoder):
        digest = digest_of(replies)
        fitted, tuned = fit_deep(material, start, steps, seed=seed, digest=digest)
        return TorchSource(tuned, cache, fitted.heads.sentiment), fitted, None
    if isinstance(start, BundleSource) and start.kept is not None:
        fitted, held_out = fit_kept(material, start, cache, steps)
        return start, fitted, held_out
    return start, fit_heads(material, start, cache, steps, seed=seed), None


def ruled(held_out: HeldOut, texts: Sequence[str], rules: RuleSet) -> HeldOut:
    """Note which replies keywords and guards settle before the model is asked."""
    noon = datetime(2026, 11, 23, 17, tzinfo=UTC)
    marks = np.full(len(texts), Ruled.BY_MODEL, dtype=np.int64)
    for row, text in enumerate(texts):
        decision = decide_by_rule(Case(Reply(text, noon), Situation(), rules))
        if decision is None:
            continue
        if decision.action is Action.ESCALATE:
            marks[row] = Ruled.TO_A_PERSON
        else:
            right = decision.intent == held_out.intents[held_out.truth[row]]
            marks[row] = Ruled.RIGHTLY if right else Ruled.WRONGLY
    return held_out.marked(marks)


def _graph(
    source: EncoderSource,
    heads: Heads,
    intents: tuple[str, ...],
    compare: Callable[[Classifier], Parity],
) -> tuple[bytes, Parity]:
    """Return the fastest graph that passes the parity gate, with its figures."""
    failed: ParityError | None = None
    for body in source.graphs():
        graph = attach_heads(body, heads)
        classifier = Classifier(
            graph,
            source.tokenizer,
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


def _evaluate(every: HeldOut) -> Evaluation:
    held_out = every.part(every.judged) if every.judged.any() else every
    names = np.array(held_out.intents)
    intent = Labelled(
        names[held_out.truth].tolist(), names[held_out.predicted].tolist()
    )
    told = held_out.sentiment >= 0
    feelings = np.array(SENTIMENTS)
    sentiment = Labelled(
        feelings[held_out.sentiment[told]].tolist(),
        feelings[held_out.feeling[told]].tolist(),
    )
    return Evaluation(
        replies=len(held_out.truth),
        intent=score(intent, SEED),
        sentiment=score(sentiment, SEED) if told.any() else None,
        trust=trust(held_out.confidence, intent.right, SEED),
        outcome=None,
    )
