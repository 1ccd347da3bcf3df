"""A YAML rules file, read field by field with errors that say where."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, TypeVar

import yaml

from model.errors import RulesError

E = TypeVar("E", bound=StrEnum)

# Six times as fast, where PyYAML was built with libyaml: a service that takes up
# another bundle has replies to decide meanwhile.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A mapping inside a YAML file, which knows its file and its place in it."""

    file: str
    where: str
    fields: Mapping[str, object]

    @classmethod
    def parse(cls, name: str, files: Mapping[str, bytes]) -> Self:
        """Read the file called `name`; RulesError where it is no YAML mapping."""
        if name not in files:
            raise RulesError(name, "file", "is missing from the bundle")
        try:
            body = _loaded(files[name])
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            place = f"line {mark.line + 1}" if mark else "file"
            problem = getattr(error, "problem", None) or "is not YAML"
            raise RulesError(name, place, problem) from error
        except ValueError as error:
            # PyYAML lets a date that no calendar has through to `datetime`.
            raise RulesError(name, "file", f"holds no such date: {error}") from error
        if not isinstance(body, dict):
            raise RulesError(name, "file", "expected a mapping")
        _check_keys(name, "", body)
        return cls(name, "", body)

    def error(self, key: str, problem: str) -> RulesError:
        """Return the error that `key` has `problem`."""
        return RulesError(self.file, self._at(key), problem)

    def only(self, *known: str) -> None:
        """Refuse a key that is not known: a typo would be a rule that never acts."""
        for key in self.fields:
            if key not in known:
                problem = f"is not known here; there are {', '.join(known)}"
                raise self.error(str(key), problem)

    def child(self, key: str) -> "YamlFile":
        """Return the mapping at `key`."""
        value = self.fields.get(key)
        if not isinstance(value, dict):
            raise self.error(key, f"expected a mapping, got {_kind(value)}")
        _check_keys(self.file, self._at(key), value)
        return YamlFile(self.file, self._at(key), value)

    def children(self) -> Iterator[tuple[str, "YamlFile"]]:
        """Yield every key with the mapping it holds."""
        for key in self.fields:
            yield key, self.child(key)

    def text(self, key: str, default: str | None = None) -> str:
        """Return the text at `key`."""
        value = self.fields.get(key, default)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, f"expected text, got {_kind(value)}")
        return value

    def optional_text(self, key: str) -> str | None:
        """Return the text at `key`, None where there is none."""
        return self.text(key) if self.fields.get(key) is not None else None

    def number(
        self, key: str, low: float, high: float, default: float | None = None
    ) -> float:
        """Return the number at `key`, which must lie from `low` to `high`."""
        value = self.fields.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(key, f"expected a number, got {_kind(value)}")
        if not low <= value <= high:
            raise self.error(key, f"expected {low} to {high}, got {value}")
        return float(value)

    def optional_number(self, key: str, low: float, high: float) -> float | None:
        """Return the number at `key`, None where there is none."""
        return self.number(key, low, high) if key in self.fields else None

    def flag(self, key: str) -> bool:
        """Return the truth value at `key`, false where there is none."""
        value = self.fields.get(key, False)
        if not isinstance(value, bool):
            raise self.error(key, f"expected true or false, got {_kind(value)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the list of texts at `key`, empty where there is none."""
        value = self.fields.get(key, [])
        if not isinstance(value, list):
            raise self.error(key, f"expected a list, got {_kind(value)}")
        for number, item in enumerate(value):
            if not isinstance(item, str):
                hint = "; put it in quotes" if isinstance(item, bool) else ""
                problem = f"expected text, got {_kind(item)}{hint}"
                raise self.error(f"{key}[{number}]", problem)
        return tuple(value)

    def choice(self, key: str, kind: type[E], default: E | None = None) -> E:
        """Return the member of `kind` named at `key`."""
        value = self.fields.get(key, default)
        try:
            return kind(str(value))
        except ValueError as error:
            known = ", ".join(kind)
            raise self.error(key, f"expected one of {known}, got {value!r}") from error

    def _at(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key


def _loaded(data: bytes) -> object:
    try:
        return yaml.load(data, _LOADER)  # noqa: S506 - both are safe
    except yaml.YAMLError:
        return yaml.safe_load(data)  # It knows better where the mistake is.


def _check_keys(file: str, where: str, body: Mapping[object, object]) -> None:
    """Refuse keys that YAML took for something else: `no` and `on` are booleans."""
    for key in body:
        if not isinstance(key, str):
            place = f"{where}.{key}" if where else str(key)
            problem = f"expected text, got {_kind(key)}; put it in quotes"
            raise RulesError(file, place, problem)


def _kind(value: object) -> str:
    return "nothing" if value is None else f"{type(value).__name__} {value!r}"
