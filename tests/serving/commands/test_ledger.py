import getpass
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer
from typer.testing import CliRunner, Result

from model.errors import InputError, ReplywiseError, SettingsError
from serving.access.audit import AuditEntry, entries
from serving.commands.ledger import ledger
from serving.ledger.disagreements import DIFFERENCES, Difference
from serving.ledger.event import ConsentEvent, Kind, Scope, Source
from serving.ledger.history import history, keyed_digest
from serving.store.database import open_store, reading, writing
from serving.store.tables import messages_in
from tests.databases import KINDS, store
from tests.serving.ledger.making import event as any_event
from tests.serving.ledger.making import recorded

NUMBER = "+12125551234"
PEPPER = "a secret of the deployment"
Run = Callable[..., Result]

app = typer.Typer()
app.add_typer(ledger, name="ledger")


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
def run(url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return what runs a command on the store of the test."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("REPLYWISE_PEPPER", PEPPER)
    monkeypatch.setattr(getpass, "getuser", lambda: "ann")

    def run(*arguments: str | Path) -> Result:
        words = ["ledger", *map(str, arguments), "--database-url", url]
        return CliRunner().invoke(app, words)

    return run


def event(
    kind: Kind = Kind.OPT_OUT, minutes: float = 0, **fields: object
) -> ConsentEvent:
    ours = {"number": NUMBER, "brand": "Fernhill", "program": "fernhill", **fields}
    return any_event(kind, minutes, **ours)


def audited(engine: sa.Engine) -> list[AuditEntry]:
    with reading(engine) as connection:
        return entries(connection)


def head_of(run: Run) -> str:
    result = run("head")
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def test_a_whole_ledger_is_said_to_be_whole_up_to_its_head(
    run: Run, engine: sa.Engine
) -> None:
    recorded(engine, event(Kind.OPT_IN), event(minutes=1))

    result = run("verify", "--anchor", head_of(run))

    assert result.exit_code == 0
    assert result.stdout == f"whole: 2 entries, 0 erased; head {head_of(run)}\n"


def test_a_changed_row_is_named_and_ends_in_1(run: Run, engine: sa.Engine) -> None:
    recorded(engine, event(Kind.OPT_IN), event(minutes=1), event(Kind.NOTE, 2))
    with writing(engine) as connection:
        sqlite = engine.dialect.name == "sqlite"
        connection.exec_driver_sql(
            "DROP TRIGGER consent_events_update"
            + ("" if sqlite else " ON consent_events")
        )
        connection.exec_driver_sql(
            "UPDATE consent_events SET kind = 'opt_in' WHERE sequence = 2"
        )

    result = run("verify")

    assert result.exit_code == 1
    assert result.stdout.startswith("broken at entry 2: The entry does not have its ")


def test_an_anchor_of_another_ledger_is_missed(run: Run, engine: sa.Engine) -> None:
    recorded(engine, event())

    result = run("verify", "--anchor", f"1:{'0' * 64}")

    assert result.exit_code == 1
    assert "noted elsewhere" in result.stdout


@pytest.mark.parametrize("anchor", ["1", "1:ab", f"-1:{'0' * 64}", f"1:{'Z' * 64}"])
def test_an_anchor_that_is_none_is_refused(run: Run, anchor: str) -> None:
    assert isinstance(run("verify", "--anchor", anchor).exception, SettingsError)


@pytest.mark.parametrize(
    ("out", "files"),
    [
        ("evidence.html", {"evidence.html"}),
        ("evidence.JSON", {"evidence.json"}),
        ("evidence", {"evidence.html", "evidence.json"}),
    ],
)
def test_evidence_is_written_as_the_ending_says(
    run: Run, engine: sa.Engine, tmp_path: Path, out: str, files: set[str]
) -> None:
    recorded(engine, event(text="please stop"))
    folder = tmp_path / "out"
    folder.mkdir()

    result = run("export", "(212) 555-1234", "--out", folder / out)

    assert result.exit_code == 0, result.output
    assert {path.name for path in folder.iterdir()} == files
    for path in folder.iterdir():
        assert "please stop" in path.read_text(encoding="utf-8")
        assert f"{path}: 1 events" in result.stdout


def test_evidence_in_json_is_whole(run: Run, engine: sa.Engine, tmp_path: Path) -> None:
    recorded(engine, event(), event(number="+12125550000", text="other"))

    run("export", NUMBER, "--out", tmp_path / "one.json")

    body = json.loads((tmp_path / "one.json").read_text(encoding="utf-8"))
    assert body["number"] == NUMBER
    assert [each["kind"] for each in body["events"]] == ["opt_out"]
    assert body["ledger"]["whole"] is True


@pytest.mark.parametrize(
    ("number", "out", "error"),
    [
        (NUMBER, "evidence.pdf", SettingsError),
        ("not a number at all", "evidence.json", SettingsError),
        (NUMBER, "missing/evidence.json", InputError),
    ],
)
def test_an_export_that_cannot_be_meant_writes_nothing(
    run: Run, tmp_path: Path, number: str, out: str, error: type[ReplywiseError]
) -> None:
    before = sorted(tmp_path.iterdir())

    result = run("export", number, "--out", tmp_path / out)

    assert isinstance(result.exception, error)
    assert number not in str(result.exception)
    assert sorted(tmp_path.iterdir()) == before


def test_an_erased_number_stays_suppressed_and_is_audited(
    run: Run, engine: sa.Engine, tmp_path: Path
) -> None:
    recorded(engine, event(Kind.OPT_IN, text="yes"), event(minutes=1, text="stop"))

    result = run("erase", NUMBER, "--reason", "ticket 42", "--yes")

    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("erased: 2 ledger entries")
    [told] = audited(engine)
    assert (told.actor, told.action) == ("operator:ann", "contact.erased")
    assert told.subject_digest == keyed_digest(NUMBER, PEPPER.encode())
    assert told.details == {"entries": 2, "reason": "ticket 42"}
    with reading(engine) as connection:
        assert history(connection, NUMBER) == []
    # Whatever the deployment's programs are, each suppresses the number.
    run("export", NUMBER, "--out", tmp_path / "left.json")
    left = json.loads((tmp_path / "left.json").read_text(encoding="utf-8"))
    assert {each["program"] for each in left["programs"]} == {
        "fernhill",
        "fernhill_visits",
    }
    assert run("verify").stdout.startswith("whole: 4 entries, 2 erased")


def test_an_erasure_asks_first(run: Run, engine: sa.Engine) -> None:
    recorded(engine, event())

    result = run("erase", NUMBER, "--reason", "ticket 42")

    assert result.exit_code == 1
    with reading(engine) as connection:
        assert len(history(connection, NUMBER)) == 1


def test_an_erasure_without_the_pepper_is_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REPLYWISE_PEPPER")

    result = run("erase", NUMBER, "--reason", "ticket 42", "--yes")

    assert isinstance(result.exception, SettingsError)
    assert "openssl rand" in str(result.exception)


def test_a_number_in_the_reason_of_an_erasure_undoes_it(
    run: Run, engine: sa.Engine
) -> None:
    recorded(engine, event())

    result = run("erase", NUMBER, "--reason", f"asked by {NUMBER}", "--yes")

    assert isinstance(result.exception, SettingsError)
    assert NUMBER not in str(result.exception)
    with reading(engine) as connection:
        assert len(history(connection, NUMBER)) == 1
    assert audited(engine) == []


def _came(key: str, days: int) -> dict[str, object]:
    moment = datetime.now(UTC) - timedelta(days=days)
    return {
        "key": key,
        "program": "fernhill",
        "provider": "twilio",
        "message_id": key,
        "number": NUMBER,
        "sender": "72345",
        "channel": "sms",
        "text": "stop",
        "text_digest": "ab",
        "media": 0,
        "sent_at": moment,
        "received_at": moment,
        "decided_as": key,
    }


def test_old_words_are_forgotten_and_those_of_the_ledger_stay(
    run: Run, engine: sa.Engine
) -> None:
    recorded(engine, event(text="stop"))
    with writing(engine) as connection:
        rows = [_came("old", 40), _came("new", 2)]
        connection.execute(sa.insert(messages_in), rows)

    result = run("forget", "--older-than", "30")
    again = run("forget", "--older-than", "30")

    assert result.stdout == "forgotten: 0 decisions, 1 messages\n"
    assert again.stdout == "forgotten: 0 decisions, 0 messages\n"
    with reading(engine) as connection:
        table = messages_in.c
        texts = connection.scalars(sa.select(table.text).order_by(table.received_at))
        assert texts.all() == ["", "stop"]
        assert history(connection, NUMBER)[0].event.text == "stop"
    assert audited(engine)[0].details == {"days": 30, "decisions": 0, "messages": 1}
    assert run("forget", "--older-than", "0").exit_code == 2


def test_a_block_beside_consent_is_a_disagreement(run: Run, engine: sa.Engine) -> None:
    blocked, joined = recorded(
        engine,
        event(source=Source.PROVIDER, provider="twilio", provider_verdict="21610"),
        event(Kind.OPT_IN, 5, source=Source.WEB, scope=Scope.MARKETING),
    )

    [line] = run("disagreements", "--json").stdout.splitlines()
    table = run("disagreements")

    told = json.loads(line)
    assert told["number"] == NUMBER
    assert told["difference"] == "provider_blocks"
    assert told["provider"] == "twilio"
    assert told["provider_event"] == blocked.event_id
    assert told["ledger_event"] == joined.event_id
    assert NUMBER in table.stdout
    assert "provider_blocks" in table.stdout
    assert DIFFERENCES[Difference.PROVIDER_BLOCKS] in table.stderr


def test_a_delivery_beside_an_opt_out_is_a_disagreement(
    run: Run, engine: sa.Engine
) -> None:
    recorded(
        engine,
        event(),
        event(Kind.NOTE, 60, source=Source.PROVIDER, provider_verdict="delivered"),
    )

    [line] = run("disagreements", "--json").stdout.splitlines()
    assert json.loads(line)["difference"] == "provider_delivers"


@pytest.mark.parametrize(
    "agreeing",
    [
        pytest.param([], id="nothing"),
        pytest.param([event()], id="we alone know of an opt-out"),
        pytest.param([event(source=Source.PROVIDER)], id="both suppress"),
        pytest.param(
            [event(source=Source.PROVIDER), event(Kind.OPT_IN, 5)],
            id="an opt-in by text, which the provider heard",
        ),
        pytest.param(
            [
                event(source=Source.PROVIDER),
                event(Kind.OPT_IN, 5, source=Source.WEB),
                event(Kind.OPT_IN, 9, source=Source.PROVIDER),
            ],
            id="the provider lifted its block",
        ),
        pytest.param(
            [event(), event(Kind.NOTE, -60, source=Source.PROVIDER)],
            id="delivered before",
        ),
        pytest.param(
            [
                event(source=Source.PROVIDER, program="other"),
                event(Kind.OPT_IN, 5, source=Source.WEB),
            ],
            id="of another program",
        ),
        pytest.param(
            [event(text='{"source":"provider"}'), event(Kind.OPT_IN, 5)],
            id="a person who writes JSON",
        ),
    ],
)
def test_where_both_agree_nothing_is_shown(
    run: Run, engine: sa.Engine, agreeing: list[ConsentEvent]
) -> None:
    recorded(engine, *agreeing)

    assert run("disagreements", "--json").stdout == ""


def test_the_store_is_found_as_the_service_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REPLYWISE_DATABASE_URL", raising=False)
    monkeypatch.setenv("REPLYWISE_DATA_DIR", str(tmp_path / "by_environment"))
    words = ["ledger", "head"]

    by_environment = CliRunner().invoke(app, words)
    CliRunner().invoke(app, [*words, "--data-dir", str(tmp_path / "by_option")])

    assert by_environment.stdout == f"0:{'0' * 64}\n"
    for folder in ("by_environment", "by_option"):
        assert (tmp_path / folder / "replywise.db").exists()
