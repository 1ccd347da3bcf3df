import re
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from httpx2 import Response

from serving.console.users import User
from serving.reviews.finding import Finding
from serving.reviews.holds import HELD, hold
from serving.reviews.review import Review, standing
from serving.reviews.verdict import ReviewKind, Verdict
from serving.routing.situation import Consent
from serving.store.contacts import Contact, ContactKey, save_contacts
from serving.store.database import reading, writing
from tests.serving.console.desk import Desk, rows
from tests.serving.reviews.making import (
    ESCALATED,
    NOON,
    RIGHT,
    a_decision,
    a_draw,
    drawn,
    forgotten,
    reviewed,
)

HTMX = {"HX-Request": "true"}
REFUND = Finding(Verdict.WRONG_INTENT, intent="refund")
NUMBER = "+12125550100"


@pytest.fixture
def qa(quick_desk: Desk) -> Desk:
    quick_desk.sign_in("qa")
    return quick_desk


@pytest.fixture
def each_qa(at_desk: Desk) -> Desk:
    """Return the same over each kind of store, for what reads or writes a lot."""
    at_desk.sign_in("qa")
    return at_desk


def shown(answer: Response) -> list[str]:
    """Return the decisions that an answer brings, in order."""
    return re.findall(r'<article class="case" data-id="([^"]+)"', answer.text)


