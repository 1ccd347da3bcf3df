"""Which program a caller means: by its id, or by the number that it sends from."""

from fastapi.exceptions import RequestValidationError

from serving.programs.number import read_number
from serving.programs.program import Program
from serving.programs.programs import Programs
from serving.recording.intake import canonical

Place = tuple[str | int, ...]
"""Where in the body it was said, for the error that names the field."""


def program_named(
    programs: Programs, program_id: str | None, sender: str | None, place: Place = ()
) -> tuple[Program, str]:
    """Return the program, and the canonical number that it sends from.

    A program without a number sends from its first one. A number that no program names
    belongs to the default one, unless a program is told beside it.

    Raises:
        RequestValidationError: neither is told, or they do not belong together.
    """
    if program_id is None and sender is None:
        raise invalid((*place, "program"), "expected a program, or the sending number")
    if program_id is None:
        assert sender is not None  # noqa: S101 - one of the two is told
        program = programs.of_number(sender)
        return program, canonical(sender, program)
    named = programs.get(program_id)
    if named is None:
        known = ", ".join(programs.by_id)
        raise invalid((*place, "program"), f"expected one of the programs {known}")
    if sender is None:
        return named, named.numbers[0].value
    if programs.id_of_key.get(_key(sender, named), program_id) != program_id:
        said = f"expected a number of the program {program_id}, got another's"
        raise invalid((*place, "sender"), said)
    return named, canonical(sender, named)


def invalid(place: Place, said: str) -> RequestValidationError:
    """Return the error that says what was expected at a place of the body."""
    error = {"type": "value_error", "loc": ("body", *place), "msg": said}
    return RequestValidationError([error])


def _key(sender: str, program: Program) -> str:
    try:
        return read_number(sender, program.country).key
    except ValueError:
        return sender.casefold()
