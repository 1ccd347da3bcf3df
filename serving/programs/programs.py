"""All programs of a deployment, found by id or by number."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from serving.programs.number import read_number
from serving.programs.program import Program


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs; `default` is one of them and takes numbers that none names.

    Attributes:
        by_id: every program.
        default_id: the program for all other numbers.
        id_of_key: which program a sending number belongs to, by `Number.key`.
    """

    by_id: Mapping[str, Program]
    default_id: str
    id_of_key: Mapping[str, str]

    def __iter__(self) -> Iterator[Program]:
        return iter(self.by_id.values())

    @property
    def default(self) -> Program:
        """The program for numbers that none names."""
        return self.by_id[self.default_id]

    def get(self, program_id: str) -> Program | None:
        """Return the program called `program_id`, None where there is none."""
        return self.by_id.get(program_id)

    def of_number(self, number: str) -> Program:
        """Return the program that sends from `number`, however it is written."""
        try:
            key = read_number(number, self.default.country).key
        except ValueError:
            return self.default
        return self.by_id[self.id_of_key.get(key, self.default_id)]
