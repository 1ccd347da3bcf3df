import logging
from dataclasses import replace
from pathlib import Path

import pytest

from model.errors import SettingsError
from serving.edge.doors import make_doors
from serving.programs.program import SecretNames
from tests.serving.doorstep import program, secrets_of, setup_of
from tests.serving.providers.senders import SENDERS, fetch

TELNYX = SENDERS["telnyx"]


def test_every_program_has_a_door_of_its_own() -> None:
    shop, other = program(TELNYX), program(SENDERS["aws"], "other")

    doors = make_doors(setup_of(shop, other).programs, secrets_of(TELNYX), fetch)

    assert set(doors) == {"shop", "other"}
    assert doors["shop"].provider.name == "telnyx"
    assert doors["shop"].secrets == TELNYX.secrets()
    assert doors["other"].secrets is not None
    assert doors["other"].secrets.keys == ()


def test_keys_of_the_environment_and_of_files_hold_at_once(tmp_path: Path) -> None:
    new, old = TELNYX.secrets(*TELNYX.keys).keys
    (tmp_path / "key").write_text(f"{old}\n")
    names = SecretNames(("SHOP_KEY", "NOT_SET"), (tmp_path / "key", tmp_path / "none"))
    shop = program(TELNYX, secrets=names)

    doors = make_doors(setup_of(shop).programs, {"SHOP_KEY": new}, fetch)

    assert doors["shop"].secrets is not None
    assert doors["shop"].secrets.keys == (new, old)


def test_without_a_secret_the_door_stays_shut_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING, "serving"):
        doors = make_doors(setup_of(program(TELNYX)).programs, {"SHOP_KEY": ""}, fetch)

    assert doors["shop"].secrets is None
    assert "program shop takes no webhooks" in caplog.text


def test_a_secret_that_cannot_be_the_providers_is_told_at_the_start() -> None:
    programs = setup_of(program(TELNYX)).programs

    with pytest.raises(SettingsError, match="no public key") as told:
        make_doors(programs, {"SHOP_KEY": "a token of another provider"}, fetch)

    assert "token of another" not in str(told.value)


def test_a_secret_that_cannot_be_read_is_told_by_its_path(tmp_path: Path) -> None:
    names = SecretNames((), (tmp_path,))
    programs = setup_of(replace(program(TELNYX), secrets=names)).programs

    with pytest.raises(SettingsError, match="program shop: the secret in"):
        make_doors(programs, {}, fetch)
