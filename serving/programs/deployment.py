"""The programs and quiet hours of a deployment, from one folder."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from model.errors import SettingsError
from serving.programs.parse_programs import parse_programs
from serving.programs.programs import Programs
from serving.routing.lined_yaml import LinedYaml

PROGRAMS = "programs.yaml"
QUIET_HOURS = "quiet_hours.yaml"
DEFAULT = Path(__file__).with_name("default")
"""What ships: one made-up brand, so that a newcomer has something to try."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a folder says: its programs, and the source of the quiet hours."""

    programs: Programs
    quiet_hours: LinedYaml


def read_deployment(folder: Path, languages: Collection[str]) -> Deployment:
    """Read `programs.yaml` and `quiet_hours.yaml` of `folder`.

    Args:
        folder: where both lie.
        languages: those that the bundle has words in.

    Raises:
        SettingsError: a file is missing.
        RulesError: a line of them cannot be meant.
    """
    try:
        files = {name: (folder / name).read_bytes() for name in (PROGRAMS, QUIET_HOURS)}
    except OSError as error:
        raise SettingsError(
            f"{folder}: expected {PROGRAMS} and {QUIET_HOURS}, {error.strerror}; name "
            "their folder with --programs or REPLYWISE_PROGRAMS"
        ) from error
    programs = parse_programs(LinedYaml.parse(PROGRAMS, files), languages)
    return Deployment(programs, LinedYaml.parse(QUIET_HOURS, files))
