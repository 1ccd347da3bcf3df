"""A YAML file whose errors also name the line, and which refuses a key said twice.

PyYAML lets the second of two equal keys win in silence: of two programs of one name,
one would be gone and its numbers with it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

import yaml

from model.errors import RulesError
from serving.routing.yaml_file import YamlFile


@dataclass(frozen=True, slots=True)
class LinedYaml(YamlFile):
    """A mapping inside a YAML file, which knows its file, its place and its lines.

    Attributes:
        lines: the line (from 1) of every field, by its path from the top of the file.
    """

    lines: Mapping[str, int]

    @classmethod
    def parse(cls, name: str, files: Mapping[str, bytes]) -> Self:
        """Read the file called `name`; RulesError where it is no YAML mapping."""
        source = YamlFile.parse(name, files)
        root = yaml.compose(files[name], Loader=yaml.SafeLoader)
        lines: dict[str, int] = {}
        for path, line in _lines(root, "", frozenset()):
            if path in lines:
                where = f"line {line}, {path}"
                problem = f"is here twice, first in line {lines[path]}; keep one"
                raise RulesError(name, where, problem)
            lines[path] = line
        return cls(name, "", source.fields, lines)

    def error(self, key: str, problem: str) -> RulesError:
        """Return the error that `key` has `problem`, with its line."""
        path = f"{self.where}.{key}" if self.where else key
        # A field that is missing has no line; the mapping that lacks it has one.
        line = self.lines.get(path) or self.lines.get(self.where)
        return RulesError(self.file, f"line {line}, {path}" if line else path, problem)

    def child(self, key: str) -> "LinedYaml":
        """Return the mapping at `key`."""
        inner = YamlFile.child(self, key)
        return LinedYaml(inner.file, inner.where, inner.fields, self.lines)

    def children(self) -> "Iterator[tuple[str, LinedYaml]]":
        """Yield every key with the mapping it holds."""
        for key in self.fields:
            yield key, self.child(key)

    def required_flag(self, key: str) -> bool:
        """Return the truth value at `key`, which must be told."""
        if key not in self.fields:
            raise self.error(key, "expected true or false, got nothing; say which")
        return self.flag(key)


def _lines(
    node: yaml.Node | None, path: str, above: frozenset[int]
) -> Iterator[tuple[str, int]]:
    """Yield every field's path and line; an alias inside itself is not followed."""
    if id(node) in above:
        return
    within = above | {id(node)}
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = f"{path}.{key.value}" if path else str(key.value)
            yield inner, key.start_mark.line + 1
            yield from _lines(value, inner, within)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield f"{path}[{number}]", value.start_mark.line + 1
            yield from _lines(value, f"{path}[{number}]", within)
