import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.sampling.stratum import ANY, LEAST_FIRST, Stratum, Traits, stratum_of
from tests.serving.sampling.making import strata

LAW = settings(deadline=None, max_examples=50)

ANSWER = Traits("model", "reply", "", "store_info", 0.985, "acme")
DEAR = frozenset({"refund"})
CUTS = (0.5, 0.9, 0.98)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "answered/model/usual/0.98-1/acme"),
        ({"intent": "refund"}, "answered/model/dear/0.98-1/acme"),
        ({"action": "silent"}, "left/model/usual/0.98-1/acme"),
        ({"action": "ask", "confidence": 0.6}, "asked/model/*/0.5-0.9/acme"),
        ({"action": "escalate", "confidence": 0.0}, "escalated/model/*/0-0.5/acme"),
        ({"action": "escalate", "confidence": 0.5}, "escalated/model/*/0.5-0.9/acme"),
        ({"consent": "opt_out", "confidence": 1.0}, "opted_out/model/*/0.98-1/acme"),
        (
            {"decided_by": "keyword", "consent": "opt_out"},
            "opted_out/keyword/*/*/acme",
        ),
        ({"decided_by": "owner", "action": "silent"}, "left/owner/*/*/acme"),
        ({"decided_by": "keyword", "consent": "opt_in"}, "answered/keyword/*/*/acme"),
        ({"program": ""}, "answered/model/usual/0.98-1/*"),
    ],
)
def test_a_decision_has_a_stratum(changes: dict[str, object], name: str) -> None:
    traits = Traits(**{f: getattr(ANSWER, f) for f in ANSWER.__slots__} | changes)

    assert stratum_of(traits, DEAR, CUTS).name == name


@LAW
@given(strata)
def test_a_stratum_is_read_back_from_its_name(stratum: Stratum) -> None:
    assert Stratum.parse(stratum.name) == stratum


def test_a_program_may_have_a_slash_in_its_id() -> None:
    stratum = Stratum("answered", "model", "usual", "0.98-1", "a/b")

    assert Stratum.parse(stratum.name) == stratum


@LAW
@given(strata, st.sampled_from(LEAST_FIRST))
def test_a_part_can_be_left_open(stratum: Stratum, part: str) -> None:
    left = stratum.without(part)

    assert getattr(left, part) == ANY
    assert left.without(part) == left
    assert all(
        getattr(left, p) == getattr(stratum, p) for p in LEAST_FIRST if p != part
    )
