from dataclasses import replace
from pathlib import Path

import pytest

from model.bundle import DEFAULT
from model.errors import SettingsError
from serving.settings import Settings


def test_nothing_set_means_this_machine_only() -> None:
    settings = Settings.from_environment({})

    assert settings == Settings()
    assert settings.host == "127.0.0.1"
    assert settings.port == 8000
    assert settings.bundle == DEFAULT


def test_every_setting_is_read_from_the_environment() -> None:
    settings = Settings.from_environment(
        {
            "REPLYWISE_BUNDLE": "b",
            "REPLYWISE_DATA_DIR": "d",
            "REPLYWISE_DATABASE_URL": "sqlite://",
            "REPLYWISE_HOST": "::",
            "REPLYWISE_PORT": "9000",
        }
    )

    assert settings == Settings(Path("b"), Path("d"), "sqlite://", "::", 9000)


def test_the_shelf_lies_in_the_data_directory_unless_it_is_named() -> None:
    named = Settings.from_environment({"REPLYWISE_SHELF": "/srv/shelf"})

    assert Settings(data_dir=Path("d")).shelf_folder() == Path("d/shelf")
    assert named.shelf_folder() == Path("/srv/shelf")


def test_an_empty_variable_is_none() -> None:
    names = ("BUNDLE", "DATA_DIR", "DATABASE_URL", "HOST", "PORT", "SHELF")

    settings = Settings.from_environment({f"REPLYWISE_{name}": "" for name in names})

    assert settings == Settings()


@pytest.mark.parametrize("port", ["1", "65535"])
def test_a_port_may_be_any_that_exists(port: str) -> None:
    assert Settings.from_environment({"REPLYWISE_PORT": port}).port == int(port)


@pytest.mark.parametrize("port", ["0", "-1", "65536", "eighty", "8000.0"])
def test_a_port_that_is_none_is_named(port: str) -> None:
    with pytest.raises(SettingsError, match="REPLYWISE_PORT") as caught:
        Settings.from_environment({"REPLYWISE_PORT": port})

    assert repr(port) in str(caught.value)


def test_the_store_lies_in_the_data_directory_which_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "replywise"

    url = Settings(data_dir=folder).store_url()

    assert url == f"sqlite:///{folder}/replywise.db"
    assert folder.is_dir()


def test_a_url_stands_for_itself_and_makes_no_folder(tmp_path: Path) -> None:
    folder = tmp_path / "unused"

    url = Settings(data_dir=folder, database_url="sqlite:////x/y.db").store_url()

    assert url == "sqlite:////x/y.db"
    assert not folder.exists()


@pytest.mark.parametrize(
    "url", ["hunter2", "postgresql://me:hunter2@host:port/name", "://hunter2"]
)
def test_a_broken_url_is_refused_without_its_password(url: str) -> None:
    settings = replace(Settings(), database_url=url)

    with pytest.raises(SettingsError, match="--database-url") as caught:
        settings.store_url()

    assert "hunter2" not in str(caught.value)


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    with pytest.raises(SettingsError, match=f"{file}/data.*--data-dir"):
        Settings(data_dir=file / "data").store_url()
