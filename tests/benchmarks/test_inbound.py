"""At a steady rate a message waits from when it was due."""

import asyncio
from contextlib import suppress

from benchmarks.inbound import Inbound, Messages, flood, keep_rate
from benchmarks.load import Load

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


async def measured(seconds: float, rate: float, messages: int) -> tuple[Load, Load]:
    """Measure a server that answers one request at a time, `seconds` each."""
    turn = asyncio.Lock()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(EOFError):  # As the client hangs up.
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.split(b"Content-Length: ")[1].split(b"\r\n")[0]
                await reader.readexactly(int(length))
                async with turn:
                    await asyncio.sleep(seconds)
                writer.write(OK)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    sent = Messages(["hello"])
    steady = await keep_rate(port, sent.take(messages), rate)
    loaded = await flood(port, sent.take(messages), 2)
    server.close()
    return steady, loaded


def test_waiting_counts_where_the_service_does_not_keep_up() -> None:
    # 20 messages are due within 0.1 s and take 0.4 s.
    steady, loaded = asyncio.run(measured(0.02, 200, 20))

    assert len(steady.latencies) == len(loaded.latencies) == 20
    assert max(steady.latencies) > 0.25
    # Two connections that wait for their answers hide that.
    assert sorted(loaded.latencies)[10] < 0.15


def test_the_rate_is_kept_where_the_service_keeps_up() -> None:
    steady, _ = asyncio.run(measured(0.0, 100, 30))

    assert steady.seconds >= 0.29


def test_every_message_is_a_new_one() -> None:
    sent = Messages(["a", "b"])

    assert len({*sent.take(3), *sent.take(3)}) == 6


def test_the_table_holds_the_ratio_to_the_raw_rate() -> None:
    measured = Inbound(0.01, 0.05, 100, 60, 0.1, 0.2, raw_rate=100)

    assert ("ratio to the raw rate", "0.60", "at least 0.5") in measured.rows
