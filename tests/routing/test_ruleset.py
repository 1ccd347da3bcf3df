import json
from pathlib import Path

import pytest

from model.errors import RulesError
from serving.routing.ruleset import (
    KEYWORDS,
    POLICY,
    RESPONSES,
    THRESHOLDS,
    load_rules,
)

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture
def files() -> dict[str, bytes]:
    return {n: (DATA / n).read_bytes() for n in (POLICY, KEYWORDS, RESPONSES)}


def changed(files: dict[str, bytes], name: str, old: str, new: str) -> dict[str, bytes]:
    text = files[name].decode()
    assert old in text
    return {**files, name: text.replace(old, new, 1).encode()}


def test_the_default_language_is_the_first_of_the_holding_words(
    files: dict[str, bytes],
) -> None:
    assert load_rules(files).languages == ("en", "es", "fr", "pt", "de")


def test_thresholds_come_from_the_bundle_and_null_means_never(
    files: dict[str, bytes],
) -> None:
    solved = json.dumps({"intents": {"refund": 0.8, "praise": None}}).encode()

    assert load_rules({**files, THRESHOLDS: solved}).thresholds == {"refund": 0.8}
    assert load_rules(files).thresholds == {}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"intents": []}',
        b'{"intents": {"refund": "high"}}',
        b'{"intents": {"refund": 1.2}}',
        b'{"intents": {"refund": -0.1}}',
        # NaN is JSON to Python, and no confidence would ever be below it.
        b'{"intents": {"refund": NaN}}',
    ],
)
def test_thresholds_that_are_none_are_refused(
    files: dict[str, bytes], data: bytes
) -> None:
    with pytest.raises(RulesError, match=r"thresholds\.json: intents"):
        load_rules({**files, THRESHOLDS: data})


@pytest.mark.parametrize("name", [POLICY, KEYWORDS, RESPONSES])
def test_a_missing_file_is_named(files: dict[str, bytes], name: str) -> None:
    del files[name]

    with pytest.raises(RulesError, match=f"{name}: file: is missing"):
        load_rules(files)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    queue: billing", "    queue: bililng", "no queue 'bililng'"),
        (
            "    template: refund\n",
            "",
            r"intents\.refund\.template: .*needs a template",
        ),
        ("template: refund", "template: refnud", "no template 'refnud'"),
        ("  holding: holding", "  holding: hodling", r"system\.holding: no template"),
        (
            "fallback:\n  answer: escalate\n  queue: care",
            "fallback:\n  answer: escalate\n  queue: nobody",
            r"fallback\.queue: no queue 'nobody'",
        ),
        (
            "fallback:\n  answer: escalate",
            "fallback:\n  answer: reply",
            r"fallback\.template: .*needs a template",
        ),
        (
            "fallback:\n  answer: escalate",
            "fallback:\n  template: nothing\n  answer: escalate",
            r"fallback\.template: no template 'nothing'",
        ),
        (
            "    role: machine",
            "    role: opt_out",
            r"auto_reply\.role: opt_out is played by intents\.opt_out",
        ),
    ],
)
def test_a_policy_that_names_what_is_not_there_is_refused(
    files: dict[str, bytes], old: str, new: str, message: str
) -> None:
    with pytest.raises(RulesError, match=rf"policy\.yaml: .*{message}"):
        load_rules(changed(files, POLICY, old, new))


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("{brand}: you are opted out", "{eta}: out", "opt_out_confirmation.en: {eta}"),
        ("{brand}: you now get", "{eta}: get", "opt_in_confirmation.en: {eta}"),
        ("{brand} texts on orders", "{eta} on orders", "help.en: {eta}"),
        ("{brand}: should we stop", "{eta}: should we", "ask_opt_out.en: {eta}"),
        ("{brand}: to get our texts", "{eta}: to get", "ask_opt_in.en: {eta}"),
        ("Someone at {brand} will read it", "Someone {eta}", "holding.en: {eta}"),
        ("back. {brand}: {team_hours_en}", "back {eta}", "holding.en: {eta}"),
        ("Or try {orders_url}", "Or {eta}", "holding_order.en: {eta}"),
    ],
)
def test_words_that_must_go_out_need_no_value_of_the_reply(
    files: dict[str, bytes], old: str, new: str, place: str
) -> None:
    with pytest.raises(RulesError) as caught:
        load_rules(changed(files, RESPONSES, old, new))

    assert str(caught.value).startswith(f"{RESPONSES}: {place}")


def test_a_policy_value_too_long_to_send_is_refused(files: dict[str, bytes]) -> None:
    long = changed(files, POLICY, "brand: Fernhill", f"brand: {'x' * 121}")

    with pytest.raises(RulesError, match=r"\{brand\} must have a short value"):
        load_rules(long)


def test_words_that_must_go_out_exist_in_the_default_language(
    files: dict[str, bytes],
) -> None:
    text = files[RESPONSES].decode()
    start = text.index("  opt_out_confirmation:")
    english = text.index("      en:", start)
    spanish = text.index("      es:", start)
    files[RESPONSES] = (text[:english] + text[spanish:]).encode()

    with pytest.raises(RulesError, match="opt_out_confirmation: must have words in en"):
        load_rules(files)
