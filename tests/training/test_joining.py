from pathlib import Path

import pytest

from model.errors import InputError
from training.dataset import read_replies
from training.joining import JoinedFiles, join_files
from training.optout_cases import read_cases

HEAD = "id,text,intent,group\n"
CASES = "id,text,opt_out,category,language,part\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work where the files lie, so that messages are short."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def file(name: str, *lines: str, head: str = HEAD) -> Path:
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(head + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


BASE = (
    "r1,where is my parcel,order_status,a",
    "r2,give me my money back,refund,b",
    "r3,give me my money back,refund,b",
    "r4,let me talk to a person,talk_to_human,c",
)


def joined(*paths: Path, held_out: Path | None = None) -> JoinedFiles:
    apart = read_replies([held_out], labels=False) if held_out else None
    return join_files(read_replies(paths, labels=False), None, held_out=apart)


def test_one_file_stays_as_it_is() -> None:
    told = joined(file("replies.csv", *BASE))

    assert told.replies["id"].tolist() == ["r1", "r2", "r3", "r4"]
    assert told.told == ()


def test_the_same_words_in_two_files_count_once() -> None:
    reviewed = file(
        "reviewed.csv", "x1,Where is my parcel?,order_status,z", "x2,no way,decline,z"
    )

    told = joined(file("replies.csv", *BASE), reviewed)

    assert told.replies["id"].tolist() == ["r1", "r2", "r3", "r4", "x2"]
    assert told.told == ("1 replies repeat the words of an earlier file; kept once",)


def test_files_that_contradict_each_other_are_refused_by_row() -> None:
    reviewed = file(
        "reviewed.csv", "x1,no way,decline,z", "x2,WHERE IS MY PARCEL,refund,z"
    )

    with pytest.raises(InputError) as caught:
        joined(file("replies.csv", *BASE), reviewed)

    assert str(caught.value) == (
        "reviewed.csv, row 2, column 'intent': labels refund what replies.csv:1 labels "
        "order_status (1 rows in all); mend one of them"
    )


def test_what_is_held_out_stays_held_out() -> None:
    held_out = file(
        "replies_test.csv", "t1,could i please talk to somebody real about it,other,t"
    )
    reviewed = file(
        "reviewed.csv",
        "x1,Could I please talk to somebody real about it?,talk_to_human,z",
        "x2,could i please talk to somebody real about its,talk_to_human,z",
        "x3,something else altogether,other,z",
    )

    told = joined(file("replies.csv", *BASE), reviewed, held_out=held_out)

    assert told.replies["id"].tolist() == ["r1", "r2", "r3", "r4", "x3"]
    [line] = told.told
    assert line == (
        "2 replies are left out: nearly what is held out to judge by: reviewed.csv:1 "
        "(replies_test.csv:1), reviewed.csv:2 (replies_test.csv:1)"
    )


def test_nothing_left_is_refused() -> None:
    same = file("replies.csv", "r1,where is my parcel,order_status,a")
    held_out = file("replies_test.csv", "t1,where is my parcel,order_status,a")

    with pytest.raises(InputError, match=r"replies\.csv: every reply is nearly one"):
        joined(same, held_out=held_out)


def test_opt_out_cases_of_several_files_are_joined_the_same_way() -> None:
    shipped = file(
        "optout_cases.csv",
        "o1,enough of this,yes,plain_request,en,train",
        "o2,leave my phone alone,yes,plain_request,en,test",
        head=CASES,
    )
    reviewed = file(
        "reviewed_optout.csv",
        "d1,Enough of this!,yes,reviewed_missed,en,train",
        "d2,stop by at three,no,reviewed_false,und,train",
        "d3,leave my phone alone,yes,reviewed_missed,en,train",
        head=CASES,
    )
    replies = read_replies([file("replies.csv", *BASE)], labels=False)

    told = join_files(replies, read_cases(shipped), held_out=None, opt_outs=[reviewed])

    assert told.cases is not None
    assert told.cases.train["id"].tolist() == ["o1", "d2"]
    assert told.cases.test["id"].tolist() == ["o2"]
    assert len(told.told) == 2


def test_opt_out_cases_that_contradict_are_refused() -> None:
    one = file("a.csv", "o1,end,yes,plain_request,en,train", head=CASES)
    two = file("b.csv", "o1,END,no,homonym,en,train", head=CASES)
    replies = read_replies([file("replies.csv", *BASE)], labels=False)

    with pytest.raises(InputError, match=r"b\.csv, row 1.*labels no what a\.csv:1 lab"):
        join_files(replies, None, held_out=None, opt_outs=[one, two])


def test_an_id_of_another_file_s_reply_is_made_distinct() -> None:
    other = file("other.csv", "r1,something else,other,z", "x9,not that,other,z")
    again = file("third.csv", "r2,give me my money back,refund,b")

    read = read_replies([file("replies.csv", *BASE), other, again], labels=False)

    assert read["id"].tolist() == ["r1", "r2", "r3", "r4", "other:r1", "x9", "r2"]


def test_a_group_holds_over_files_and_rows_without_one_stand_alone() -> None:
    one = file("one/replies.csv", "hello,thanks", head="text,intent\n")
    two = file("two/replies.csv", "hi,thanks", head="text,intent\n")
    named = file("three.csv", "x1,hey,thanks,a")

    read = read_replies([one, two, named, file("replies.csv", *BASE)], labels=False)

    assert read["group"].tolist() == [
        *("replies-1", "replies~2-1", "a"),
        *("a", "b", "b", "c"),
    ]
    assert read["id"].tolist()[:2] == ["replies-1", "replies~2-1"]
