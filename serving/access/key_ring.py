"""The keys in memory, so that a request costs no query.

All of them are read at once: there are tens of keys, and a caller who tries ids that
do not exist cannot make the store work. What was read holds for `HOLDS_SECONDS`; a
revocation is effective within that time, also in other processes. Where the store
cannot be read nobody is let in: a key might have been revoked.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from model.errors import StoreError
from serving.access.api_key import ApiKey
from serving.access.keys import all_keys, note_uses
from serving.store.database import reading, writing

HOLDS_SECONDS = 3.0
"""How old what was read may grow."""

AGAIN_SECONDS = 1.0
"""How old it is at least when it is read again for the sake of a key that it lacks."""

USES_SECONDS = 60.0
"""How often the moments of last use are written: a write waits for other writers."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Keys:
    """Every key as of one moment."""

    by_id: Mapping[str, ApiKey]

    @property
    def none_exists(self) -> bool:
        """Whether the store holds no key at all; then the service is open."""
        return not self.by_id


class KeyRing:
    """Reads the keys when they are wanted, once for all who wait for them."""

    def __init__(
        self, engine: sa.Engine, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._keys: Keys | None = None
        self._read_at = 0.0
        self._reading: asyncio.Task[Keys] | None = None
        self._uses: dict[str, datetime] = {}
        self._uses_written_at = clock()
        self._writing: asyncio.Task[None] | None = None

    async def keys(self, *, at_most_seconds: float = HOLDS_SECONDS) -> Keys:
        """Return the keys as of at most so many seconds ago.

        Raises:
            StoreError: they cannot be read.
        """
        if self._keys is not None and self._clock() - self._read_at < at_most_seconds:
            return self._keys
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
            self._reading.add_done_callback(self._was_read)
        # Whoever gives up waiting does not stop it for the others.
        return await asyncio.shield(self._reading)

    def used(self, key_id: str, moment: datetime) -> None:
        """Note that a key was used; written now and then, beside the requests."""
        self._uses[key_id] = moment
        due = self._clock() - self._uses_written_at >= USES_SECONDS
        if due and self._writing is None:
            self._uses_written_at = self._clock()
            self._writing = asyncio.create_task(
                asyncio.to_thread(self._write, self._taken())
            )
            self._writing.add_done_callback(self._was_written)

    def write_uses(self) -> None:
        """Write the moments of last use, when the service stops."""
        if uses := self._taken():
            self._write(uses)

    def _taken(self) -> dict[str, datetime]:
        uses, self._uses = self._uses, {}
        return uses

    def _write(self, uses: dict[str, datetime]) -> None:
        try:
            with writing(self._engine) as connection:
                note_uses(connection, uses)
        except StoreError as error:
            # A moment of last use is lost; that must not stop a call.
            _log.warning("last uses of keys were not noted: %s", error)

    async def _read(self) -> Keys:
        began = self._clock()
        self._keys = await asyncio.to_thread(self._load)
        self._read_at = began
        return self._keys

    def _load(self) -> Keys:
        with reading(self._engine) as connection:
            return Keys({key.key_id: key for key in all_keys(connection)})

    def _was_read(self, done: asyncio.Task[Keys]) -> None:
        self._reading = None
        if not done.cancelled():
            done.exception()  # Told to those who waited; there may be none.

    def _was_written(self, _done: asyncio.Task[None]) -> None:
        self._writing = None
