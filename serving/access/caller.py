"""Who calls, and what they may do."""

from dataclasses import dataclass

from serving.access.refusal import PROGRAM_REFUSED, Refused, scope_missing
from serving.access.scope import Scope


@dataclass(frozen=True, slots=True)
class Caller:
    """Someone who was let in.

    Attributes:
        key_id: the key that let them in; None while the service is open.
        programs: the programs that they may name; empty for all of them.
        per_minute: how many calls a minute they may make; None where their address
            counts.
    """

    key_id: str | None
    scopes: frozenset[Scope]
    programs: frozenset[str] = frozenset()
    per_minute: int | None = None

    @property
    def actor(self) -> str:
        """What the audit and the ledger call them."""
        return f"key:{self.key_id}" if self.key_id else "anonymous"

    def may(self, scope: Scope | None = None, program: str | None = None) -> bool:
        """Return whether this kind of call is theirs, and this program."""
        fits = scope is None or scope in self.scopes
        return fits and (
            program is None or not self.programs or program in self.programs
        )

    def check(self, scope: Scope | None = None, program: str | None = None) -> None:
        """Let through what they may do.

        Where the program is not in the path but found later (by a number, in a
        body), whoever finds it calls this again: `caller.check(program=…)`.

        Raises:
            Refused: with a 403 that says what the key lacks.
        """
        if scope is not None and not self.may(scope):
            raise Refused(scope_missing(scope))
        if not self.may(program=program):
            raise Refused(PROGRAM_REFUSED)


ANONYMOUS = Caller(key_id=None, scopes=frozenset(Scope))
"""Anyone, while the store holds no key."""
