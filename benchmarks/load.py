"""A load client that costs little: keep-alive HTTP over raw asyncio streams."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Load:
    """What a load run measured.

    Attributes:
        seconds: from the first request to the last answer.
        latencies: seconds of each request, in order of completion.
    """

    seconds: float
    latencies: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Requests answered a second."""
        return len(self.latencies) / self.seconds


def run_load(port: int, texts: Sequence[str], connections: int, tag: str) -> Load:
    """Send each text once to /v1/route on this machine; every answer must be 200."""
    return asyncio.run(_run(port, texts, connections, tag))


async def _run(port: int, texts: Sequence[str], connections: int, tag: str) -> Load:
    requests = [_request(number, text, tag) for number, text in enumerate(texts)]
    latencies: list[float] = []
    began = perf_counter()
    await asyncio.gather(
        *(_send(port, requests[i::connections], latencies) for i in range(connections))
    )
    return Load(perf_counter() - began, tuple(latencies))


async def _send(port: int, requests: Sequence[bytes], latencies: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        began = perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        status, _, fields = head.partition(b"\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in fields.lower().split(b"\r\n")
            if line.startswith(b"content-length:")
        )
        body = await reader.readexactly(length)
        if b" 200 " not in status:
            raise RuntimeError(f"expected 200, got {status!r}: {body!r}")
        latencies.append(perf_counter() - began)
    writer.close()


def _request(number: int, text: str, tag: str) -> bytes:
    body = json.dumps(
        {
            "message_id": f"{tag}-{number}",
            # As many people as replies: nobody reaches the hourly limit.
            "from": f"+1555{number:07d}",
            "to": "+15550199",
            "text": text,
        }
    ).encode()
    return (
        b"POST /v1/route HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: application/json\r\n"
        b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
    )
