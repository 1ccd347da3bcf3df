"""The programs that ship, and small ones made from them."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from serving.programs.parse_programs import parse_programs
from serving.programs.programs import Programs
from serving.routing.lined_yaml import LinedYaml

DATA = Path(__file__).parents[3] / "data"
LANGUAGES = ("en", "es", "fr", "pt", "de")
NAME = "programs.yaml"


def shipped_programs() -> Programs:
    return programs_of((DATA / NAME).read_text(encoding="utf-8"))


def programs_of(text: str) -> Programs:
    source = LinedYaml.parse(NAME, {NAME: text.encode()})
    return parse_programs(source, LANGUAGES)


def shipped_with(changed: Mapping[str, object]) -> str:
    """Return the shipped file with fields of `fernhill` changed; None drops one."""
    body = yaml.safe_load((DATA / NAME).read_text(encoding="utf-8"))
    fields = body["programs"]["fernhill"]
    fields.update(changed)
    for name in [name for name, value in fields.items() if value is None]:
        del fields[name]
    text: str = yaml.safe_dump(body, sort_keys=False)
    return text
