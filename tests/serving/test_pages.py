import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import serving.pages
from serving.pages.samples import SAMPLES
from serving.routing.decision import ReasonCode

STATIC = Path(serving.pages.__file__).parent / "static"


class Elements(HTMLParser):
    """Keeps every element with its attributes, and every text in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        tag, _ = self.found[-1] if self.found else ("", {})
        self.inside[tag] = self.inside.get(tag, "") + data


@pytest.fixture
def page(quick: TestClient) -> str:
    return quick.get("/").text


@pytest.fixture
def elements(page: str) -> Elements:
    return Elements(page)


def test_the_simulator_allows_nothing_from_elsewhere(quick: TestClient) -> None:
    answer = quick.get("/")

    policy = answer.headers["content-security-policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert answer.status_code == 200
    assert directives["default-src"] == "'self'"
    assert directives["frame-ancestors"] == "'none'"
    assert directives["base-uri"] == "'none'"
    assert "unsafe" not in policy
    # Scripts and styles fall back to the default.
    assert not {"script-src", "style-src", "connect-src"} & directives.keys()
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_no_script_and_no_style_is_inline(elements: Elements) -> None:
    for tag, attributes in elements.found:
        assert tag != "style"
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        assert tag != "script" or attributes.get("src")
    assert not elements.inside.get("script", "").strip()


def test_every_asset_exists_and_lies_here(
    quick: TestClient, elements: Elements
) -> None:
    named = [
        attributes[name] or ""
        for tag, attributes in elements.found
        for name in ("src", "href")
        if attributes.get(name) and (tag, name) != ("use", "href")
    ]

    assert any(name.endswith(".js") for name in named)
    assert any(name.endswith(".css") for name in named)
    for name in named:
        assert "//" not in name
        assert quick.get(f"/{name}").status_code == 200, name


def test_every_script_that_is_imported_lies_beside_it(quick: TestClient) -> None:
    script = quick.get("/static/simulator.js").text

    named = re.findall(r'^import .* from "\./(.+)";$', script, re.MULTILINE)
    assert named
    for name in named:
        assert quick.get(f"/static/{name}").status_code == 200, name


def test_every_picture_that_is_used_is_drawn(elements: Elements) -> None:
    drawn = {f"#{a['id']}" for tag, a in elements.found if tag == "symbol"}
    used = {a["href"] for tag, a in elements.found if tag == "use"}

    assert used
    assert used <= drawn


@pytest.mark.parametrize("asset", sorted(p.name for p in STATIC.iterdir()))
def test_assets_ask_for_nothing_elsewhere(quick: TestClient, asset: str) -> None:
    text = quick.get(f"/static/{asset}").text

    for address in ("http://", "https://", "//cdn"):
        assert address not in text.replace("http://www.w3.org/2000/svg", "")
    assert "eval(" not in text
    assert "innerHTML" not in text


def test_the_page_knows_every_reason_and_sample(page: str) -> None:
    for code in ReasonCode:
        assert f'"{code}"' in page
    for sample in SAMPLES:
        assert sample.replace("'", "&#39;") in page


def test_the_page_names_the_bundle(page: str) -> None:
    assert 'data-bundle="sha256:parrot"' in page


def test_the_api_page_asks_no_other_host(quick: TestClient) -> None:
    page = quick.get("/docs").text

    assets = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert assets
    assert all(quick.get(f"/{asset}").status_code == 200 for asset in assets)
