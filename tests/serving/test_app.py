import json
import subprocess
import sys
from typing import Any

import pytest
from fastapi.testclient import TestClient

from serving.app import create_app
from serving.problems import MEDIA_TYPE
from serving.routing.decision import REASONS, ReasonCode
from serving.service import Service


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    def never() -> Service:
        raise AssertionError("describing the API needs no service")

    return create_app(never).openapi()


def test_every_call_of_the_contract_is_described(document: dict[str, Any]) -> None:
    calls = {path: set(methods) for path, methods in document["paths"].items()}

    assert calls == {
        "/v1/route": {"post"},
        "/v1/classify": {"post"},
        "/v1/inbound/{program}": {"get", "post"},
        "/v1/sends/check": {"post"},
        "/v1/provider-events": {"post"},
        "/v1/consent": {"post"},
        "/v1/handoffs": {"post"},
        "/healthz": {"get"},
        "/readyz": {"get"},
        "/metrics": {"get"},
    }


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/v1/route", {"400", "401", "403", "409", "413", "422", "429", "503"}),
        ("/v1/classify", {"400", "401", "403", "413", "422", "429", "503"}),
        ("/v1/inbound/{program}", {"204", "400", "403", "404", "413", "503"}),
    ],
)
def test_every_problem_is_described_as_what_it_is(
    document: dict[str, Any], path: str, statuses: set[str]
) -> None:
    responses = document["paths"][path]["post"]["responses"]

    # FastAPI describes 422 of every call that has a parameter.
    assert responses.keys() | {"422"} == statuses | {"200", "422"}
    for status in statuses - {"204"}:
        schema = {"$ref": "#/components/schemas/Problem"}
        assert responses[status]["content"] == {MEDIA_TYPE: {"schema": schema}}


def test_a_decision_is_described(document: dict[str, Any]) -> None:
    described = document["paths"]["/v1/route"]["post"]["responses"]["200"]

    assert described["content"]["application/json"]["schema"]["anyOf"] == [
        {"$ref": "#/components/schemas/DecisionOut"},
        {"$ref": "#/components/schemas/ExplainedDecisionOut"},
    ]
    explained = document["components"]["schemas"]["ExplainedDecisionOut"]
    assert explained["properties"]["explanation"] == {
        "$ref": "#/components/schemas/ExplanationOut"
    }


@pytest.mark.parametrize("code", ReasonCode)
def test_a_reason_code_is_listed_and_explained(
    document: dict[str, Any], code: ReasonCode
) -> None:
    schemas = document["components"]["schemas"]

    assert code in schemas["ReasonCode"]["enum"]
    explained = schemas["ReasonOut"]["properties"]["code"]["description"]
    assert f"`{code}`: {REASONS[code]}" in explained


def test_the_description_is_served_and_shown(
    quick: TestClient, document: dict[str, Any]
) -> None:
    docs = quick.get("/docs")

    assert quick.get("/openapi.json").json() == document
    assert docs.status_code == 200
    assert "openapi.json" in docs.text


def test_serving_loads_nothing_that_only_training_needs() -> None:
    code = (
        "import json, sys, serving.app, serving.cli; print(json.dumps([*sys.modules]))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    loaded = {name.split(".")[0] for name in json.loads(done.stdout)}
    assert "serving" in loaded
    assert not loaded & {
        "mlflow",
        "onnx",
        "pandas",
        "sentence_transformers",
        "sklearn",
        "torch",
        "training",
        "transformers",
    }
