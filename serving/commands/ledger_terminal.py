"""What the ledger's commands read and show in a terminal."""

from collections.abc import Sequence

from rich.table import Table

from model.errors import SettingsError
from serving.ledger.disagreements import Disagreement
from serving.programs.deployment import read_deployment
from serving.programs.number import read_number
from serving.programs.programs import Programs
from serving.settings import Settings


class _AnyLanguage(frozenset[str]):
    """Whatever a program speaks: that the bundle speaks it too is `serve`'s to see."""

    __slots__ = ()

    def __contains__(self, _language: object) -> bool:
        return True


def known_programs(settings: Settings) -> Programs:
    """Return the deployment's programs; SettingsError, RulesError as they say."""
    return read_deployment(settings.programs, _AnyLanguage()).programs


def canonical_number(text: str, programs: Programs) -> str:
    """Return the number as the ledger has it; an error does not repeat it."""
    try:
        return read_number(text, programs.default.country).value
    except ValueError as error:
        raise SettingsError(f"NUMBER: {error}") from error


def table_of(found: Sequence[Disagreement]) -> Table:
    """Return the disagreements as a table."""
    table = Table("number", "program", "difference", "provider", "told", "ledger since")
    for each in found:
        table.add_row(
            each.number,
            each.program,
            each.difference.value,
            each.provider or "",
            f"{each.provider_at:%Y-%m-%d %H:%M}",
            f"{each.ledger_at:%Y-%m-%d %H:%M}",
        )
    return table
