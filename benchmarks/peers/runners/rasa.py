"""Rasa 3.6: the pipeline of `rasa init` up to DIETClassifier."""

import asyncio
import json
from pathlib import Path

from benchmarks.peers.runners.common import Answer, Lesson, main

PIPELINE = [
    {"name": "WhitespaceTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {
        "name": "CountVectorsFeaturizer",
        "analyzer": "char_wb",
        "min_ngram": 1,
        "max_ngram": 4,
    },
    {
        "name": "DIETClassifier",
        "epochs": 100,
        "constrain_similarities": True,
        "random_seed": 1,
    },
]
"""What `rasa init` writes; what comes after would only replace unsure intents."""


def train(lesson: Lesson) -> None:
    """Train the pipeline; the folder keeps the model's archive."""
    from rasa.model_training import train_nlu

    examples = [
        {"text": text, "intent": label, "entities": []}
        for text, label in zip(lesson.texts, lesson.labels)  # noqa: B905 - equally long
    ]
    config = {
        "recipe": "default.v1",
        "assistant_id": "peer",
        "language": "en",
        "pipeline": PIPELINE,
    }
    # JSON is YAML, and one text may hold what YAML would read as a sign.
    file, data = lesson.folder / "config.yml", lesson.folder / "nlu.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    told = {"rasa_nlu_data": {"common_examples": examples}}
    data.write_text(json.dumps(told), encoding="utf-8")
    train_nlu(str(file), str(data), str(lesson.folder), fixed_model_name="model")


def load(folder: Path) -> Answer:
    """Answer with the first intent and its confidence."""
    from rasa.core.agent import Agent

    agent = Agent.load(folder / "model.tar.gz")
    loop = asyncio.new_event_loop()

    def answer(text: str) -> tuple[str, float]:
        intent = loop.run_until_complete(agent.parse_message(text))["intent"]
        return intent["name"] or "", float(intent["confidence"])

    return answer


if __name__ == "__main__":
    main(train, load)
