from pathlib import Path

import pytest

from model.errors import InputError
from training.benchmark.sets import POOL, choose, find_sets, read_set
from training.benchmark.splits import letters

TRAIN = "text,label\nWhere is my parcel?,order\nMoney back!,refund\nWhere is it,order\n"
TEST = "text,label\nwhere is MY parcel,order\nrefund me,refund\nsing,song\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    put(tmp_path / "shop", train=TRAIN, test=TEST)
    return tmp_path


def put(folder: Path, **files: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")


def test_a_folder_with_train_and_test_is_a_set(data: Path) -> None:
    put(data / "notes", all=TRAIN)
    put(data / "half", train=TRAIN)

    assert list(find_sets(data)) == ["shop"]


def test_few_shot_files_are_sets_of_their_own(data: Path) -> None:
    put(data / "shop", train_5=TRAIN, train_10=TRAIN, train_plus=TRAIN)

    found = find_sets(data)

    assert list(found) == ["shop", "shop-10", "shop-5"]
    assert found["shop-5"].train.name == "train_5.csv"
    assert found["shop-5"].test == found["shop"].test


def test_without_a_test_split_the_validation_split_is_scored(tmp_path: Path) -> None:
    put(tmp_path / "tweeteval_sentiment", train_semeval_pool=TRAIN, val=TEST)

    found = find_sets(tmp_path)["tweeteval_sentiment"]

    assert (found.train.name, found.test.name) == (POOL, "val.csv")
    assert found.validation is None
    assert read_set("tweeteval_sentiment", found).sentiments


def test_the_official_rows_are_preferred_to_the_rebuilt_ones(tmp_path: Path) -> None:
    folder = tmp_path / "tweeteval_sentiment"
    put(folder, train_semeval_pool=TRAIN, train=TRAIN, val=TEST, test=TEST)

    found = find_sets(tmp_path)["tweeteval_sentiment"]

    assert (found.train.name, found.test.name) == ("train.csv", "test.csv")


def test_test_texts_that_were_trained_on_are_known(data: Path) -> None:
    shop = read_set("shop", find_sets(data)["shop"])

    assert shop.repeated.tolist() == [True, False, False]


def test_labels_that_training_never_saw_are_counted(data: Path) -> None:
    assert read_set("shop", find_sets(data)["shop"]).unknown == 1


def test_a_threshold_is_never_set_on_texts_that_were_trained_on(data: Path) -> None:
    put(data / "shop", valid="text,label\nmoney   back,refund\nsend it back,refund\n")

    shop = read_set("shop", find_sets(data)["shop"])

    assert shop.validation
    assert shop.validation.texts == ["send it back"]


def test_out_of_scope_texts_are_scored_and_never_trained_on(data: Path) -> None:
    put(data / "shop", oos_test="text,label\nsing,oos\n", oos_train=TRAIN)

    shop = read_set("shop", find_sets(data)["shop"])

    assert shop.outside == ["sing"]
    assert len(shop.train.texts) == 3


def test_a_sample_is_the_same_in_every_run(data: Path) -> None:
    files = find_sets(data)["shop"]

    first, again = (read_set("shop", files, rows=2) for _ in range(2))

    assert first.train == again.train
    assert (len(first.train.texts), first.rows) == (2, 3)


def test_a_digest_tells_which_files_were_read(data: Path) -> None:
    shop = read_set("shop", find_sets(data)["shop"])

    assert list(shop.digests) == ["train.csv", "test.csv"]
    assert all(told.startswith("sha256:") for told in shop.digests.values())


@pytest.mark.parametrize(
    ("text", "same"),
    [("It's HERE, now!", "its here now"), ("top-up", "topup"), ("a_b", "AB")],
)
def test_case_and_punctuation_make_no_other_text(text: str, same: str) -> None:
    assert letters(text) == letters(same)


def test_a_text_without_letters_is_itself() -> None:
    assert letters("?!") != letters("!?")


@pytest.mark.parametrize(
    ("train", "told"),
    [
        ("text,intent\nhi,greet\n", "column 'label': is missing; there are text, int"),
        ("label\ngreet\n", "column 'text': is missing; there are label"),
        ("text,label\nhi,greet\nyo,\n", "row 2, column 'label': is empty"),
        ("text,label\n ,greet\n", "row 1, column 'text': is empty"),
        ("text,label\nhi,greet\n", "expected at least 2 different labels"),
        ("text,label\n", "holds no rows"),
        ("", "column 'text': is missing; there are none"),
    ],
)
def test_a_file_that_is_not_as_expected_is_refused(
    data: Path, train: str, told: str
) -> None:
    put(data / "shop", train=train)

    with pytest.raises(InputError) as caught:
        read_set("shop", find_sets(data)["shop"])

    assert "train.csv" in str(caught.value)
    assert told in str(caught.value)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a folder with one folder for each"):
        find_sets(tmp_path / "gone")


def test_a_folder_without_sets_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "shop", train=TRAIN)

    with pytest.raises(InputError, match=r"each with train\.csv and test\.csv"):
        find_sets(tmp_path)


def test_an_unknown_set_is_refused_with_those_that_are_there(data: Path) -> None:
    with pytest.raises(InputError, match="has no set 'bank'; there are shop"):
        choose(find_sets(data), ["bank"], data)


def test_all_sets_are_run_where_none_is_named(data: Path) -> None:
    put(data / "bank", train=TRAIN, test=TEST)

    assert choose(find_sets(data), [], data) == ["bank", "shop"]
    assert choose(find_sets(data), ["shop"], data) == ["shop"]
