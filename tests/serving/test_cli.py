import csv
import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from serving.schemas import DecisionOut
from tests.serving.command import complaint, replywise

pytestmark = pytest.mark.integration

TEXTS = ["where is my order", "", "this is not maria you have the wrong number"]
ADDED = ["intent", "confidence", "sentiment", "sentiment_confidence"]


@pytest.fixture
def replies(tmp_path: Path) -> Path:
    path = tmp_path / "replies.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([["id", "text"], *enumerate(TEXTS)])
    return path


def test_classify_adds_its_columns_to_every_row(
    replies: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    done = replywise(
        *("classify", replies, "--bundle", tiny_bundle, "--out", "out.csv"),
        folder=tmp_path,
    )

    assert done.returncode == 0, done.stderr
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"] for row in rows] == TEXTS
    assert [row["id"] for row in rows] == ["0", "1", "2"]
    assert list(rows[0]) == ["id", "text", *ADDED]
    assert rows[0]["intent"] == "order_status"
    assert rows[2]["intent"] == "wrong_person"
    assert all(0 <= float(row["confidence"]) <= 1 for row in rows)


def test_classify_keeps_the_types_of_parquet(tiny_bundle: Path, tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [1, 2], "said": TEXTS[:2]}), tmp_path / "in.parquet")

    done = replywise(
        *("classify", "in.parquet", "--out", "out.parquet"),
        *("--bundle", tiny_bundle, "--text-column", "said"),
        folder=tmp_path,
    )

    assert done.returncode == 0, done.stderr
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.column_names == ["id", "said", *ADDED]
    assert table.column("id").to_pylist() == [1, 2]


def test_route_gives_one_decision_a_line(tiny_bundle: Path, tmp_path: Path) -> None:
    said = ["STOP", *TEXTS]
    lines = "".join(json.dumps({"text": text}) + "\n" for text in said)
    (tmp_path / "in.jsonl").write_text(lines, encoding="utf-8")

    done = replywise(
        *("route", "in.jsonl", "--bundle", tiny_bundle, "--out", "out.jsonl"),
        folder=tmp_path,
    )

    assert done.returncode == 0, done.stderr
    decisions = [
        json.loads(line)
        for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert [d["decided_by"] for d in decisions] == [
        "keyword",
        "model",
        "guard",
        "model",
    ]
    assert [d["message_id"] for d in decisions] == ["1", "2", "3", "4"]
    for decision in decisions:
        assert decision.keys() == DecisionOut.model_fields.keys()
        # There is no store, hence no conversation.
        DecisionOut.model_validate({**decision, "conversation_id": ""})


@pytest.mark.parametrize("command", ["classify", "route"])
def test_the_same_replies_give_the_same_bytes(
    replies: Path, tiny_bundle: Path, tmp_path: Path, command: str
) -> None:
    outs = [
        tmp_path / f"{n}.{'csv' if command == 'classify' else 'jsonl'}" for n in "ab"
    ]

    for out in outs:
        replywise(
            command, replies, "--bundle", tiny_bundle, "--out", out, folder=tmp_path
        )

    one, other = (out.read_bytes() for out in outs)
    assert one == other


def test_a_tampered_bundle_is_refused(
    replies: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    bundle = shutil.copytree(tiny_bundle, tmp_path / "bundle")
    with (bundle / "policy.yaml").open("a", encoding="utf-8") as policy:
        policy.write("# one more line\n")

    done = replywise(
        *("route", replies, "--bundle", bundle, "--out", "out.jsonl"), folder=tmp_path
    )

    assert "policy.yaml differs from its digest" in complaint(done)
    assert not (tmp_path / "out.jsonl").exists()


def test_a_bundle_of_a_newer_format_is_refused(
    replies: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    bundle = shutil.copytree(tiny_bundle, tmp_path / "bundle")
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    manifest["format"] += 1
    (bundle / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")

    done = replywise(
        *("classify", replies, "--bundle", bundle, "--out", "o.csv"), folder=tmp_path
    )

    assert "upgrade replywise" in complaint(done)


@pytest.mark.parametrize("command", ["classify", "route"])
def test_a_missing_bundle_says_how_to_make_one(
    replies: Path, tmp_path: Path, command: str
) -> None:
    done = replywise(
        *(command, replies, "--bundle", "nowhere", "--out", "out.csv"), folder=tmp_path
    )

    assert "replywise train" in complaint(done)
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("replies.csv", "--text-column", "words"),
            "replies.csv, row 1, column 'words': is missing; there are id, text.",
        ),
        (("none.csv",), "none.csv: No such file or directory"),
        (("ragged.csv",), "ragged.csv, row 1: expected 1 cells, got 2"),
    ],
)
@pytest.mark.parametrize("command", ["classify", "route"])
def test_input_that_is_wrong_is_named_to_the_column(
    replies: Path, command: str, arguments: tuple[str, ...], said: str
) -> None:
    folder = replies.parent
    (folder / "ragged.csv").write_text("text\nSTOP,now\n", encoding="utf-8")
    before = set(folder.iterdir())

    done = replywise(command, *arguments, "--out", "out.csv", folder=folder)

    assert complaint(done).startswith(said)
    assert set(folder.iterdir()) == before


def test_help_lists_the_commands_of_the_contract(tmp_path: Path) -> None:
    done = replywise("--help", folder=tmp_path)

    assert done.returncode == 0
    for command in ("train", "evaluate", "classify", "route", "serve"):
        assert command in done.stdout
