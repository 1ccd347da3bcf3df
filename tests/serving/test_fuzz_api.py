"""Schemathesis over whatever the API's document holds: no call breaks the service.

The run of every day tries some hundred calls. Before a release, 20,000:

    REPLYWISE_FUZZ_CASES=20000 pytest tests/serving/test_fuzz_api.py -s

Each test prints how many it tried.
"""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import (
    GenerationConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.core.result import Ok
from schemathesis.python import asgi
from schemathesis.schemas import APIOperation, BaseSchema
from twilio.request_validator import (  # type: ignore[import-untyped]
    RequestValidator,
)

from serving import ids
from serving.app import create_app
from serving.live import LiveBundle
from serving.recording.intake import Intake
from serving.routing.ruleset import RuleSet
from serving.service import Service
from serving.store.database import open_store
from tests.bag_bundle import bag_bundle

CASES = int(os.environ.get("REPLYWISE_FUZZ_CASES", "200"))
"""Of all calls of the document together, right ones and wrong ones; and of webhooks."""

MOST_ROUNDS = 20
TOKEN = "a token of nobody's account"  # noqa: S105 - it opens nothing
INBOUND = "/v1/inbound/fernhill"

# A store without a key is open, and this one has none: no call brings any.
OPEN = SchemathesisConfig(
    projects=ProjectsConfig(
        default=ProjectConfig(
            generation=GenerationConfig(with_security_parameters=False)
        )
    )
)
load_all_checks()
LEFT_OUT: list[Any] = CHECKS.get_by_names(
    [
        "ignored_auth",  # As above.
        # JSON Schema cannot say what a phone number is; what is none is refused.
        "positive_data_acceptance",
    ]
)

Operation = APIOperation[Any, Any, Any, Any]


def no_network(_url: str) -> bytes:
    raise OSError


@pytest.fixture
def live(rules: RuleSet) -> LiveBundle:
    bundle = bag_bundle()
    thresholds = dict.fromkeys(bundle.manifest.intents, 0.5)
    return LiveBundle(bundle, replace(rules, thresholds=thresholds))


@pytest.fixture
def client(live: LiveBundle, store: Path) -> Iterator[asgi.ASGIClient]:
    def start() -> Service:
        engine = open_store(f"sqlite:///{store}")
        return Service(live, engine, Intake(now=ids.now, new_id=ids.new_id))

    app = create_app(start, {"FERNHILL_TWILIO_TOKEN": TOKEN}, no_network)
    called: Any = app  # Its scopes and messages are mappings, not dictionaries.
    with asgi.get_client(called) as session, closing(session):
        yield session
    asgi.shutdown_lifespans()


def test_no_call_of_the_document_breaks_the_service(
    client: asgi.ASGIClient,
    capsys: pytest.CaptureFixture[str],
    subtests: pytest.Subtests,
) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", client.app, config=OPEN)
    operations = list(described(schema))
    left = list(product(operations, GenerationMode))
    tried: Counter[str] = Counter()

    # Some calls have few cases or none: their share goes to the others.
    for _ in range(MOST_ROUNDS):
        share = (CASES - tried.total()) // len(left) + 1
        for operation, mode in tuple(left):
            made = -1  # Unless a failure cuts it short: a second one tells no more.
            with subtests.test(operation.label, mode=mode.value):
                made = fuzz(operation, mode, share, client)
            tried[operation.label] += max(made, 0)
            if made < share:
                left.remove((operation, mode))
        if not left or tried.total() >= CASES:
            break

    with capsys.disabled():
        told = ", ".join(f"{call} {times}" for call, times in tried.items())
        print(f"\n{tried.total()} calls: {told}")  # noqa: T201 - told in the docstring


def described(schema: BaseSchema) -> Iterator[Operation]:
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found  # What is described can be read.
        yield found.ok()


def fuzz(
    operation: Operation, mode: GenerationMode, cases: int, client: asgi.ASGIClient
) -> int:
    """Try `cases` calls, fewer where there are no more, and return how many."""
    tried = 0

    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode))
    def call(case: Case[Any]) -> None:
        nonlocal tried
        tried += 1
        case.call_and_validate(session=client, excluded_checks=LEFT_OUT)

    try:
        call()
    except Unsatisfiable:
        return 0  # There is nothing in it that could be wrong.
    return tried


def test_no_signed_form_breaks_the_service(
    client: asgi.ASGIClient, capsys: pytest.CaptureFixture[str]
) -> None:
    sign = RequestValidator(TOKEN).compute_signature
    tried: Counter[int] = Counter()

    @settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(form=forms())
    def call(form: dict[str, str]) -> None:
        signature = sign(f"https://texts.example.com{INBOUND}", form)
        headers = {"X-Twilio-Signature": signature}
        answer = client.post(INBOUND, data=form, headers=headers)
        tried[int(answer.status_code)] += 1
        assert answer.status_code in {200, 400}, answer.text

    call()

    with capsys.disabled():
        told = ", ".join(f"{times} answered by {code}" for code, times in tried.items())
        print(f"\n{tried.total()} signed forms: {told}")  # noqa: T201 - as above
    assert tried[200]


def forms() -> st.SearchStrategy[dict[str, str]]:
    """Return forms as Twilio sends them, with anything in any field."""
    # Requests encodes forms in UTF-8, which has no lone surrogates.
    anything = st.text(st.characters(codec="utf-8"))
    number = st.from_regex(r"\+1[2-9]\d{9}", fullmatch=True)
    words = st.sampled_from(["STOP", "help", "start", "where is my parcel please"])
    # Requests leaves empty forms out, and with them the kind of the body.
    usual = {
        "MessageSid": anything.map(lambda text: f"SM{text}"),
        "From": number | st.just("whatsapp:+12025550100") | anything,
        "To": st.sampled_from(["+12025550142", "72345", "Fernhill"]) | anything,
        "Body": words | anything,
    }
    others = {
        "NumMedia": st.sampled_from(["0", "2"]) | anything,
        "OptOutType": st.sampled_from(["STOP", "START", "HELP"]) | anything,
        "SmsStatus": st.just("received") | anything,
        "MessageStatus": st.sampled_from(["receiving", "failed"]) | anything,
        "ErrorCode": st.just("21610") | anything,
        "Unheard": anything,
    }
    return st.fixed_dictionaries(usual, optional=others)
