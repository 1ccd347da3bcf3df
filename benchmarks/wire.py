"""HTTP over a raw asyncio stream: one request, one whole answer, kept alive."""

import asyncio
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; one that breaks off is none."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Wire:
    """One connection to this machine."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def open(cls, port: int) -> Self:
        """Connect; OSError where nobody listens."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, request: bytes) -> Answer:
        """Send `request` and return the answer.

        Raises:
            OSError, EOFError: the connection broke before the answer was whole.
        """
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        status, _, fields = head.partition(b"\r\n")
        length = next(
            (
                int(line.split(b":")[1])
                for line in fields.lower().split(b"\r\n")
                if line.startswith(b"content-length:")
            ),
            0,  # 204 has no body, and says so by having no length.
        )
        body = await self.reader.readexactly(length)
        return Answer(int(status.split(b" ")[1]), body)

    def close(self) -> None:
        """Hang up."""
        self.writer.close()
