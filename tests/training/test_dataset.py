from pathlib import Path

import pytest

from model.errors import InputError
from training.dataset import Columns, digest_of, known_intents, read_replies

GOOD = """\
text,intent,sentiment
hi,greet,neutral
hello,greet,
bye,leave,negative
ciao,leave,
"""
FEELINGS = "expected negative, neutral, positive or nothing"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def written(folder: Path, text: str, name: str = "r.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path, columns: Columns | None = None) -> str:
    with pytest.raises(InputError) as caught:
        read_replies([path], columns)
    return str(caught.value).removeprefix(str(path))


def test_only_text_and_intent_are_required(folder: Path) -> None:
    path = written(folder, "text,intent\nhi,a\nyo,a\nbye,b\nciao,b\n")

    frame = read_replies([path])

    assert frame["text"].tolist() == ["hi", "yo", "bye", "ciao"]
    assert frame["sentiment"].isna().all()
    assert frame["group"].tolist() == ["r-1", "r-2", "r-3", "r-4"]
    assert frame["row"].tolist() == [1, 2, 3, 4]


def test_a_reply_without_a_sentiment_has_none(folder: Path) -> None:
    frame = read_replies([written(folder, GOOD)])

    told = frame["sentiment"].notna()
    assert told.tolist() == [True, False, True, False]
    assert frame["sentiment"][told].tolist() == ["neutral", "negative"]


def test_foreign_columns_get_our_names(folder: Path) -> None:
    text = "Message,Label,Mood\nhi,greet,neutral\nyo,greet,\nbye,leave,\nciao,leave,\n"
    columns = Columns(text="Message", intent="Label", sentiment="Mood")

    frame = read_replies([written(folder, text)], columns)

    assert frame["text"].tolist() == ["hi", "yo", "bye", "ciao"]
    assert frame["intent"].tolist() == ["greet", "greet", "leave", "leave"]
    assert frame["sentiment"].iloc[0] == "neutral"


def test_labels_and_texts_lose_what_no_person_types(folder: Path) -> None:
    text = "text,intent\n hi\t there ,  greet \nyo,greet\nbye,leave\nciao,leave\n"

    frame = read_replies([written(folder, text)])

    assert frame["text"].iloc[0] == "hi there"
    assert frame["intent"].iloc[0] == "greet"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            GOOD.replace("hello,greet,", "hello,greet,angry"),
            f", row 2, column 'sentiment': {FEELINGS}",
        ),
        (
            GOOD.replace("bye,leave", ",leave"),
            ", row 3, column 'text': expected 1 to 10000 characters of text",
        ),
        (
            GOOD.replace("hi,greet", "hi,"),
            ", row 1, column 'intent': expected a label of 1 to 100 characters",
        ),
        (
            GOOD.replace("hello,greet,", "hello,greet,so").replace("ciao,", ","),
            f", row 2, column 'sentiment': {FEELINGS} (1 more rows are wrong)",
        ),
    ],
    ids=["sentiment", "text", "intent", "two rows"],
)
def test_a_wrong_cell_is_refused_by_row_and_column(
    folder: Path, text: str, told: str
) -> None:
    assert refusal(written(folder, text)) == told


def test_a_foreign_column_is_named_as_it_is_in_the_file(folder: Path) -> None:
    text = "Message,Label,Mood\nhi,greet,angry\nyo,greet,\nbye,leave,\nciao,leave,\n"

    told = refusal(written(folder, text), Columns("Message", "Label", "Mood"))

    assert told.startswith(", row 1, column 'Mood': expected negative")


def test_a_missing_intent_column_says_how_to_name_it(folder: Path) -> None:
    told = refusal(written(folder, "text,label\nhi,greet\n"))

    assert told == (
        ", column 'intent': is missing; there are text, label. "
        "Name yours with --intent-column"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("text,intent\nhi,a\nyo,a\n", "expected at least 2 different labels, got 1"),
        (
            "text,intent\nhi,a\nyo,a\nbye,b\n",
            "expected at least 2 replies a label; too few of b",
        ),
    ],
)
def test_labels_that_cannot_be_learned_are_refused(
    folder: Path, text: str, told: str
) -> None:
    assert refusal(written(folder, text)) == f", column 'intent': {told}"


def test_words_in_the_place_of_labels_are_not_shown(folder: Path) -> None:
    swapped = "intent,text\ncall 555-0100 now,a\nwhere is it,b\nhi jane,a\nyo,b\n"

    told = refusal(written(folder, swapped))

    assert told == (
        ", column 'intent': expected few labels with many replies each, got 4 for "
        "4 replies; name the column of labels with --intent-column"
    )


def test_a_file_that_is_named_twice_is_refused(folder: Path) -> None:
    path = written(folder, GOOD)
    again = folder / ".." / folder.name / "r.csv"

    with pytest.raises(InputError, match="is named twice; name each file once"):
        read_replies([path, again])


