"""What a deployment sets up beside the bundle: programs, quiet hours, the pepper."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from serving.programs.deployment import DEFAULT, read_deployment
from serving.programs.programs import Programs
from serving.sending.parse_quiet_hours import parse_quiet_hours
from serving.sending.quiet_hours import QuietHours

BUILT_IN_LANGUAGES = ("en", "es", "fr", "pt", "de")


@dataclass(frozen=True, slots=True)
class Setup:
    """The deployment's own part of a decision.

    Attributes:
        programs: who texts from which numbers.
        quiet_hours: when solicitations may go out.
        pepper: the secret by which erased numbers are still known to be suppressed;
            None where nothing was ever erased.
    """

    programs: Programs
    quiet_hours: QuietHours
    pepper: bytes | None = field(default=None, repr=False)


def read_setup(
    folder: Path, languages: Collection[str], pepper: bytes | None = None
) -> Setup:
    """Read the setup in `folder`.

    Raises:
        SettingsError, RulesError: a file is missing, or a line cannot be meant.
    """
    deployment = read_deployment(folder, languages)
    programs = deployment.programs
    quiet_hours = parse_quiet_hours(deployment.quiet_hours, programs.by_id)
    return Setup(programs, quiet_hours, pepper)


def built_in() -> Setup:
    """Return the setup that ships."""
    return read_setup(DEFAULT, BUILT_IN_LANGUAGES)
