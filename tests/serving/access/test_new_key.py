from datetime import timedelta

import pytest

from model.errors import SettingsError
from serving.access.new_key import MOST_PER_MINUTE, NewKey
from serving.access.scope import Scope

ROUTE = frozenset({Scope.ROUTE})


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"name": ""}, "1 to 128 printable"),
        ({"name": "x" * 129}, "1 to 128 printable"),
        ({"name": "a\nb"}, "1 to 128 printable"),
        ({"scopes": frozenset()}, "at least one of route, classify"),
        ({"programs": frozenset({"two words"})}, "programs.yaml, got 'two words'"),
        ({"per_minute": 0}, "expected 1 to 60000, got 0"),
        ({"per_minute": MOST_PER_MINUTE + 1}, "expected 1 to 60000"),
        ({"lifetime": timedelta(0)}, "in the future"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    fields: dict[str, object], complaint: str
) -> None:
    with pytest.raises(SettingsError, match=complaint):
        NewKey(**{"name": "app", "scopes": ROUTE, **fields})  # type: ignore[arg-type] # as the fields are