def said(answer: Response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def stands(desk: Desk, decision_id: str = "d1") -> list[Review]:
    with reading(desk.engine) as connection:
        return standing(connection, decision_id)


def give(
    desk: Desk,
    decision_id: str = "d1",
    verdict: str = "right",
    kind: str = "drawn",
    **form: str,
) -> Response:
    path = f"/console/review/{kind}/{decision_id}"
    return desk.post(path, HTMX, verdict=verdict, **{"next": "drawn", **form})


def buttons(answer: Response) -> list[str]:
    return re.findall(r'name="verdict" value="([^"]+)"', answer.text)


@pytest.mark.parametrize("role", ["qa", "analyst", "admin"])
def test_every_role_reviews(quick_desk: Desk, role: str) -> None:
    user = quick_desk.sign_in(role)
    drawn(quick_desk.engine, "d1", "d2")

    page = quick_desk.get("/console/review")
    answer = give(quick_desk)

    assert shown(page) == ["d1", "d2"]
    assert answer.status_code == 200
    (review,) = stands(quick_desk)
    assert (review.user_id, review.kind) == (user.user_id, ReviewKind.DRAWN)
    assert review.finding == RIGHT


def test_a_verdict_brings_the_next_decision_and_how_far_one_is(each_qa: Desk) -> None:
    drawn(each_qa.engine, "d1", "d2", "d3", "d4", "d5")
    assert shown(each_qa.get("/console/review")) == ["d1", "d2", "d3"]

    answer = give(each_qa, "d1", showing="d2 d3")

    assert shown(answer) == ["d4"]
    assert 'id="ahead" hx-swap-oob="beforeend"' in answer.text
    assert "1 today · 4 waiting" in said(answer)


def test_a_verdict_without_a_script_leads_back_to_the_queue(qa: Desk) -> None:
    drawn(qa.engine, "d1")
    qa.get("/console/review")

    answer = qa.post("/console/review/drawn/d1", verdict="right")

    assert (answer.status_code, answer.headers["location"]) == (303, "/console/review")
    assert len(stands(qa)) == 1


def test_the_finding_is_taken_whole(qa: Desk) -> None:
    with writing(qa.engine) as connection:
        a_decision(connection, "d1", ESCALATED)
        a_decision(connection, "d2", ESCALATED)
        a_draw(connection, "d1")
        a_draw(connection, "d2")
    qa.get("/console/review")

    give(qa, "d1", "wrong_intent", intent="refund", note=" a second purchase ")
    give(qa, "d2", "wrong_queue", queue="billing")

    (first,), (second,) = stands(qa, "d1"), stands(qa, "d2")
    assert first.finding == Finding(
        Verdict.WRONG_INTENT, "refund", None, "a second purchase"
    )
    assert second.finding == Finding(Verdict.WRONG_QUEUE, None, "billing")


def test_the_page_tells_what_was_said_decided_and_why(qa: Desk) -> None:
    with writing(qa.engine) as connection:
        a_decision(connection, "d0", text="hello <b>there</b>", at=NOON)
        later = NOON + timedelta(hours=1)
        a_decision(connection, "d1", ESCALATED, at=later, last_message="Sale today!")
        a_draw(connection, "d1")

    page = qa.get("/console/review")

    told = said(page)
    for words in (
        "hello &lt;b&gt;there&lt;/b&gt;",
        "Sale today!",
        "where is it",
        "A person will look.",
        "given to a person: orders",
        "normal priority",
        "Read as order status by the model",
        "61 % sure , asked for 83 %",
        "The confidence is below the intent&#39;s threshold.",
        "or refund 2 %",
        "neutral 91 %",
        "sms to shop, in en; words holding@1",
    ):
        assert words in told, words
    assert told.index("hello") < told.index("Sale today!") < told.rindex("where is it")
    assert 'hx-get="/console/review/why/d1"' in page.text
    assert "+15550100" not in page.text


def test_only_verdicts_that_can_be_meant_are_offered_and_taken(qa: Desk) -> None:
    drawn(qa.engine, "d1")

    page = qa.get("/console/review")
    answer = give(qa, "d1", "needless_escalation")

    assert buttons(page) == [
        "right",
        "wrong_intent",
        "should_escalate",
        "wrong_words",
        "missed_opt_out",
    ]
    assert answer.status_code == 409
    assert "it was not given to a person" in answer.text
    assert stands(qa) == []


@pytest.mark.parametrize(
    ("verdict", "form", "problem"),
    [
        ("", {}, "Expected a verdict"),
        ("nonsense", {}, "Expected a verdict"),
        ("wrong_intent", {}, "takes the right intent"),
        ("wrong_intent", {"intent": "nonsense"}, "got another"),
        ("right", {"note": "x" * 2001}, "at most 2000"),
    ],
)
def test_what_cannot_be_meant_is_told_in_one_line(
    qa: Desk, verdict: str, form: dict[str, str], problem: str
) -> None:
    drawn(qa.engine, "d1")
    qa.get("/console/review")

    answer = give(qa, "d1", verdict, **form)

    assert answer.status_code == 409
    assert answer.headers["content-type"].startswith("text/plain")
    assert problem in answer.text
    assert "nonsense" not in answer.text
    assert "\n" not in answer.text


def test_two_at_the_desk_never_get_the_same(each_qa: Desk) -> None:
    drawn(each_qa.engine, "d1", "d2", "d3", "d4", "d5", "d6")
    first = shown(each_qa.get("/console/review"))
    each_qa.sign_in("qa", "bea")
    second = shown(each_qa.get("/console/review"))

    assert sorted(first + second) == ["d1", "d2", "d3", "d4", "d5", "d6"]
    assert give(each_qa, first[0]).status_code == 410
    assert stands(each_qa, first[0]) == []


def test_who_reloads_the_page_gets_the_same_again(qa: Desk) -> None:
    drawn(qa.engine, "d1", "d2", "d3", "d4")

    assert shown(qa.get("/console/review")) == shown(qa.get("/console/review"))


def test_undo_brings_the_decision_again(each_qa: Desk) -> None:
    drawn(each_qa.engine, "d1", "d2")
    each_qa.get("/console/review")
    give(each_qa, "d1", "wrong_intent", intent="refund")

    answer = each_qa.post("/console/review/undo", HTMX, next="drawn")

    assert shown(answer) == ["d1"]
    assert 'id="back"' in answer.text
    assert "0 today · 2 waiting" in said(answer)
    assert stands(each_qa) == []
    assert give(each_qa, "d1").status_code == 200


def test_there_may_be_nothing_to_undo(qa: Desk) -> None:
    answer = qa.post("/console/review/undo", HTMX, next="drawn")

    assert (answer.status_code, answer.text) == (
        404,
        "There is nothing of yours to undo.",
    )


def test_what_is_skipped_comes_back_at_the_end_and_says_so(each_qa: Desk) -> None:
    drawn(each_qa.engine, "d1", "d2")
    each_qa.get("/console/review")

    # The page tells what it skips as well, so that it is not handed out at once.
    skipped = each_qa.post(
        "/console/review/skip/d1", HTMX, next="drawn", showing="d2 d1"
    )
    answer = give(each_qa, "d2", showing="d2")

    assert shown(skipped) == []
    assert shown(answer) == ["d1"]
    assert "You skipped this one earlier." in said(answer)
    assert shown(each_qa.get("/console/review")) == ["d1"]
    each_qa.sign_in("qa", "bea")
    assert shown(each_qa.get("/console/review")) == []


def test_what_is_skipped_is_for_others_at_once(each_qa: Desk) -> None:
    drawn(each_qa.engine, "d1", "d2")
    each_qa.get("/console/review")
    each_qa.post("/console/review/skip/d1", HTMX, next="drawn", showing="d2 d1")

    each_qa.sign_in("qa", "bea")
    assert shown(each_qa.get("/console/review")) == ["d1"]


def test_a_second_reviewer_does_not_see_what_the_first_found(qa: Desk) -> None:
    drawn(qa.engine, "d1", double=True)
    with writing(qa.engine) as connection:
        hold(connection, "bea", ["d1"], NOON, most=1)
    user = qa.sign_in("qa", "bea")
    reviewed(qa.engine, user.user_id, "d1", replace(REFUND, note="money back"))

    qa.sign_in("qa", "cal")
    for path in ("/console/review", "/console/review/d1"):
        page = qa.get(path)
        assert shown(page) == ["d1"]
        assert "money back" not in page.text
        assert "found" not in said(page)

    give(qa, "d1")
    assert "bea found Wrong intent: refund : money back" in said(
        qa.get("/console/review/d1")
    )


def test_any_decision_can_be_opened_and_is_a_pick(qa: Desk) -> None:
    drawn(qa.engine, "d1")

    page = qa.get("/console/review/d1")
    answer = give(qa, "d1", "wrong_words", kind="picked", next="")

    assert "no rate on the Quality page counts it" in said(page)
    assert "it will come up in the queue, and counts there" in said(page)
    assert shown(answer) == ["d1"]
    assert "You found Wrong words , as your own pick" in said(answer)
    assert buttons(answer) == []
    assert [review.kind for review in stands(qa)] == [ReviewKind.PICKED]
    assert shown(qa.get("/console/review")) == ["d1"]


def test_what_is_not_there_cannot_be_opened(qa: Desk) -> None:
    assert qa.get("/console/review/nothing").status_code == 404
    assert qa.get("/console/review/why/nothing").status_code == 404
    assert give(qa, "nothing", kind="picked").status_code == 404


def test_erased_words_say_so(qa: Desk) -> None:
    drawn(qa.engine, "d1", "d2")
    forgotten(qa.engine, "d1")

    assert shown(qa.get("/console/review")) == ["d2"]
    page = qa.get("/console/review/d1")
    assert "These words were erased." in said(page)
    assert "nothing is left to explain" in said(qa.get("/console/review/why/d1"))


def test_what_a_rule_decided_needs_no_reading(qa: Desk) -> None:
    with writing(qa.engine) as connection:
        by_rule = replace(ESCALATED, sentiment=None, sentiment_confidence=None)
        a_decision(connection, "d1", by_rule)

    told = said(qa.get("/console/review/why/d1"))

    assert "A rule decided; no word was weighed." in told


def test_with_nothing_drawn_the_page_says_what_to_do(qa: Desk) -> None:
    empty = said(qa.get("/console/review"))
    drawn(qa.engine, "d1")
    qa.get("/console/review")
    done = said(give(qa, "d1"))

    assert "Nothing is drawn for review yet." in empty
    assert "All reviewed. 1 today" in done


def found(desk: Desk, typed: str) -> Response:
    return desk.post("/console/review/find", typed=typed)


def test_an_id_leads_to_its_decision(qa: Desk) -> None:
    drawn(qa.engine, "d1")

    for typed in ("d1", " m-d1 ", "c-d1"):
        answer = found(qa, typed)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/console/review/d1"
    assert "Nothing is known by that." in said(found(qa, "nothing"))


def test_a_number_leads_to_its_conversations_and_the_look_up_is_audited(
    each_qa: Desk,
) -> None:
    with writing(each_qa.engine) as connection:
        for name in ("c1", "c2"):
            a_decision(connection, f"d-{name}", conversation=name)
            contact = Contact(
                key=ContactKey(NUMBER, f"+1212555019{name[-1]}"),
                conversation_id=name,
                consent=Consent.SUBSCRIBED,
                consent_changed_at=None,
                asked_opt_out=False,
                hour_began_at=NOON,
                hour_replies=0,
            )
            save_contacts(connection, [contact])

    page = found(each_qa, "(212) 555-0100")

    assert re.findall(r'href="/console/review/(d-c.)"', page.text) == ["d-c2", "d-c1"]
    assert NUMBER not in page.text
    ((actor, digest, details),) = rows(
        each_qa.engine,
        "SELECT actor, subject_digest, details FROM audit "
        "WHERE action = 'contact.looked_up'",
    )
    assert (actor, details) == ("user:qa-person", '{"conversations": 2}')
    assert isinstance(digest, str)
    assert len(digest) == 64


def test_what_one_reviewed_lately_is_listed(each_qa: Desk) -> None:
    drawn(each_qa.engine, "d1", "d2")
    forgotten(each_qa.engine, "d2")
    each_qa.get("/console/review")
    give(each_qa, "d1")
    give(each_qa, "d2", "wrong_intent", kind="picked", intent="refund")

    told = said(each_qa.get("/console/review/mine"))

    assert "Right where is it Open" in told
    assert "Wrong intent: refund picked erased Open" in told


def disputes(desk: Desk, *decision_ids: str) -> tuple[User, User]:
    """Let two reviewers differ."""
    drawn(desk.engine, *decision_ids, double=True)
    ada, bea = desk.sign_in("qa", "ada"), desk.sign_in("qa", "bea")
    for decision_id in decision_ids:
        reviewed(desk.engine, ada.user_id, decision_id, RIGHT)
        reviewed(desk.engine, bea.user_id, decision_id, REFUND)
    return ada, bea


@pytest.mark.parametrize("role", ["analyst", "admin"])
def test_an_analyst_decides_between_two_without_their_names(
    at_desk: Desk, role: str
) -> None:
    disputes(at_desk, "d1", "d2")
    user = at_desk.sign_in(role)

    page = at_desk.get("/console/review/adjudicate")
    answer = give(
        at_desk,
        "d1",
        "wrong_intent",
        kind="adjudicated",
        next="adjudicated",
        intent="refund",
        showing="d2",
    )

    assert shown(page) == ["d1", "d2"]
    assert "One reviewer Right One reviewer Wrong intent: refund" in said(page)
    assert "ada" not in said(page).split()
    assert "No two reviewers differ." in said(answer)
    last = stands(at_desk)[-1]
    assert (last.user_id, last.kind) == (user.user_id, ReviewKind.ADJUDICATED)
    assert last.finding == REFUND
    assert shown(at_desk.get("/console/review/adjudicate")) == ["d2"]


def test_qa_does_not_adjudicate(quick_desk: Desk) -> None:
    disputes(quick_desk, "d1")
    quick_desk.sign_in("qa", "cal")

    assert quick_desk.get("/console/review/adjudicate").status_code == 403
    assert give(quick_desk, "d1", kind="adjudicated").status_code == 403
    more = quick_desk.post("/console/review/next", HTMX, next="adjudicated")
    assert more.status_code == 403
    assert len(stands(quick_desk)) == 2


def test_nobody_reviews_who_is_not_signed_in(quick_desk: Desk) -> None:
    drawn(quick_desk.engine, "d1")

    for path in ("/console/review", "/console/review/d1", "/console/review/why/d1"):
        assert quick_desk.get(path).status_code == 303
    assert give(quick_desk).status_code in {401, 403}
    assert stands(quick_desk) == []


def test_a_verdict_of_another_site_is_refused(qa: Desk) -> None:
    drawn(qa.engine, "d1")
    qa.get("/console/review")
    qa.csrf = "forged"

    assert give(qa).status_code == 403
    assert stands(qa) == []


def test_a_late_verdict_counts_while_nobody_was_faster(qa: Desk) -> None:
    drawn(qa.engine, "d1")
    qa.get("/console/review")
    with writing(qa.engine) as connection:
        table = sa.table("review_holds", sa.column("until", sa.DateTime(timezone=True)))
        connection.execute(sa.update(table).values(until=qa.now() - HELD))

    assert give(qa).status_code == 200
