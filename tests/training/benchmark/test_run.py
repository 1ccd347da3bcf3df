"""The benchmark with a fake that learns texts by heart."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from rich.console import Console

from model.errors import InputError
from model.prediction import Prediction, Ranked
from training.benchmark.published import PREDICTIONS
from training.benchmark.run import BenchmarkRequest, run_benchmark
from training.progress import Steps

TRAIN = (
    "text,label\nwhere is it,order\nmoney back,refund\nwhere,order\n"
    "money please,refund\nsent,order\nwhen,order\nlate,order\nlost,order\n"
)
TEST = "text,label\nWhere is it?,order\nmoney now,refund\nmoney,refund\nsend it,order\n"


@dataclass(frozen=True, slots=True)
class ByWord:
    """Tells a refund by the word "money", everything else is an order."""

    sure: float

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        return [
            Prediction(
                intents=(Ranked("refund" if "money" in text else "order", 0.8),),
                confidence=self.sure if "sing" not in text else 0.1,
                sentiments=(Ranked("neutral", 0.9),),
            )
            for text in texts
        ]


@dataclass(frozen=True, slots=True)
class FakeFit:
    """Remembers what it was asked for."""

    asked: list[tuple[int, bool, int]] = field(default_factory=list)

    def __call__(
        self,
        texts: Sequence[str],
        labels: Sequence[str],
        *,
        deep: bool,
        seed: int,
        steps: Steps,
    ) -> ByWord:
        assert len(texts) == len(labels)
        with steps.step("Learning words"):
            self.asked.append((len(texts), deep, seed))
        return ByWord(0.9)


@pytest.fixture
def request_(tmp_path: Path) -> BenchmarkRequest:
    data = tmp_path / "data"
    for name in ("banking77", "shop"):
        folder = data / name
        folder.mkdir(parents=True)
        (folder / "train.csv").write_text(TRAIN, encoding="utf-8")
        (folder / "test.csv").write_text(TEST, encoding="utf-8")
    outside = "text,label\nsing,oos\nsing a song,oos\n"
    (data / "shop" / "oos_test.csv").write_text(outside, encoding="utf-8")
    rows = PREDICTIONS["banking77"][0]
    predicted = "label,P_pred,P_score\na,a,0.9\na,NO_MATCH,1.0\n"
    (data / "banking77" / rows.file).write_text(
        predicted.replace("P_", f"{rows.prefix}_"), encoding="utf-8"
    )
    return BenchmarkRequest(
        data=data,
        sets=(),
        seeds=1,
        rows=None,
        deep=True,
        json=tmp_path / "figures.json",
        markdown=tmp_path / "tables.md",
    )


def ran(request: BenchmarkRequest, fit: FakeFit | None = None) -> str:
    console = Console(record=True, width=150, file=io.StringIO())
    run_benchmark(request, console, fit or FakeFit())
    return console.export_text()


def test_ours_stands_under_what_is_published(request_: BenchmarkRequest) -> None:
    told = ran(request_)

    first, second, third, ours = (
        told.index(name)
        for name in ("SPACE-2", "MPNet, tuned", "Dialogflow CX", "replywise, encoder")
    )
    assert first < second < third < ours
    assert "94.77" in told
    assert "100.00" in told


def test_the_table_says_what_was_trained_and_what_is_repeated(
    request_: BenchmarkRequest,
) -> None:
    told = ran(request_)

    assert "shop: 8 rows of train.csv, 2 labels; scored on 4 rows of test.csv" in told
    assert (
        "Test texts that also occur in train, case and punctuation ignored: 1." in told
    )
    assert "2 out-of-scope rows are scored; none of the set's is trained on." in told


def test_programs_get_the_figures(request_: BenchmarkRequest) -> None:
    ran(request_)

    assert request_.json
    told = json.loads(request_.json.read_text(encoding="utf-8"))["sets"]
    assert [one["set"] for one in told] == ["banking77", "shop"]
    figures = {figure["measure"]: figure for figure in told[1]["figures"]}
    assert figures["accuracy"]["value"] == 1.0
    assert figures["out-of-scope AUROC"]["value"] == 1.0
    assert figures["out-of-scope recall at 4 % false"]["by_seed"] == [1.0]
    assert told[1]["seeds"] == [7]
    assert told[1]["test_texts_also_in_train"] == 1
    assert told[1]["published"] == []
    assert {p["system"] for p in told[0]["published"]} >= {"SPACE-2", "Dialogflow CX"}
    assert told[0]["files"]["train.csv"].startswith("sha256:")


def test_a_sentiment_is_as_sure_as_its_own_probability(
    request_: BenchmarkRequest,
) -> None:
    (request_.data / "shop").rename(request_.data / "tweeteval_sentiment")

    ran(replace(request_, sets=("banking77", "tweeteval_sentiment")))

    assert request_.json
    told = json.loads(request_.json.read_text(encoding="utf-8"))["sets"]
    gaps = [
        figure["value"]
        for one in told
        for figure in one["figures"]
        if figure["measure"] == "expected calibration error, in scope"
    ]
    # All are right: an intent by its confidence of 0.9, a sentiment at 0.8.
    assert gaps == pytest.approx([0.1, 0.2])


def test_people_get_the_tables(request_: BenchmarkRequest) -> None:
    ran(request_)

    assert request_.markdown
    told = request_.markdown.read_text(encoding="utf-8").splitlines()
    assert "| accuracy | SPACE-2 | 110M | 94.77 |  |" in "\n".join(told)
    ours = next(line for line in told if "**replywise" in line)
    assert ours.startswith("| **accuracy** | **replywise, encoder tuned, int8** |")
    assert "**100.00** | **100.00 to 100.00**" in ours


def test_each_seed_trains_once_and_is_told(request_: BenchmarkRequest) -> None:
    fit = FakeFit()

    told = ran(replace(request_, sets=("shop",), seeds=3, deep=False), fit)

    assert fit.asked == [(8, False, 7), (8, False, 8), (8, False, 9)]
    assert "mean of 3 seeds: 100.00 to 100.00" in told
    assert "replywise, heads only, int8" in told


def test_a_sample_is_told(request_: BenchmarkRequest) -> None:
    fit = FakeFit()

    told = ran(replace(request_, sets=("shop",), rows=7), fit)

    assert [rows for rows, _, _ in fit.asked] == [7]
    assert "Trained on a sample: 7 of 8 rows." in told


def test_a_place_that_is_not_there_is_told_before_training(
    request_: BenchmarkRequest,
) -> None:
    fit = FakeFit()
    gone = request_.data / "gone" / "file"

    for request in (replace(request_, json=gone), replace(request_, markdown=gone)):
        with pytest.raises(InputError, match="there is no folder"):
            ran(request, fit)

    assert fit.asked == []


def test_a_wrong_file_of_the_last_set_is_told_before_training(
    request_: BenchmarkRequest,
) -> None:
    fit = FakeFit()
    (request_.data / "shop" / "test.csv").write_text("text\nhi\n", encoding="utf-8")

    with pytest.raises(InputError, match=r"shop/test\.csv, column 'label': is missing"):
        ran(request_, fit)

    assert fit.asked == []


def test_too_few_texts_of_every_label_are_told_before_training(
    request_: BenchmarkRequest,
) -> None:
    fit = FakeFit()
    few = "text,label\nwhere is it,order\nmoney back,refund\n"
    (request_.data / "shop" / "train.csv").write_text(few, encoding="utf-8")

    with pytest.raises(InputError, match=r"shop/train\.csv.* got 1 among the 2"):
        ran(request_, fit)

    assert fit.asked == []


def test_what_the_set_calls_out_of_scope_is_not_trained_on(
    request_: BenchmarkRequest,
) -> None:
    fit = FakeFit()
    more = TRAIN + "sing to me,oos\ndance,oos\n"
    (request_.data / "shop" / "train.csv").write_text(more, encoding="utf-8")
    strange = TEST + "dance with me,oos\n"
    (request_.data / "shop" / "test.csv").write_text(strange, encoding="utf-8")

    told = ran(replace(request_, sets=("shop",)), fit)

    assert [rows for rows, _, _ in fit.asked] == [8]
    left = "2 training rows bear a label of the out-of-scope ones and are left out,"
    assert left in " ".join(told.split())
    assert "scored on 4 rows of test.csv" in told


def test_two_sets_of_one_name_are_refused(request_: BenchmarkRequest) -> None:
    (request_.data / "shop" / "train_10.csv").write_text(TRAIN, encoding="utf-8")
    folder = request_.data / "shop-10"
    folder.mkdir()
    for name in ("train.csv", "test.csv"):
        (folder / name).write_text(TRAIN, encoding="utf-8")

    with pytest.raises(InputError, match="one of two sets called shop-10; rename one"):
        ran(request_)


def test_what_is_done_is_kept_when_a_later_set_fails(
    request_: BenchmarkRequest,
) -> None:
    def fails_second(
        texts: Sequence[str],
        labels: Sequence[str],
        *,
        deep: bool,
        seed: int,
        steps: Steps,
    ) -> ByWord:
        if fit.asked:
            raise InputError("shop", "cannot be trained")
        return fit(texts, labels, deep=deep, seed=seed, steps=steps)

    fit = FakeFit()
    with pytest.raises(InputError, match="cannot be trained"):
        run_benchmark(request_, Console(quiet=True), fails_second)

    assert request_.json
    told = json.loads(request_.json.read_text(encoding="utf-8"))["sets"]
    assert [one["set"] for one in told] == ["banking77"]
