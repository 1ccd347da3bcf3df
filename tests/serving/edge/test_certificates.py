import http.server
import threading
from collections.abc import Iterator

import pytest

from serving.edge import certificates
from serving.edge.certificates import AGAIN_SECONDS, KEPT_SECONDS, MOST, Remembered, get


class Elsewhere:
    """Holds what lies at the addresses that it knows, and counts who asks."""

    def __init__(self, **known: bytes) -> None:
        self.known = {f"https://{name}": body for name, body in known.items()}
        self.asked: list[str] = []
        self.moment = 0.0

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        if url not in self.known:
            raise ConnectionError
        return self.known[url]

    def clock(self) -> float:
        return self.moment


def test_an_address_is_asked_once_an_hour() -> None:
    elsewhere = Elsewhere(a=b"certificate")
    remembered = Remembered(elsewhere, elsewhere.clock)

    assert [remembered("https://a") for _ in range(3)] == [b"certificate"] * 3
    assert len(elsewhere.asked) == 1
    elsewhere.moment = KEPT_SECONDS
    remembered("https://a")
    assert len(elsewhere.asked) == 2


def test_one_that_fails_is_left_alone_for_a_while() -> None:
    elsewhere = Elsewhere()
    remembered = Remembered(elsewhere, elsewhere.clock)

    for _ in range(3):
        with pytest.raises(OSError, match="cannot be had"):
            remembered("https://a")
    assert len(elsewhere.asked) == 1
    elsewhere.moment = AGAIN_SECONDS
    elsewhere.known["https://a"] = b"certificate"
    assert remembered("https://a") == b"certificate"


def test_forgers_can_make_us_ask_only_so_often_and_displace_nothing() -> None:
    elsewhere = Elsewhere(good=b"certificate")
    remembered = Remembered(elsewhere, elsewhere.clock)
    remembered("https://good")

    for number in range(MOST * 10):
        with pytest.raises(OSError, match=r"cannot be had|too many"):
            remembered(f"https://forged-{number}")

    assert len(elsewhere.asked) == 1 + MOST
    assert remembered("https://good") == b"certificate"
    assert len(elsewhere.asked) == 1 + MOST
    elsewhere.moment = AGAIN_SECONDS
    elsewhere.known["https://new"] = b"another"
    assert remembered("https://new") == b"another"


@pytest.mark.parametrize("url", ["http://a.example", "file:///etc/passwd", "ftp://a"])
def test_only_https_is_asked(url: str) -> None:
    with pytest.raises(OSError, match="https"):
        get(url)


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", "/found")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"x" * (certificates.MAX_BYTES + (self.path == "/long")))

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return the address of a server without TLS, which only this test lets pass."""
    server = http.server.HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    class Lenient(str):
        __slots__ = ()

        def startswith(self, *_: object) -> bool:
            return True

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield Lenient(f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()
    thread.join()


def test_what_answers_is_read_to_a_limit_and_no_redirect_followed(plain: str) -> None:
    lenient = type(plain)
    assert len(get(lenient(f"{plain}/found"))) == certificates.MAX_BYTES
    with pytest.raises(OSError, match="too long"):
        get(lenient(f"{plain}/long"))
    with pytest.raises(OSError, match="302"):
        get(lenient(f"{plain}/elsewhere"))
