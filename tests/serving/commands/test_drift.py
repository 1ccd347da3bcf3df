import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from model.errors import SettingsError
from serving.commands.drift import drift
from serving.ids import now
from serving.store.database import open_store
from tests.databases import store as store_of
from tests.serving.drift.store import NEW, Calendar
from tests.serving.replay.bundles import bundle_of

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a store of 16 days up to yesterday, when something new was said."""
    folder = tmp_path_factory.mktemp("drift")
    with store_of("sqlite", folder) as url:
        engine = open_store(url)
        calendar = Calendar(engine)
        yesterday = now().date() - DAY
        for number in range(16):
            calendar.usual(yesterday - number * DAY, 60)
        calendar.put(yesterday, NEW * 5)
        engine.dispose()
        return url


@pytest.fixture(autouse=True)
def bundle(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Let a small bundle be the one that decides."""
    folder = bundle_of(tmp_path_factory.mktemp("bundle") / "bundle", 0.5)
    monkeypatch.setenv("REPLYWISE_BUNDLE", str(folder))
    monkeypatch.chdir(tmp_path)


def test_looks_at_what_is_due_and_tells_it(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    drift(json=Path("days.json"), database_url=url)

    told = capsys.readouterr()
    days = json.loads(Path("days.json").read_text(encoding="utf-8"))
    assert len(days) == 16
    assert days[-1]["headline"] in told.out
    assert "looked unlike the 15 days before" in days[-1]["headline"]
    assert re.search(r"learning.*as usual.*unusual", told.out, re.DOTALL)
    assert told.err.count("looked at") == 16


def test_json_goes_to_the_terminal_alone_and_nothing_is_looked_at_twice(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    drift(since="3d", json=Path("-"), database_url=url)

    told = capsys.readouterr()
    assert [day["replies"] for day in json.loads(told.out)] == [60, 60, 75]
    assert told.err == ""


def test_a_moment_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="--since: expected 12h"):
        drift(since="lately", database_url=url)


def test_an_empty_store_has_nothing_to_tell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drift(json=Path("-"), database_url=f"sqlite:///{tmp_path}/empty.db")

    assert json.loads(capsys.readouterr().out) == []
