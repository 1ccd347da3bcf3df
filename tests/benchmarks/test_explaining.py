from benchmarks.explaining import measure_explaining
from tests.bag_bundle import bag_bundle

SHORT = "where is my parcel"


def test_ordinary_replies_are_timed_beside_a_plain_prediction() -> None:
    long = f"{SHORT} " * 40

    told = measure_explaining(bag_bundle(), [SHORT, "when do you open", long])

    assert 0 < told.p50 <= told.p95
    assert told.plain_p50 > 0
    # The long one would have been weighed in rows of words.
    assert told.by_word == 1.0
    assert len(told.rows) == 4
