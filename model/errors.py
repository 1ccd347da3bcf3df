"""Everything that can go wrong for a reason the caller can mend.

ReplywiseError
├── BundleError              a bundle cannot be used; the one in use stays in use
│   ├── BundleMissing        there is no bundle where one was expected
│   ├── BundleTampered       a file differs from what the manifest promises
│   └── BundleFormat         written by another version, or not a bundle at all
├── ShelfError               the shelf of bundles cannot be changed as asked
├── RulesError               a rules file (policy, keywords, templates) is wrong
├── InputError               a file of replies cannot be read as asked
├── SettingsError            the deployment is set up in a way that cannot work
├── ReplayError              a replay of logged decisions ended before its time
└── StoreError               the store cannot be opened or written
    └── RowRefused           one row cannot be held; others could be written

Messages say what was expected, what came, where, and what to do. They never hold
a person's number or words.
"""

from pathlib import Path


class ReplywiseError(Exception):
    """Base of every error that has a message meant for a person."""


class BundleError(ReplywiseError):
    """A bundle cannot be used."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class BundleMissing(BundleError):  # noqa: N818 - the state is the name
    """There is no bundle where one was expected."""


class BundleTampered(BundleError):  # noqa: N818 - the state is the name
    """A file of the bundle differs from what its manifest promises."""


class BundleFormat(BundleError):  # noqa: N818 - the state is the name
    """The bundle was written in a format that this version cannot read."""


class ShelfError(ReplywiseError):
    """The shelf of bundles cannot be read, or not be changed as asked."""


class RulesError(ReplywiseError):
    """A rules file says something that cannot be meant."""

    def __init__(self, file: str, where: str, problem: str) -> None:
        super().__init__(f"{file}: {where}: {problem}")


class InputError(ReplywiseError):
    """A file of replies cannot be read as asked."""

    def __init__(
        self,
        path: Path | str,
        problem: str,
        *,
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        places = [str(path)]
        if row is not None:
            places.append(f"row {row}")
        if column is not None:
            places.append(f"column {column!r}")
        super().__init__(f"{', '.join(places)}: {problem}")


class SettingsError(ReplywiseError):
    """The deployment is set up in a way that cannot work."""


class ReplayError(ReplywiseError):
    """A replay of logged decisions ended before its time."""


class StoreError(ReplywiseError):
    """The store cannot be opened or written."""


class RowRefused(StoreError):  # noqa: N818 - the state is the name
    """The store is well, and cannot hold one of the rows it was given."""
