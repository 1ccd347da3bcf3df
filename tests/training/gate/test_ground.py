from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from training.gate.ground import ground_of, read_held_out
from training.gate.limits import Kind

HELD_OUT = """text,intent,sentiment,group,program,language
where is my order,order_status,negative,a,visits,
donde esta mi pedido por favor ahora mismo gracias,order_status,,a,shop,es
ok,confirm,neutral,b,shop,
"""


@pytest.fixture
def replies(tmp_path: Path) -> pd.DataFrame:
    path = tmp_path / "held_out.csv"
    path.write_text(HELD_OUT, encoding="utf-8")
    return read_held_out([path])


def test_replies_are_told_apart_by_what_is_known(replies: pd.DataFrame) -> None:
    ground = ground_of(replies, None, ["en", "en", None], tuple(Kind))

    assert {part.name: part.rows.tolist() for part in ground.parts} == {
        "intent confirm": [False, False, True],
        "intent order_status": [True, True, False],
        "language en": [True, False, False],
        "language es": [False, True, False],
        "language untold": [False, False, True],
        "sentiment negative": [True, False, False],
        "sentiment neutral": [False, False, True],
        "program shop": [False, True, True],
        "program visits": [True, False, False],
        "source held_out": [True, True, True],
        "length 1 to 2 words": [False, False, True],
        "length 3 to 7 words": [True, False, False],
        "length 8 to 15 words": [False, True, False],
    }
    assert ground.groups.tolist() == [0, 0, 1]
    assert ground.felt.tolist() == [True, False, True]
    assert len(ground.asks) == 0


def test_only_what_the_gate_names_is_told_apart(replies: pd.DataFrame) -> None:
    ground = ground_of(replies, None, [None] * 3, (Kind.PROGRAM,))

    assert [part.name for part in ground.parts] == ["program shop", "program visits"]


def test_hard_cases_are_told_apart_by_category_and_language(
    replies: pd.DataFrame,
) -> None:
    cases = pd.DataFrame(
        {"opt_out": [True, False], "category": ["plain", "legal"], "language": "en"}
    )

    ground = ground_of(replies, cases, [None] * 3, ())

    assert np.array_equal(ground.asks, [True, False])
    kinds = ["category legal", "category plain", "language en"]
    assert [kind.name for kind in ground.kinds] == kinds
