"""The suggestions as one self-contained page."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jinja2

_TEMPLATES = Path(__file__).parent.parent / "templates"


@dataclass(frozen=True, slots=True)
class Summary:
    """What was looked at: labelled replies, recent texts, and with which encoder."""

    labelled: int
    recent: int
    encoder: str


def write_page(path: Path, summary: Summary, found: Mapping[str, object]) -> None:
    """Write the page; `found` has the lists of `Suggestions`."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("suggest.html")
    path.write_text(template.render(summary=summary, **found), encoding="utf-8")
