"""One call of a provider, as it came, and why it may be refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from model.errors import ReplywiseError


class RefusalCode(StrEnum):
    """Why a webhook was refused; stable, for logs and metrics."""

    MISSING_SIGNATURE = "missing_signature"
    BAD_SIGNATURE = "bad_signature"
    STALE = "stale"
    REPLAYED = "replayed"
    MALFORMED = "malformed"
    WRONG_ACCOUNT = "wrong_account"
    UNSUPPORTED = "unsupported"
    UNAVAILABLE = "unavailable"


class Refused(ReplywiseError):  # noqa: N818 - the state is the name
    """A webhook is not acted on.

    Attributes:
        code: why, stable.
        detail: what was expected and where. It names fields and headers, never what
            they hold: that may be a person's number or words.

    `REPLAYED` is for the caller, who alone knows which replay keys were seen.
    """

    def __init__(self, code: RefusalCode, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed later; answer 503, else 4xx."""
        return self.code is RefusalCode.UNAVAILABLE


def malformed(where: str, expected: str) -> Refused:
    """Return the refusal of a field that is not as `expected`."""
    return Refused(RefusalCode.MALFORMED, f"{where}: expected {expected}")


@dataclass(frozen=True, slots=True)
class Webhook:
    """One HTTP request of a provider.

    Attributes:
        method: "POST" or "GET".
        url: the public address as the provider called and signed it, with path and
            query. It comes from the deployment's settings; behind a proxy the request
            itself tells another.
        headers: values by lower-case name, whatever case they came in.
        body: the bytes that came. The caller limits their number.

    What a person wrote may be in the URL and the body, so neither is in the repr.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Lower the case of method and names; join what came twice."""
        object.__setattr__(self, "method", self.method.upper())
        object.__setattr__(self, "headers", _by_name(self.headers.items()))

    @classmethod
    def from_pairs(
        cls, method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes
    ) -> "Webhook":
        """Return the webhook of header pairs, in which a name may come twice."""
        return cls(method, url, _by_name(headers), body)

    @property
    def content_type(self) -> str:
        """The media type without its parameters, lower-case; "" where none came."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def _by_name(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        name = name.lower()  # noqa: PLW2901 - the lowered name is the name
        # As RFC 9110 joins them: two signatures are then none that verifies.
        found[name] = f"{found[name]}, {value}" if name in found else value
    return MappingProxyType(found)
