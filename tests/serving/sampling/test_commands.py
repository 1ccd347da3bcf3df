from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from model.errors import SettingsError
from serving import ids
from serving.access.audit import entries
from serving.sampling import commands
from serving.sampling.designs import day_of, design_on, designs
from serving.store.database import reading
from serving.store.review_tables import sample_draws
from tests.serving.sampling.making import a_day

Run = Callable[..., Result]
YESTERDAY = ids.now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(1)


@pytest.fixture
def run(sqlite: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return what runs a command on the store of the test."""
    monkeypatch.setenv("COLUMNS", "200")
    url = str(sqlite.url)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(commands.sample, [*arguments, "--database-url", url])

    return run


def drawn(engine: sa.Engine) -> int:
    with reading(engine) as connection:
        return (
            connection.scalar(sa.select(sa.func.count()).select_from(sample_draws)) or 0
        )


def test_before_the_first_draw_there_is_nothing_to_show(run: Run) -> None:
    result = run("show")

    assert result.exit_code == 0
    assert "Nothing was drawn yet" in result.stderr


def test_what_is_over_is_drawn_and_shown(run: Run, sqlite: sa.Engine) -> None:
    a_day(sqlite, YESTERDAY)

    result = run("draw")
    shown = run("show")

    assert f"{YESTERDAY:%Y-%m-%d}: 200 of 400 drawn" in result.stdout
    assert drawn(sqlite) == 200
    assert "200 decisions a day since" in shown.stdout
    assert "200 of 400 decisions in" in shown.stdout
    assert "opted_out" in shown.stdout
    assert run("draw").stdout == ""


def test_another_budget_holds_from_today_on(run: Run, sqlite: sa.Engine) -> None:
    result = run("set", "--per-day", "60", "--double", "0.3")
    again = run("set", "--per-day", "80")

    today = day_of(ids.now())
    assert result.exit_code == again.exit_code == 0
    assert f"80 decisions of each day from {today} on, 30%" in again.stderr
    with reading(sqlite) as connection:
        kept = design_on(connection, today)
        kept_all = designs(connection)
        noted = entries(connection, action="sample.design_set")
    assert kept
    assert (kept.design.per_day, kept.design.double) == (80, 0.3)
    assert kept.actor.startswith("operator")
    assert len({one.design.seed for one in kept_all}) == 1
    assert [entry.details["per_day"] for entry in noted] == [60, 80]


def test_yesterday_is_drawn_by_the_design_that_held_then(
    run: Run, sqlite: sa.Engine
) -> None:
    a_day(sqlite, YESTERDAY)
    run("set", "--per-day", "60")

    run("draw")

    assert drawn(sqlite) == 200


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("set", "--per-day", "3"), "expected 10 to 2000, got 3"),
        (("set", "--double", "7"), "expected 0 to 1, got 7"),
        (("plan", "--per-day", "9000"), "expected 10 to 2000, got 9000"),
        (("plan",), "no decision was recorded"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    run: Run, arguments: tuple[str, ...], named: str, sqlite: sa.Engine
) -> None:
    result = run(*arguments)

    assert isinstance(result.exception, SettingsError)
    assert named in str(result.exception)
    with reading(sqlite) as connection:
        assert designs(connection) == []


def test_larger_budgets_tell_more(run: Run, sqlite: sa.Engine) -> None:
    a_day(sqlite, YESTERDAY, of=2_000)

    result = run("plan", "--per-day", "50", "--per-day", "400", "--days", "30")

    assert result.exit_code == 0, result.output
    assert "2,000 decisions on" in result.stdout
    [line] = [
        text for text in result.stdout.splitlines() if "Wrong automatic answers" in text
    ]
    numbers = [float(part) for part in line.split() if part.replace(".", "").isdigit()]
    supposed, low_few, high_few, low_many, high_many = numbers
    assert supposed == 1.0
    assert low_few < low_many < supposed < high_many < high_few
