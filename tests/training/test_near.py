import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer

from model.text import folded
from training.near import NEAR, families, near_duplicates

GROUPS = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=12)
Pairs = list[tuple[int, int, float]]


@st.composite
def grouped(draw: st.DrawFn) -> tuple[list[str], Pairs]:
    groups = draw(GROUPS)
    place = st.integers(0, len(groups) - 1)
    pairs = draw(st.lists(st.tuples(place, place, st.just(1.0)), max_size=8))
    return groups, pairs


def test_replies_that_differ_in_a_typo_are_near() -> None:
    texts = [
        "where is my order it was due on monday",
        "i want a refund for the shoes",
        "where is my order it was due on mondayy",
    ]

    [(i, j, likeness)] = near_duplicates(texts)

    assert (i, j) == (0, 2)
    assert NEAR <= likeness < 1


def test_pairs_can_be_asked_for_of_the_first_texts_alone() -> None:
    texts = ["where is my order", "a refund", "a refund!", "where is my order?"]

    assert [pair[:2] for pair in near_duplicates(texts)] == [(0, 3), (1, 2)]
    assert [pair[:2] for pair in near_duplicates(texts, first=1)] == [(0, 3)]


def test_case_accents_and_punctuation_make_no_difference() -> None:
    [(i, j, likeness)] = near_duplicates(["Café, por favor!", "cafe por favor"])

    assert (i, j) == (0, 1)
    assert likeness > 0.999


def test_replies_that_want_different_things_are_not_near() -> None:
    assert near_duplicates(["cancel my order", "cancel my orders plan"]) == []


def test_different_emoji_are_not_near() -> None:
    assert near_duplicates(["😀", "😡", "😀"]) == [(0, 2, 1.0)]


def test_pairs_are_found_across_the_parts_that_are_compared() -> None:
    words = [f"reply number {n * 7919} about {n * 104729}" for n in range(600)]

    pairs = near_duplicates([*words, words[0]])

    assert [(i, j) for i, j, _ in pairs] == [(0, 600)]


def test_a_family_is_a_group_joined_by_near_duplicates() -> None:
    groups = ["a", "b", "c", "a", "d"]

    numbers = families(groups, [(0, 1, 0.95), (3, 2, 0.91)])

    assert numbers == [0, 0, 0, 0, 1]


@given(grouped())
def test_near_duplicates_and_groups_share_a_family(
    given_: tuple[list[str], Pairs],
) -> None:
    groups, pairs = given_

    numbers = families(groups, pairs)

    for i, j, _ in pairs:
        assert numbers[i] == numbers[j]
    for i, first in enumerate(groups):
        for j, second in enumerate(groups):
            assert first != second or numbers[i] == numbers[j]


@given(grouped())
def test_nothing_else_shares_a_family(given_: tuple[list[str], Pairs]) -> None:
    groups, pairs = given_
    same = [(i, groups.index(group)) for i, group in enumerate(groups)]
    edges = np.array([*same, *((i, j) for i, j, _ in pairs)])
    size = len(groups)
    graph = coo_array((np.ones(len(edges)), edges.T), shape=(size, size))

    count, labels = connected_components(graph, directed=False)

    numbers = families(groups, pairs)
    assert len(set(numbers)) == count
    assert len(set(zip(numbers, labels.tolist(), strict=True))) == count


WORDS = st.sampled_from(
    [
        "where",
        "is",
        "my",
        "order",
        "ordr",
        "orders",
        "please",
        "stop",
        "it",
        "now",
        "99",
        "a",
    ]
)


@example(["where a", "where a a"])
@given(st.lists(st.lists(WORDS, max_size=8).map(" ".join), min_size=2, max_size=20))
def test_no_near_pair_is_passed_over(texts: list[str]) -> None:
    # Letters that stand alone are one word: "a a" is "aa".
    keys = [folded(text) or "?" for text in texts]
    vectorizer = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 3), lowercase=False, dtype=np.float64
    )
    rows = vectorizer.fit_transform(keys).toarray()
    likeness = rows @ rows.T
    sure = np.argwhere(np.triu(likeness >= NEAR + 1e-6, 1)).tolist()
    maybe = np.argwhere(np.triu(likeness >= NEAR - 1e-6, 1)).tolist()

    found = [[i, j] for i, j, _ in near_duplicates(keys)]

    assert all(pair in found for pair in sure)
    assert all(pair in maybe for pair in found)
