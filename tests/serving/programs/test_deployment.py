from pathlib import Path

import pytest

from model.errors import SettingsError
from serving.programs.deployment import (
    DEFAULT,
    PROGRAMS,
    QUIET_HOURS,
    read_deployment,
)
from tests.serving.programs.shipped import DATA, LANGUAGES


@pytest.mark.parametrize("name", [PROGRAMS, QUIET_HOURS])
def test_what_ships_is_what_people_edit(name: str) -> None:
    assert (DEFAULT / name).read_bytes() == (DATA / name).read_bytes()


def test_a_folder_is_read_whole() -> None:
    deployment = read_deployment(DEFAULT, LANGUAGES)

    assert deployment.programs.default.brand == "Fernhill"


def test_a_missing_file_says_how_to_name_the_folder(tmp_path: Path) -> None:
    (tmp_path / PROGRAMS).write_bytes((DATA / PROGRAMS).read_bytes())

    with pytest.raises(SettingsError, match="--programs or REPLYWISE_PROGRAMS"):
        read_deployment(tmp_path, LANGUAGES)
