import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer
from typer.testing import CliRunner, Result

from model.errors import SettingsError
from serving.commands.labels import export_labels, export_replies
from serving.reviews.finding import Finding
from serving.reviews.verdict import ReviewKind, Verdict
from serving.routing.decision import ConsentChange
from serving.store.database import open_store, writing
from serving.store.review_tables import reviews, users
from tests.databases import KINDS, store
from tests.serving.reviews.making import (
    ANSWERED,
    ESCALATED,
    NOON,
    RIGHT,
    a_decision,
    a_draw,
    forgotten,
    reviewed,
)
from training.dataset import read_replies
from training.gate.cases import read_cases as read_behaviour
from training.gate.mistakes import read_mistakes
from training.optout_cases import read_cases

REFUND = Finding(Verdict.WRONG_INTENT, "refund")
STORE = Finding(Verdict.WRONG_INTENT, "store_info")
MISSED = Finding(Verdict.MISSED_OPT_OUT)
FALSE = Finding(Verdict.FALSE_OPT_OUT)
STOPPED = replace(ANSWERED, intent="opt_out", consent=ConsentChange.OPT_OUT)
Run = Callable[..., Result]

app = typer.Typer()
app.command("export-labels")(export_labels)
app.command("export-replies")(export_replies)


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with store(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def engine(url: str) -> Iterator[sa.Engine]:
    engine = open_store(url)
    yield engine
    engine.dispose()


@pytest.fixture
def run(url: str) -> Run:
    """Return what runs a command on the store of the test."""

    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(app, [*map(str, arguments), "--database-url", url])

    return run


def people(engine: sa.Engine) -> None:
    with writing(engine) as connection:
        for name in ("ann", "bob", "eve"):
            row = {"user_id": name, "name": name.title(), "role": "qa"}
            connection.execute(sa.insert(users).values(**row, created_at=NOON))


def decided(engine: sa.Engine, decision_id: str, text: str, **more: object) -> None:
    with writing(engine) as connection:
        a_decision(
            connection,
            decision_id,
            text=text,
            conversation=f"c-{decision_id}",
            **more,  # type: ignore[arg-type]
        )
        a_draw(connection, decision_id, double=True)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def full(engine: sa.Engine) -> sa.Engine:
    """Return a store with a review of each sort."""
    people(engine)
    decided(engine, "d1", "hi its Maria, money back for #448120")
    decided(engine, "d2", "where is it")
    decided(engine, "d3", "two see this otherwise")
    decided(engine, "d4", "one decided this")
    decided(engine, "d5", "gone")
    decided(engine, "d6", "enough from you")
    decided(engine, "d7", "i will stop by", decision=STOPPED)
    decided(engine, "d8", "no need for a person", decision=ESCALATED)
    decided(engine, "d9", "taken back")
    reviewed(engine, "ann", "d1", REFUND)
    reviewed(engine, "ann", "d2", RIGHT)
    reviewed(engine, "ann", "d3", REFUND)
    reviewed(engine, "bob", "d3", STORE)
    reviewed(engine, "ann", "d4", REFUND)
    reviewed(engine, "bob", "d4", STORE)
    late = NOON + timedelta(days=2)
    reviewed(engine, "eve", "d4", STORE, kind=ReviewKind.ADJUDICATED, at=late)
    reviewed(engine, "ann", "d5", REFUND)
    forgotten(engine, "d5")
    reviewed(engine, "ann", "d6", MISSED)
    reviewed(engine, "ann", "d7", FALSE)
    reviewed(engine, "ann", "d8", Finding(Verdict.NEEDLESS_ESCALATION))
    reviewed(engine, "ann", "d9", REFUND)
    with writing(engine) as connection:
        of = reviews.c.decision_id == "d9"
        connection.execute(sa.update(reviews).where(of).values(undone_at=NOON))
    return engine


@pytest.mark.usefixtures("full")
def test_reviews_become_files_that_training_and_the_gate_read(
    run: Run, tmp_path: Path
) -> None:
    out, cases, behaviour = (
        tmp_path / name for name in ("reviewed.csv", "cases.csv", "behaviour.yaml")
    )

    told = run(
        *("export-labels", "--out", out, "--optout-out", cases),
        *("--behaviour-out", behaviour),
    )

    assert told.exit_code == 0, told.output
    labels = {row["id"]: row for row in rows(out)}
    assert {key: row["intent"] for key, row in labels.items()} == {
        "d1": "refund",
        "d4": "store_info",
        "d6": "opt_out",
    }
    assert labels["d1"]["text"] == "hi its Sam, money back for #100234"
    assert labels["d1"]["replaced"] == "name number"
    assert labels["d1"]["group"] == "c-d1"
    assert labels["d4"]["reviewer"] == "Eve"
    assert labels["d1"]["probability"] == "0.5"
    assert len(read_replies([out], labels=False)) == 3
    found = read_cases(cases)
    assert found.train[["id", "opt_out"]].to_numpy().tolist() == [
        ["d6", True],
        ["d7", False],
    ]
    assert {m.verdict for m in read_mistakes([out])} == {
        "wrong_intent",
        "missed_opt_out",
    }
    assert len(read_behaviour([behaviour])) == 4
    for reason in ("reviewers differ", "were erased", "decided rightly", "no intent"):
        assert f"1 left out: {reason}" in told.stderr.replace("the words ", "")


@pytest.mark.usefixtures("full")
def test_right_ones_are_added_on_request(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "reviewed.jsonl"

    assert run("export-labels", "--out", out, "--include-right").exit_code == 0

    read = [json.loads(line) for line in out.read_text().splitlines()]
    assert {row["id"]: row["intent"] for row in read}["d2"] == "order_status"


@pytest.mark.usefixtures("full")
def test_only_what_was_reviewed_since_goes_out_with_all_its_reviews(
    run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "reviewed.csv"

    assert run("export-labels", "--out", out, "--since", "2026-11-24").exit_code == 0

    assert [(row["id"], row["intent"]) for row in rows(out)] == [("d4", "store_info")]


def test_one_mistaken_review_does_not_undo_opt_outs_that_others_found_right(
    engine: sa.Engine, run: Run, tmp_path: Path
) -> None:
    people(engine)
    for number in range(3):
        decided(engine, f"d{number}", "stop texting me", decision=STOPPED)
        reviewed(engine, "ann", f"d{number}", RIGHT if number else FALSE)
    decided(engine, "d9", "i will stop by", decision=STOPPED)
    reviewed(engine, "ann", "d9", FALSE)
    out, cases, behaviour = (
        tmp_path / name for name in ("reviewed.csv", "cases.csv", "behaviour.yaml")
    )

    told = run(
        *("export-labels", "--out", out, "--optout-out", cases),
        *("--behaviour-out", behaviour),
    )

    assert told.exit_code == 0, told.output
    assert [row["id"] for row in rows(cases)] == ["d9"]
    assert [case.texts for case in read_behaviour([behaviour])] == [("i will stop by",)]
    assert "1 left out: the same words were labelled otherwise" in told.stderr


@pytest.mark.usefixtures("full")
def test_another_program_has_nothing_to_export(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "reviewed.csv"

    told = run("export-labels", "--out", out, "--program", "other")

    assert told.exit_code == 1
    assert "Nothing to export" in told.stderr
    assert not out.exists()


@pytest.mark.usefixtures("full")
def test_replies_go_out_once_each_without_names(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "recent.csv"

    told = run("export-replies", "--out", out, "--since", "2026-11-01")

    assert told.exit_code == 0, told.output
    read = {row["id"]: row for row in rows(out)}
    assert len(read) == 8
    assert read["d1"]["text"] == "hi its Sam, money back for #100234"
    assert (read["d1"]["intent"], read["d1"]["confidence"]) == ("order_status", "0.97")
    assert read["d8"]["action"] == "escalate"
    assert "1 had lost their words" in told.stderr


def test_what_comes_often_comes_first_with_its_last_decision(
    run: Run, engine: sa.Engine, tmp_path: Path
) -> None:
    with writing(engine) as connection:
        for number, text in enumerate(
            ("my order 448120?", "hello", "my order 771902?")
        ):
            at = NOON + timedelta(minutes=number)
            a_decision(connection, f"d{number}", text=text, at=at)
    out = tmp_path / "recent.csv"

    assert run("export-replies", "--out", out, "--since", "2026-11-01").exit_code == 0

    assert [(row["id"], row["text"], row["count"]) for row in rows(out)] == [
        ("d2", "my order 100234?", "2"),
        ("d1", "hello", "1"),
    ]


def test_nothing_decided_writes_nothing(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "recent.csv"

    assert run("export-replies", "--out", out).exit_code == 1
    assert not out.exists()


def test_a_moment_to_come_is_refused(run: Run, tmp_path: Path) -> None:
    told = run("export-replies", "--out", tmp_path / "x.csv", "--since", "2999-01-01")

    assert isinstance(told.exception, SettingsError)
    assert "expected a moment that is past" in str(told.exception)
