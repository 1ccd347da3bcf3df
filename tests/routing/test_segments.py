import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.routing.segments import GSM7, GSM7_EXTENSION, Segments, segments

LAW = settings(deadline=None)
GSM_TEXT = st.text(GSM7 + GSM7_EXTENSION, max_size=500)
TYPED = st.text(st.sampled_from(GSM7 + GSM7_EXTENSION + "áêç’—…👍👨😡"), max_size=320)


@pytest.mark.parametrize(
    ("text", "encoding", "count"),
    [
        ("", "GSM-7", 1),
        ("a" * 160, "GSM-7", 1),
        ("a" * 161, "GSM-7", 2),
        ("a" * 306, "GSM-7", 2),
        ("a" * 307, "GSM-7", 3),
        ("€" * 80, "GSM-7", 1),
        ("€" * 81, "GSM-7", 2),
        ("a" * 158 + "€", "GSM-7", 1),
        ("a" * 159 + "€", "GSM-7", 2),
        # 306 units would fit in 2 parts, but an escape pair is never split.
        ("a" * 152 + "€" + "b" * 152, "GSM-7", 3),
        ("a" * 151 + "€" + "b" * 153, "GSM-7", 2),
        ("á" * 70, "UCS-2", 1),
        ("á" * 71, "UCS-2", 2),
        ("á" * 134, "UCS-2", 2),
        ("á" * 135, "UCS-2", 3),
        ("a" * 69 + "’", "UCS-2", 1),
        ("a" * 70 + "’", "UCS-2", 2),
        ("👍" * 35, "UCS-2", 1),
        ("👍" * 36, "UCS-2", 2),
        # A surrogate pair is not split either: 33 in a part of 67 units.
        ("👍" * 66, "UCS-2", 2),
        ("👍" * 67, "UCS-2", 3),
        ("suscripción " * 8, "UCS-2", 2),
    ],
)
def test_known_texts_have_known_parts(text: str, encoding: str, count: int) -> None:
    assert segments(text) == Segments(encoding, count)


@pytest.mark.parametrize("character", "éèùìòàñüöäÑÉ¿¡ÇÅß€^{}\\[]~|\f")
def test_gsm7_holds(character: str) -> None:
    assert segments(character).encoding == "GSM-7"


@pytest.mark.parametrize("character", "áíóúêôîâëïçœ’‘“”–—…`\x1b\u00a0👍")
def test_gsm7_lacks(character: str) -> None:
    assert segments(character).encoding == "UCS-2"


@LAW
@given(TYPED)
def test_parts_agree_with_smsutil(text: str) -> None:
    smsutil = pytest.importorskip("smsutil", reason="an oracle, not a dependency")

    parts = smsutil.split(text).parts

    assert segments(text).count == max(1, len(parts))


@LAW
@given(TYPED, TYPED)
def test_more_text_is_never_fewer_parts(text: str, more: str) -> None:
    assert segments(text + more).count >= segments(text).count


@LAW
@given(GSM_TEXT)
def test_a_part_carries_at_most_153_septets_and_wastes_at_most_one(text: str) -> None:
    septets = sum(2 if c in GSM7_EXTENSION else 1 for c in text)

    count = segments(text).count

    if septets <= 160:
        assert count == 1
    else:
        assert -(-septets // 153) <= count <= -(-septets // 152)


@LAW
@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_any_text_is_at_least_one_part(text: str) -> None:
    assert segments(text).count >= 1
