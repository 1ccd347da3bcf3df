"""The pages of the console: where they are, who may see them, which key leads there."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from serving.console.viewer import ADMINS, ANALYSTS, EVERYONE, Role, Viewer


@dataclass(frozen=True, slots=True)
class Page:
    """One entry of the navigation.

    Attributes:
        name: what the link says.
        path: where it leads.
        key: the letter that leads there after `g`.
        roles: who may see it.
    """

    name: str
    path: str
    key: str
    roles: AbstractSet[Role]


PAGES = (
    Page("Review", "/console/review", "r", EVERYONE),
    Page("Quality", "/console/quality", "q", EVERYONE),
    Page("Overview", "/console/overview", "o", EVERYONE),
    Page("Models", "/console/models", "m", ANALYSTS),
    Page("Drift", "/console/drift", "d", ANALYSTS),
    Page("Consent", "/console/consent", "c", EVERYONE),
    Page("Users", "/console/users", "u", ADMINS),
)
"""In the order of the navigation; the first that a role may see is its home."""


def pages_of(viewer: Viewer | None) -> tuple[Page, ...]:
    """Return the pages that `viewer` may see; none to someone not signed in."""
    if viewer is None:
        return ()
    return tuple(page for page in PAGES if viewer.role in page.roles)


def page_at(path: str) -> Page | None:
    """Return the page that `path` belongs to."""
    for page in PAGES:
        if path == page.path or path.startswith(f"{page.path}/"):
            return page
    return None
