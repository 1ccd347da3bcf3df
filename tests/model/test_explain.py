from dataclasses import replace

import numpy as np
import pytest

from model.bundle import Bundle
from model.explain import FEWEST, SIGNAL_TOPICS, TOKENS, explain
from tests.bag_bundle import BIAS, SIGNALS, bag_bundle
from training.confidence import SIGNALS as TRAINED

TEXT = "where is my parcel"


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return bag_bundle()


def test_it_explains_what_is_predicted(bundle: Bundle) -> None:
    told = explain(bundle, TEXT)

    said = bundle.classifier.predict([TEXT])[0]
    assert (told.intent, told.confidence) == (said.intent, said.confidence)
    assert told.intent == "order_status"


def test_a_weight_is_the_fall_in_log_odds_without_the_word(bundle: Bundle) -> None:
    def odds(text: str) -> float:
        p = bundle.classifier.predict([text])[0].intents[0]
        assert p.label == "order_status"
        return float(np.log(p.probability / (1 - p.probability)))

    told = {word.text: word.weight for word in explain(bundle, TEXT).words}

    assert list(told) == TEXT.split()
    assert told["parcel"] == pytest.approx(odds(TEXT) - odds("where is my"), abs=1e-3)
    assert told["where"] == pytest.approx(odds(TEXT) - odds("is my parcel"), abs=1e-3)


def test_a_word_that_speaks_against_the_intent_weighs_less_than_nothing(
    bundle: Bundle,
) -> None:
    words = {w.text: w.weight for w in explain(bundle, f"{TEXT} when").words}

    assert words["when"] < 0 < words["parcel"]


def test_another_intent_can_be_explained(bundle: Bundle) -> None:
    told = explain(bundle, f"{TEXT} when", "store_info")

    assert told.intent == "store_info"
    assert max(told.words, key=lambda word: word.weight).text == "when"
    # The confidence is of the reply, whatever its words are weighed for.
    assert told.confidence == explain(bundle, f"{TEXT} when").confidence


@pytest.mark.parametrize("unknown", [None, "", "never heard of"])
def test_an_unknown_intent_is_the_likeliest(
    bundle: Bundle, unknown: str | None
) -> None:
    assert explain(bundle, TEXT, unknown) == explain(bundle, TEXT)


@pytest.mark.parametrize(
    "text",
    [
        "  where   is my\tparcel?? ",
        "where\0is my\r\nparcel",
        "where\x85is",
        "dónde está mi 📦 parcel",
        "x" * 5_000 + " parcel",
        "where is \ud83d parcel",
    ],
)
def test_places_are_those_of_the_text_as_it_was_given(
    bundle: Bundle, text: str
) -> None:
    words = explain(bundle, text).words

    assert words
    assert [text[word.start : word.end] for word in words] == [w.text for w in words]
    assert [w.text for w in words] == [
        part for part in text.replace("\0", " ").split() if part
    ]


@pytest.mark.parametrize("text", ["", "  ", "\0", "\u2028"])
def test_where_there_is_nothing_to_read_no_word_counts(
    bundle: Bundle, text: str
) -> None:
    assert explain(bundle, text).words == ()


@pytest.mark.parametrize("count", [5, 12, 20, 60])
def test_a_long_reply_is_weighed_in_rows_of_words(bundle: Bundle, count: int) -> None:
    text = " ".join(("where is my parcel please " * 12).split()[:count])

    words = explain(bundle, text).words

    assert " ".join(word.text for word in words) == text
    again = (len(words) + 1) * count
    assert again <= TOKENS or len(words) == FEWEST
    assert len(words) == count or again + count > TOKENS


def test_what_is_cut_off_is_not_weighed(bundle: Bundle) -> None:
    most = bundle.manifest.max_tokens
    single, joined = "where is my parcel " * 400, "where?is?my?parcel? " * 400

    ends = [explain(bundle, text).words[-1].end for text in (single, joined)]

    assert ends[0] == len(" ".join(single.split()[:most]))
    # A mark is a token of its own.
    assert ends[1] == len(" ".join(joined.split()[: most // 8]))


def test_the_nearest_labelled_replies_come_with_it(bundle: Bundle) -> None:
    neighbours = explain(bundle, TEXT).neighbours

    assert neighbours[0].intent == "order_status"
    assert neighbours[0].reply_id.startswith("order_status-")
    assert neighbours[0].text.startswith("where is my")
    similarities = [one.similarity for one in neighbours]
    assert similarities == sorted(similarities, reverse=True)


def test_without_stored_replies_none_come(bundle: Bundle) -> None:
    assert explain(replace(bundle, neighbours=None), TEXT).neighbours == ()


def test_signals_add_up_to_the_confidence(bundle: Bundle) -> None:
    told = explain(bundle, "where is zzz zzz")

    logit = np.log(told.confidence / (1 - told.confidence))
    effects = sum(signal.effect for signal in told.signals)
    # Those that hardly move it are not told.
    assert logit == pytest.approx(BIAS + effects, abs=0.05 * len(SIGNALS))


def test_what_lowered_the_confidence_most_comes_first(bundle: Bundle) -> None:
    signals = explain(bundle, "where zzz zzz zzz zzz zzz").signals

    effects = {signal.name: signal.effect for signal in signals}
    # Five in six words are unknown, each whole share of them costs four.
    assert effects["unknown_words"] == pytest.approx(-4 * 5 / 6, abs=0.01)
    assert list(effects.values()) == sorted(effects.values())
    [said] = [s.says for s in signals if s.name == "unknown_words"]
    assert said == "Lowered the confidence: unknown words."


def test_every_signal_has_words_for_people() -> None:
    assert set(SIGNAL_TOPICS) == set(TRAINED)


def test_a_bundle_that_names_no_signals_tells_none(bundle: Bundle) -> None:
    unnamed = replace(bundle, manifest=replace(bundle.manifest, signals=()))

    assert explain(unnamed, TEXT).signals == ()


def test_a_signal_without_words_is_called_by_its_name(bundle: Bundle) -> None:
    names = tuple(f"new_{name}" for name in SIGNALS)
    other = replace(bundle, manifest=replace(bundle.manifest, signals=names))

    assert {signal.says for signal in explain(other, "zzz zzz where").signals} >= {
        "Lowered the confidence: new unknown words."
    }
