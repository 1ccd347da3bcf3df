import asyncio
import json
from collections import Counter
from pathlib import Path

from benchmarks.paced import Asked, paced
from benchmarks.swap import told, whole
from benchmarks.swap_ground import some_texts, without_answers
from benchmarks.swap_phase import Phase, judged, outcome
from benchmarks.wire import Answer
from model.bundle import DEFAULT, read_manifest
from model.bundle_copy import verify
from serving.routing.ruleset import THRESHOLDS

DECISION = {
    "bundle": "A",
    "intent": "refund",
    "confidence": 0.9,
    "sentiment": "neutral",
    "language": "en",
    "decided_by": "model",
    "action": "escalate",
    "consent": None,
    "queue": "orders",
    "reply": {"template": "holding@1", "text": "One moment."},
    "alternatives": [],
    "reasons": [],
    "also": [],
}


def answered(number: int, seconds: float = 0.01, **changes: object) -> Asked:
    body = json.dumps({**DECISION, **changes}).encode()
    return Asked(number, Answer(200, body), seconds)


def test_answers_are_held_against_what_their_bundle_decides_alone() -> None:
    alone = {
        ("A", "hi"): outcome(DECISION),
        ("B", "hi"): outcome({**DECISION, "action": "reply"}),
    }
    asked = [
        answered(0),
        answered(1, bundle="B", action="reply"),
        answered(2, seconds=0.5, bundle="B"),
        answered(3, bundle="C"),
        Asked(4, Answer(503, b"{}"), 0.01),
        Asked(5, None, 0.01),
    ]

    phase = judged("swapping", ["hi"], alone, asked, rate=100)

    assert (phase.answers, phase.failed, phase.mixed) == (6, 2, 2)
    assert phase.by_bundle == {"A": 1, "B": 2, "C": 1}
    assert phase.worst == 0.5


def a_phase(**changes: object) -> Phase:
    fields = {
        "name": "swapping",
        "answers": 10,
        "failed": 0,
        "mixed": 0,
        "rate": 200.0,
        "p50": 0.01,
        "p99": 0.02,
        "worst": 0.03,
        "by_bundle": Counter({"sha256:a": 5, "sha256:b": 5}),
        "swaps": 4,
    }
    return Phase(**{**fields, **changes})  # type: ignore[arg-type]


def test_it_holds_where_both_decided_and_nothing_failed_or_mixed() -> None:
    assert whole([a_phase()])
    assert not whole([a_phase(failed=1)])
    assert not whole([a_phase(), a_phase(mixed=1)])
    assert not whole([a_phase(by_bundle=Counter({"sha256:a": 10}))])


def test_figures_are_told_in_milliseconds() -> None:
    lines = list(told([a_phase(compared=9, left_out=1)]))

    assert "p50  10.0 ms, p99   20.0 ms" in lines[0]
    assert "4 swaps; 5 by a, 5 by b" in lines[1]
    assert "9 compared, 1 left out" in lines[2]


def test_the_other_bundle_is_a_whole_one(tmp_path: Path) -> None:
    folder = without_answers(tmp_path)

    manifest = read_manifest(folder)
    verify(folder, manifest.bundle_id)
    assert manifest.bundle_id != read_manifest(DEFAULT).bundle_id
    assert json.loads((folder / THRESHOLDS).read_bytes()) == {"intents": {}}


def test_requests_are_due_by_the_clock() -> None:
    async def run() -> list[Asked]:
        async def serve(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            while await reader.readline():
                await asyncio.sleep(0.05)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            return await paced(port, lambda n: f"{n}\n".encode(), 100, 0.2)

    asked = asyncio.run(run())

    assert sorted(one.number for one in asked) == list(range(20))
    assert all(one.answer and one.answer.status == 200 for one in asked)
    assert all(one.seconds >= 0.05 for one in asked)


def test_there_are_as_many_texts_as_are_asked_for() -> None:
    texts = some_texts(3_000)

    assert len(texts) == len(set(texts)) == 3_000
    assert some_texts(5) == texts[:5]
