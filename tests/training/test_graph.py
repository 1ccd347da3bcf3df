import numpy as np
import onnx
import onnxruntime as ort
import pytest
from numpy.typing import NDArray
from scipy.special import softmax

from model.classifier import OUTPUTS, padded
from model.prediction import Floats
from tests.training.word_bag import WORDS, bag_graph
from training.graph import Heads, attach_heads, encoder_only, sentiment_head
from training.heads import ConfidenceHead, LinearHead

IDS = ([1, 2, 3, 4], [9, 10], [5], [3, 3, 12, 0, 7])


@pytest.fixture
def vectors() -> Floats:
    return np.random.default_rng(1).normal(size=(len(WORDS), 16)).astype(np.float32)


def heads(seed: int, intents: int = 5) -> Heads:
    rng = np.random.default_rng(seed)

    def linear(labels: int) -> LinearHead:
        weight = 3 * rng.normal(size=(labels, 16))
        bias = rng.normal(size=labels)
        return LinearHead(weight.astype(np.float32), bias.astype(np.float32))

    weight = np.array([0.7, 0.4, 0.2], dtype=np.float32)
    return Heads(linear(intents), linear(3), ConfidenceHead(weight, 0.3))


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
    feelings = given.sentiment.logits(embedding)

    outputs = run(attach_heads(bag_graph(vectors), given))

    expected = {
        "intent_probabilities": softmax(logits, axis=1),
        "sentiment_probabilities": softmax(feelings, axis=1),
        "confidence": given.confidence.confidence(logits),
        "embedding": embedding,
    }
    for name in OUTPUTS:
        assert outputs[name] == pytest.approx(expected[name], abs=1e-5)


def test_the_outputs_have_the_promised_names_and_shapes(vectors: Floats) -> None:
    outputs = run(attach_heads(bag_graph(vectors), heads(2)))

    shapes = {name: value.shape for name, value in outputs.items()}
    assert shapes == {
        "intent_probabilities": (4, 5),
        "sentiment_probabilities": (4, 3),
        "confidence": (4,),
        "embedding": (4, 16),
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


def test_the_sentiment_head_comes_back_out(vectors: Floats) -> None:
    given = heads(2)

    head = sentiment_head(attach_heads(bag_graph(vectors), given))

    assert np.array_equal(head.weight, given.sentiment.weight)
    assert np.array_equal(head.bias, given.sentiment.bias)