LINES = """\
{"text": "hi", "intent": "greet", "sentiment": "neutral", "group": "g"}
{"text": "hello", "intent": "greet", "sentiment": null}
{"text": "bye", "intent": "leave"}
{"text": "ciao", "intent": "leave", "group": null}
"""


def test_json_lines_may_leave_out_what_csv_leaves_empty(folder: Path) -> None:
    frame = read_replies([written(folder, LINES, "r.jsonl")])

    assert frame["sentiment"].tolist() == ["neutral", None, None, None]
    assert frame["group"].tolist() == ["g", "r-2", "r-3", "r-4"]
    assert frame["id"].tolist() == ["r-1", "r-2", "r-3", "r-4"]


@pytest.mark.parametrize("label", ["null", "missing", '""'])
def test_a_json_line_without_a_label_is_refused(folder: Path, label: str) -> None:
    said = "" if label == "missing" else f', "intent": {label}'
    text = LINES + '{"text": "hm"' + said + "}\n"

    told = refusal(written(folder, text, "r.jsonl"))

    expected = "expected a label of 1 to 100 characters"
    assert told == f", row 5, column 'intent': {expected}"


def test_whole_numbers_are_labels_as_they_are_written(folder: Path) -> None:
    text = "".join(f'{{"text": "t{n}", "intent": {n % 2}}}\n' for n in range(4))

    frame = read_replies([written(folder, text, "r.jsonl")])

    assert frame["intent"].tolist() == ["0", "1", "0", "1"]


def test_a_list_is_no_label(folder: Path) -> None:
    text = LINES + '{"text": "hm", "intent": ["greet", "leave"]}\n'

    told = refusal(written(folder, text, "r.jsonl"))

    assert told == ", row 5, column 'intent': expected text, got list"


def test_half_an_emoji_stops_nothing(folder: Path) -> None:
    text = LINES.replace("hello", "hello \\ud83d").replace("greet", "greet\\ud83d")

    frame = read_replies([written(folder, text, "r.jsonl")])

    assert frame["intent"].tolist()[:2] == ["greet?", "greet?"]
    assert "\ud83d" not in "".join(frame["text"])


def test_labels_need_not_be_learnable_to_be_judged(folder: Path) -> None:
    path = written(folder, "text,intent\nhi,a\n")

    assert len(read_replies([path], labels=False)) == 1


def test_two_files_are_one_in_their_order(folder: Path) -> None:
    first = written(folder, "text,intent\nhi,greet\nyo,greet\n", "one.csv")
    second = written(
        folder,
        '{"text": "bye", "intent": "leave"}\n{"text": "ciao", "intent": "leave"}\n',
        "two.jsonl",
    )

    frame = read_replies([first, second])

    assert frame["text"].tolist() == ["hi", "yo", "bye", "ciao"]
    assert frame["file"].tolist() == [str(first)] * 2 + [str(second)] * 2
    assert frame["row"].tolist() == [1, 2, 1, 2]
    assert frame["group"].nunique() == 4


def test_a_wrong_row_is_told_of_the_file_that_holds_it(folder: Path) -> None:
    first = written(folder, GOOD, "one.csv")
    second = written(folder, "text,intent,sentiment\nhey,greet,angry\n", "two.csv")

    with pytest.raises(InputError, match=r"two\.csv, row 1, column 'sentiment'"):
        read_replies([first, second])


def test_the_taxonomy_beside_the_file_names_its_labels(folder: Path) -> None:
    taxonomy = "intents:\n  greet: {means: hello}\n  leave: {means: bye}\n"
    written(folder, taxonomy, "taxonomy.yaml")

    assert known_intents(folder / "r.csv") == ("greet", "leave")


def test_without_a_taxonomy_every_label_is_welcome(folder: Path) -> None:
    assert known_intents(folder / "r.csv") is None


@pytest.mark.parametrize("text", ["labels: {}", "intents: 3", "just words", ": :", ""])
def test_a_taxonomy_that_lists_nothing_is_refused(folder: Path, text: str) -> None:
    written(folder, text, "taxonomy.yaml")

    with pytest.raises(InputError, match=r"taxonomy\.yaml: expected `intents:`"):
        known_intents(folder / "r.csv")


@pytest.mark.parametrize("change", [("hi", "hey"), ("greet", "meet"), ("neutral", "")])
def test_the_digest_tells_texts_and_labels_apart(
    folder: Path, change: tuple[str, str]
) -> None:
    plain = read_replies([written(folder, GOOD, "one.csv")])
    again = read_replies([written(folder, GOOD, "two.csv")])
    changed = read_replies([written(folder, GOOD.replace(*change), "three.csv")])

    assert digest_of(plain) == digest_of(again)
    assert digest_of(plain) != digest_of(changed)
