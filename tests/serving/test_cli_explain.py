import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from model.bundle import load_bundle
from model.explain import explain
from model.neighbours import NEIGHBOURS
from serving.explanation import explanation_body
from serving.schemas import ExplanationOut
from tests.bag_bundle import bag_bundle, bag_folder
from tests.serving.command import replywise
from training.writing import rules_files

ROOT = Path(__file__).parent.parent.parent
TEXTS = ["where is my parcel", "", "i want back my money"]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    bag = bag_bundle()
    assert bag.neighbours is not None
    files = {**rules_files(ROOT / "data"), NEIGHBOURS: bag.neighbours.pack()}
    return bag_folder(tmp_path_factory.mktemp("bag") / "bundle", bag, files)


def classified(folder: Path, source: str, out: str, *, bundle: Path) -> Path:
    done = replywise(
        *("classify", source, "--explain", "--bundle", bundle, "--out", out),
        folder=folder,
    )
    assert done.returncode == 0, done.stderr
    return folder / out


def expected(bundle: Path) -> list[dict[str, object]]:
    loaded = load_bundle(bundle)
    return [explanation_body(explain(loaded, text)) for text in TEXTS]


def test_a_csv_gets_the_explanation_as_json_text(bundle: Path, tmp_path: Path) -> None:
    with (tmp_path / "in.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["id", "text"], *enumerate(TEXTS)])

    out = classified(tmp_path, "in.csv", "out.csv", bundle=bundle)

    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[-2:] == ["sentiment_confidence", "explanation"]
    told = [json.loads(row["explanation"]) for row in rows]
    assert told == expected(bundle)
    assert [word["word"] for word in told[0]["words"]] == TEXTS[0].split()
    for one in told:
        ExplanationOut.model_validate(one, extra="forbid")


def test_json_lines_get_an_object(bundle: Path, tmp_path: Path) -> None:
    lines = "".join(json.dumps({"text": text}) + "\n" for text in TEXTS)
    (tmp_path / "in.jsonl").write_text(lines, encoding="utf-8")

    out = classified(tmp_path, "in.jsonl", "out.jsonl", bundle=bundle)

    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["explanation"] for row in rows] == expected(bundle)


def test_a_lone_surrogate_is_explained_too(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": "where \\ud83d"}\n', encoding="utf-8")

    out = classified(tmp_path, "in.jsonl", "out.jsonl", bundle=bundle)

    [row] = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert row["explanation"]["words"][1]["word"] == "\ud83d"


def test_parquet_gets_the_explanation_as_json_text(
    bundle: Path, tmp_path: Path
) -> None:
    pq.write_table(pa.table({"text": TEXTS}), tmp_path / "in.parquet")

    out = classified(tmp_path, "in.parquet", "out.parquet", bundle=bundle)

    column = pq.read_table(out).column("explanation").to_pylist()
    assert [json.loads(text) for text in column] == expected(bundle)
