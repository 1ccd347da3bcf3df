"""Words of a reply without what names a person, with all that is on record of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from model.text import readable
from serving.programs.programs import Programs
from serving.redaction.found import Kind
from serving.redaction.redact import Redacted, redact

_SORTS = (
    ("name", Kind.NAME),
    ("mail", Kind.EMAIL),
    ("phone", Kind.PHONE),
    ("address", Kind.ADDRESS),
    ("number", Kind.NUMBER),
    ("birth", Kind.BIRTH),
)
"""What the name of a template's variable says of its value: "first_name"."""

_OURS = ("brand", "store", "shop", "support", "emergency", "product", "team")
"""Variables that begin so are of the brand, not of the person."""

_SHORTEST = 2
"""Characters; less is found in every other word."""


@dataclass(frozen=True, slots=True)
class Nameless:
    """Redacts replies to the programs of a deployment.

    Attributes:
        programs: tell which country's telephone numbers a reply holds.
    """

    programs: Programs

    def of(self, text: str, program: str, variables: Mapping[str, str]) -> Redacted:
        """Return a reply on one line, redacted."""
        known = self.programs.by_id.get(program, self.programs.default)
        return redact(
            readable(text), known=on_record(variables), regions=(known.country,)
        )


def on_record(variables: Mapping[str, str]) -> dict[str, Kind]:
    """Return the values of variables that are details of a person."""
    found = {}
    for name, value in variables.items():
        sort = next((kind for part, kind in _SORTS if part in name), None)
        if sort and not name.startswith(_OURS) and len(value) >= _SHORTEST:
            found[value] = sort
    return found
