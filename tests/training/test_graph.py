from dataclasses import replace

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from numpy.typing import NDArray
from scipy.special import expit, logit, softmax

from model.classifier import OUTPUTS, SIGNALS, padded
from model.prediction import Floats
from tests.training.word_bag import WORDS, bag_graph
from training.confidence import SIGNALS as NAMES
from training.confidence import ConfidenceHead, Seen, Tokens, signals
from training.graph import Heads, attach_heads, encoder_only, heads_of
from training.heads import Doubles, LinearHead

IDS = ([1, 2, 3, 4], [9, 10], [5], [3, 3, 12, 0, 7])
UNKNOWN = 3
PADDING = 0
"""Of which the last reply has one, too."""


@pytest.fixture
def vectors() -> Floats:
    return np.random.default_rng(1).normal(size=(len(WORDS), 16)).astype(np.float32)


def heads(seed: int, intents: int = 5) -> Heads:
    rng = np.random.default_rng(seed)

    def linear(labels: int) -> LinearHead:
        weight = 3 * rng.normal(size=(labels, 16))
        bias = rng.normal(size=labels)
        return LinearHead(weight.astype(np.float32), bias.astype(np.float32))

    inside, right, typical = rng.normal(size=(3, len(NAMES))).astype(np.float32) / 3
    bias = np.array([0.3, -0.2], dtype=np.float32)
    confidence = ConfidenceHead(inside, right, bias, typical)
    return Heads(linear(intents), linear(3), linear(2), confidence, UNKNOWN)


def seen(logits: Doubles, unknown: int = UNKNOWN) -> Seen:
    """Return the logits with what the tokenizer would tell of `IDS`."""
    lengths = np.array([len(tokens) for tokens in IDS])
    strange = np.array([tokens.count(unknown) for tokens in IDS])
    return Seen(logits, Tokens(lengths, strange))


def run(graph: bytes) -> dict[str, NDArray[np.float32]]:
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    input_ids, mask = padded(IDS)
    feed = {"input_ids": input_ids, "attention_mask": mask}
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, feed), strict=True))


def embedded(vectors: Floats) -> Floats:
    means = [vectors[tokens].mean(0) for tokens in IDS]
    return np.stack([mean / np.linalg.norm(mean) for mean in means])


@pytest.mark.parametrize("intents", [2, 5, 40])
def test_the_graph_computes_what_the_heads_say(vectors: Floats, intents: int) -> None:
    given = heads(2, intents)
    embedding = embedded(vectors)
    logits = given.intent.logits(embedding)

    outputs = run(attach_heads(bag_graph(vectors), given))

    expected = {
        "intent_probabilities": softmax(logits, axis=1),
        "sentiment_probabilities": softmax(given.sentiment.logits(embedding), axis=1),
        "confidence": given.confidence.confidence(seen(logits)),
        "embedding": embedding,
        "opt_out": softmax(given.opt_out.logits(embedding), axis=1)[:, 1],
    }
    assert set(expected) == set(OUTPUTS)
    for name in OUTPUTS:
        assert outputs[name] == pytest.approx(expected[name], abs=1e-5)


def test_padding_is_no_unknown_word(vectors: Floats) -> None:
    given = replace(heads(2), unknown_token=PADDING)
    logits = given.intent.logits(embedded(vectors))

    confidence = run(attach_heads(bag_graph(vectors), given))["confidence"]

    told = seen(logits, PADDING)
    assert told.tokens.unknown.tolist() == [0, 0, 0, 1]
    assert confidence == pytest.approx(given.confidence.confidence(told), abs=1e-5)


def test_without_a_token_for_it_no_word_is_unknown(vectors: Floats) -> None:
    given = replace(heads(2), unknown_token=-1)
    logits = given.intent.logits(embedded(vectors))

    confidence = run(attach_heads(bag_graph(vectors), given))["confidence"]

    expected = given.confidence.confidence(seen(logits, -1))
    assert confidence == pytest.approx(expected, abs=1e-5)


def test_an_effect_is_what_a_signal_adds_to_the_log_odds_of_the_chances(
    vectors: Floats,
) -> None:
    given = heads(2)
    head = given.confidence
    rows = signals(seen(given.intent.logits(embedded(vectors))))

    def log_odds(rows: Doubles) -> Doubles:
        """Return the log-odds of both chances together."""
        apart = rows - head.typical
        chances = expit(apart @ np.stack([head.inside, head.right], axis=1) + head.bias)
        return np.asarray(logit(chances).sum(1))

    effects = run(attach_heads(bag_graph(vectors), given))[SIGNALS]

    for column in range(len(NAMES)):
        without = rows.copy()
        without[:, column] = head.typical[column]
        expected = log_odds(rows) - log_odds(without)
        assert effects[:, column] == pytest.approx(expected, abs=1e-3)


def test_the_outputs_have_the_promised_names_and_shapes(vectors: Floats) -> None:
    outputs = run(attach_heads(bag_graph(vectors), heads(2)))

    shapes = {name: value.shape for name, value in outputs.items()}
    assert shapes == {
        "intent_probabilities": (4, 5),
        "sentiment_probabilities": (4, 3),
        "confidence": (4,),
        "embedding": (4, 16),
        "opt_out": (4,),
        SIGNALS: (4, len(NAMES)),
    }


def test_attaching_again_replaces_the_heads(vectors: Floats) -> None:
    encoder = bag_graph(vectors)
    outdated = attach_heads(encoder, heads(3, intents=7))

    replaced = attach_heads(outdated, heads(2))

    assert replaced == attach_heads(encoder, heads(2))


def test_an_encoder_is_what_is_left_without_heads(vectors: Floats) -> None:
    encoder = encoder_only(attach_heads(bag_graph(vectors), heads(2)))

    assert list(run(encoder)) == ["embedding"]
    names = [node.name for node in onnx.load_model_from_string(encoder).graph.node]
    assert not any(name.startswith("heads/") for name in names)
    assert encoder_only(encoder) == encoder


def test_the_heads_come_back_out(vectors: Floats) -> None:
    given = heads(2)

    told = heads_of(attach_heads(bag_graph(vectors), given))

    for name in ("intent", "sentiment", "opt_out"):
        head, expected = getattr(told, name), getattr(given, name)
        assert np.array_equal(head.weight, expected.weight)
        assert np.array_equal(head.bias, expected.bias)
    for field in ("inside", "right", "bias", "typical"):
        expected = getattr(given.confidence, field)
        assert np.array_equal(getattr(told.confidence, field), expected)
    assert told.unknown_token == UNKNOWN


def test_heads_that_came_out_go_in_again(vectors: Floats) -> None:
    graph = attach_heads(bag_graph(vectors), heads(2))

    assert attach_heads(graph, heads_of(graph)) == graph
