"""`replywise demo`: a month of simulated traffic, served with its console."""

import json
import random
import secrets
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer
from rich.console import Console
from rich.progress import Progress

from model.shelf import Shelf
from serving.command_store import DatabaseUrl, opened, settings_of
from serving.console import users as people
from serving.console.by import By
from serving.console.passwords import hashed
from serving.console.viewer import Role
from serving.demo.challenger import BESIDE, put_beside, sooner
from serving.demo.chance import Clock, Ids
from serving.demo.month import Month
from serving.demo.replies import Labelled, read_labelled
from serving.demo.traffic import traffic
from serving.ids import new_id, now
from serving.live import load_live
from serving.recording.intake import Intake, Recorded
from serving.recording.setup import read_setup
from serving.serve import run
from serving.settings import Settings
from serving.store.database import reading, writing
from serving.store.tables import decisions

DAYS = 30
A_DAY = 300
SEED = 7
PEOPLE = {
    "maria": Role.QA,
    "tom": Role.QA,
    "priya": Role.QA,
    "sam": Role.ANALYST,
    "alex": Role.ADMIN,
}
SHOWN = ("maria", "sam", "alex")
"""One of each role; their passwords are shown."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What a simulated month is made of.

    Attributes:
        replies: labelled ones.
        until: when it ends, aware.
        days: how long it is.
        a_day: replies on a usual day.
        seed: of everything random in it.
    """

    replies: list[Labelled]
    until: datetime
    days: int = DAYS
    a_day: int = A_DAY
    seed: int = SEED


def demo(
    replies: Annotated[
        Path, typer.Option(help="Labelled replies (text, intent) that people write.")
    ],
    data_dir: Annotated[
        Path, typer.Option(help="Where the store lies; filled where it is empty.")
    ] = Path("replywise-data/demo"),
    database_url: DatabaseUrl = None,
    port: Annotated[int, typer.Option(help="Where the console is served.")] = 8000,
    seed: Annotated[int, typer.Option(help="The same one gives the same month.")] = 7,
    a_day: Annotated[int, typer.Option(min=1, help="Replies on a usual day.")] = A_DAY,
    *,
    serve: Annotated[bool, typer.Option(help="Serve it, or fill it only.")] = True,
) -> None:
    """Fill a store with a month of simulated traffic, and serve it."""
    console = Console(stderr=True)
    settings = replace(settings_of(database_url, data_dir), port=port)
    with opened(settings) as engine:
        if _empty(engine):
            until = now().replace(minute=0, second=0, microsecond=0)
            month = Demo(read_labelled(replies), until, a_day=a_day, seed=seed)
            fill(engine, settings, month, console)
        passwords = _sign_ins(engine)
    console.print("\nSign in at [bold]/console[/] as one of these:", highlight=False)
    for name, password in passwords.items():
        console.print(f"  {PEOPLE[name]:8} {name:6} {password}", highlight=False)
    console.print()
    if serve:
        run(settings, console)


def fill(engine: sa.Engine, settings: Settings, demo: Demo, console: Console) -> Month:
    """Fill an empty store; the same demo gives the same rows."""
    chance = random.Random(demo.seed)  # noqa: S311 - no secret, and the same again
    first = demo.until - timedelta(days=demo.days)
    clock = Clock(first)
    ids = Ids(clock, chance)
    live = load_live(settings.bundle, threads=0)
    setup = read_setup(settings.programs, live.rules.languages, settings.pepper)
    senders = [p.numbers[0].value for p in setup.programs.by_id.values()]
    coming = traffic(
        demo.replies,
        senders,
        until=demo.until,
        days=demo.days,
        a_day=demo.a_day,
        chance=chance,
    )
    with writing(engine) as connection:
        by = By("demo", clock.now, ids.new)
        users = {
            name: people.add(connection, name, role, by)
            for name, role in PEOPLE.items()
        }
    month = Month(
        engine,
        live,
        Intake(now=clock.now, new_id=ids.new, setup=setup),
        clock,
        ids,
        chance,
        demo.until,
        [users[name].user_id for name, role in PEOPLE.items() if role is Role.QA],
        users["sam"].user_id,
    )
    with Progress(console=console, transient=True) as progress:
        texts = len({reply.text for reply in coming})
        deciding = progress.add_task("Deciding", total=len(coming) + texts)
        month.decide(coming, lambda n: progress.advance(deciding, n))
        month.hand_over()
        month.count()
        reviewing = progress.add_task("Reviewing", total=demo.days)
        seed = chance.randbytes(16).hex()
        month.review(first, seed, lambda n: progress.advance(reviewing, n))
        progress.add_task("Deciding beside", total=None)
        _challenge(month, settings, first)
    console.print(
        f"{len(coming)} replies of {demo.days} days up to {demo.until:%Y-%m-%d %H:%M}",
        highlight=False,
    )
    return month


def _challenge(month: Month, settings: Settings, first: datetime) -> None:
    since = month.until - BESIDE
    lately = [one for one in month.recorded if _received(one) >= since]
    shelf = Shelf(settings.shelf_folder())
    with tempfile.TemporaryDirectory() as folder:
        challenger = sooner(settings.bundle, Path(folder), since)
        put_beside(
            month.engine,
            shelf,
            (settings.bundle, first),
            challenger,
            lately,
            month.clock,
            month.ids,
        )


def _received(recorded: Recorded) -> datetime:
    return datetime.fromisoformat(json.loads(recorded.inputs)["received_at"])


def _empty(engine: sa.Engine) -> bool:
    with reading(engine) as connection:
        return (
            connection.execute(sa.select(decisions.c.message_id).limit(1)).first()
            is None
        )


def _sign_ins(engine: sa.Engine) -> dict[str, str]:
    """Give those who are shown new passwords; whoever starts the demo sees them."""
    made = {name: secrets.token_urlsafe(12) for name in SHOWN}
    by = By("demo", now, new_id)
    with writing(engine) as connection:
        for name, password in made.items():
            if people.by_name(connection, name) is None:
                people.add(connection, name, PEOPLE[name], by)
            people.set_password(connection, name, hashed(password), by)
    return made
