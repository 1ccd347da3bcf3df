from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from tests.serving.phone import Phone, change


def metrics_of(client: TestClient) -> dict[tuple[str, ...], float]:
    """Return every sample by its name and its labels' values."""
    text = client.get("/metrics").text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_is_alive(quick: TestClient) -> None:
    answer = quick.get("/healthz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


def test_is_ready_with_a_bundle_and_a_store(quick: TestClient) -> None:
    answer = quick.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "bundle": "sha256:parrot", "store": "ok"}


def test_a_store_that_is_gone_is_named(quick: TestClient, store: Path) -> None:
    change(store, "ALTER TABLE contacts RENAME TO gone")

    answer = quick.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert answer.json()["store"] == "cannot be reached"
    assert quick.get("/healthz").status_code == 200


def test_is_ready_again_when_the_store_is_back(quick: TestClient, store: Path) -> None:
    change(store, "ALTER TABLE contacts RENAME TO gone")
    quick.get("/readyz")
    change(store, "ALTER TABLE gone RENAME TO contacts")

    assert quick.get("/readyz").status_code == 200


def test_decisions_and_consent_are_counted(quick: TestClient) -> None:
    phone = Phone(quick)

    phone.say("STOP", message_id="m1")
    phone.say("STOP", message_id="m1")
    phone.say("START")

    metrics = metrics_of(quick)
    counted = "replywise_decisions_total"
    changed = "replywise_consent_changes_total"
    assert metrics[counted, "reply", "keyword", "opt_out"] == 1
    assert metrics[counted, "reply", "keyword", "opt_in"] == 1
    assert metrics[changed, "opt_out", "keyword"] == 1
    assert metrics[changed, "opt_in", "keyword"] == 1
    assert metrics["replywise_duplicates_total",] == 1
    assert metrics["replywise_route_seconds_count",] == 3
    assert metrics["replywise_bundle_info", "sha256:parrot"] == 1


@pytest.mark.parametrize("text", ["STOP", "when do you open, Maria", "Liked “Maria”"])
def test_metrics_know_no_person(quick: TestClient, text: str) -> None:
    phone = Phone(quick, "+15550142", "+15550143")

    phone.say(text, message_id="SM777", context={"variables": {"name": "Maria"}})
    phone.client.post("/v1/classify", json={"texts": [text]})

    told = quick.get("/metrics").text
    for private in ("5550142", "5550143", "SM777", "Maria"):
        assert private not in told
