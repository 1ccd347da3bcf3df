import csv
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import sqlalchemy as sa

from serving.console.quality_filters import QualityFilters, read_filters
from serving.live import LiveBundle
from serving.reviews.verdict import Verdict
from serving.sampling.draw import draw_day
from serving.store.database import reading, writing
from serving.store.figure_tables import daily_containment
from serving.store.review_tables import sample_draws
from tests.databases import store
from tests.serving.console.desk import Desk, desk
from tests.serving.sampling.making import DAY, MIDNIGHT, a_day, finding, review, writer
from tests.serving.sampling.test_draw import always

MORNING = MIDNIGHT + DAY + timedelta(hours=8)
WEIGHED = """
SELECT SUM(w * wrong) / SUM(w), COUNT(*) FROM (
  SELECT s.decisions * 1.0 / (
           SELECT COUNT(*) FROM sample_draws o JOIN reviews p USING (decision_id)
           WHERE o.stratum = s.stratum) AS w,
         CASE WHEN r.verdict = 'needless_escalation' THEN 1.0 ELSE 0.0 END AS wrong
  FROM reviews r JOIN sample_draws w USING (decision_id)
  JOIN sample_strata s ON s.stratum = w.stratum AND s.period = w.period
  JOIN decisions d ON d.decision_id = r.decision_id
  WHERE d.action = 'escalate') AS weighed
"""
"""Needless escalations, by hand: one day, each stratum weighed by what is reviewed."""


@pytest.fixture
def morning_desk(parrot: LiveBundle, url: str) -> Iterator[Desk]:
    """Return a desk of each kind whose clock stands at the morning after."""
    with desk(parrot, url, now=lambda: MORNING) as found:
        yield found


@pytest.fixture
def quick_morning_desk(parrot: LiveBundle, tmp_path: Path) -> Iterator[Desk]:
    """Return such a desk over SQLite, for what no store changes."""
    with (
        store("sqlite", tmp_path) as url,
        desk(parrot, url, now=lambda: MORNING) as found,
    ):
        found.sign_in("qa")
        yield found


@pytest.fixture
def reviewed(morning_desk: Desk) -> Desk:
    """Return a desk over a day that was drawn from and three quarters reviewed."""
    return with_reviews(morning_desk)


@pytest.fixture
def quick_reviewed(quick_morning_desk: Desk) -> Desk:
    """Return such a desk over SQLite."""
    return with_reviews(quick_morning_desk)


def with_reviews(of: Desk) -> Desk:
    a_day(of.engine)
    draw(of.engine)
    draws = sample_draws.c
    with reading(of.engine) as connection:
        rows = connection.execute(
            sa.select(draws.decision_id, draws.stratum).order_by(draws.place)
        ).all()
    findings = []
    for number, row in enumerate(rows[:30]):
        escalated = row.stratum.startswith("escalated")
        wrong = escalated and number % 3 == 0
        verdict = Verdict.NEEDLESS_ESCALATION if wrong else Verdict.RIGHT
        findings.append(finding(row.decision_id, verdict))
    review(of.engine, *findings)
    of.sign_in("qa")
    return of


def draw(engine: sa.Engine, now: datetime = MORNING) -> None:
    draw_day(engine, writer(engine), lambda: now, always)


def rates(of: Desk, query: str = "") -> dict[tuple[str, str, str], dict[str, str]]:
    content = of.get(f"/console/quality/rates.csv{query}").text
    return {
        (row["of"], row["name"], row["rate"]): row
        for row in csv.DictReader(StringIO(content))
    }


def test_who_is_not_signed_in_is_led_to_the_door(quick_desk: Desk) -> None:
    for path in ("/console/quality", "/console/quality/rates.csv"):
        assert quick_desk.get(path).status_code == 303


@pytest.mark.parametrize("role", ["qa", "analyst", "admin"])
def test_before_the_first_draw_the_page_says_how_it_begins(
    quick_desk: Desk, role: str
) -> None:
    quick_desk.sign_in(role)

    page = quick_desk.get("/console/quality")

    assert page.status_code == 200
    assert "No decision was drawn for review yet" in page.text
    assert quick_desk.get("/console/quality/rates.csv").status_code == 404


def test_what_is_drawn_and_not_reviewed_asks_for_reviews(
    quick_morning_desk: Desk,
) -> None:
    a_day(quick_morning_desk.engine)
    draw(quick_morning_desk.engine)

    page = quick_morning_desk.get("/console/quality").text

    assert "40 decisions drawn, 0 reviewed" in page
    assert "None of these decisions is reviewed yet" in page
    assert 'href="/console/review"' in page


def test_rates_are_those_of_a_query_by_hand(reviewed: Desk) -> None:
    with reading(reviewed.engine) as connection:
        [(share, count)] = connection.exec_driver_sql(WEIGHED).all()

    row = rates(reviewed)["all", "", "needless_escalations"]
    page = reviewed.get("/console/quality").text

    assert int(row["reviewed"]) == count
    assert 0 < share < 1
    shown = re.search(r'data-rate="needless_escalations">(.*?)</tr>', page, re.DOTALL)
    assert shown
    if row["share"]:  # Few reviews are enough to count, not to show.
        assert float(row["share"]) == pytest.approx(share)
        assert f'data-share="{share:.6f}"' in shown[1]
    else:
        assert f"{count} reviewed: too few to say" in shown[1]


def test_a_longer_look_shows_the_share(reviewed: Desk) -> None:
    for days in (1, 2):
        start = MIDNIGHT + days * DAY
        a_day(reviewed.engine, start)
        draw(reviewed.engine, start + DAY + timedelta(hours=1))
    with reading(reviewed.engine) as connection:
        ids = connection.scalars(
            sa.select(sample_draws.c.decision_id).where(
                sample_draws.c.period > "2026-11-23"
            )
        ).all()
    review(reviewed.engine, *(finding(i, Verdict.RIGHT) for i in ids))

    row = rates(reviewed)["all", "", "needless_escalations"]
    page = reviewed.get("/console/quality").text

    assert float(row["low"]) < float(row["share"]) < float(row["high"])
    assert f'data-share="{float(row["share"]):.4f}' in page
    assert "120 decisions drawn, 110 reviewed" in page
    wrong, *_ = re.findall(r'data-rate="wrong_answers">(.*?)</tr>', page, re.DOTALL)
    assert "cannot tell yet: about" in wrong


def test_one_program_is_shown_alone(quick_reviewed: Desk) -> None:
    every, other = rates(quick_reviewed), rates(quick_reviewed, "?program=other")
    name = ("all", "", "missed_escalations")

    assert int(other[name]["drawn"]) < int(every[name]["drawn"])
    assert (
        other[name]["drawn"] == every["program", "other", "missed_escalations"]["drawn"]
    )


def test_a_program_that_nothing_was_drawn_of_says_so(quick_reviewed: Desk) -> None:
    page = quick_reviewed.get("/console/quality?program=nobody&days=7").text

    assert "Nothing was drawn of this program and bundle" in page


def test_the_design_can_be_checked(quick_reviewed: Desk) -> None:
    content = quick_reviewed.get("/console/quality/design.csv").text
    rows = list(csv.DictReader(StringIO(content)))
    page = quick_reviewed.get("/console/quality").text

    assert sum(int(row["decisions"]) for row in rows) == 400
    assert sum(int(row["drawn"]) for row in rows) == 40
    assert sum(int(row["reviewed"]) for row in rows) == 30
    for row in rows:
        assert float(row["probability"]) == pytest.approx(
            int(row["drawn"]) / int(row["decisions"]), rel=1e-4
        )
    assert f"{len(rows)} strata" in page


def test_an_unknown_file_is_not_found(quick_reviewed: Desk) -> None:
    assert quick_reviewed.get("/console/quality/people.csv").status_code == 404


def test_containment_is_what_was_counted(quick_reviewed: Desk) -> None:
    with writing(quick_reviewed.engine) as connection:
        connection.execute(
            sa.insert(daily_containment).values(
                day=MIDNIGHT.date(),
                program="acme",
                intent="store_info",
                answered=200,
                came_back=20,
                handed_over=8,
                opted_out=2,
                contained=173,
            )
        )

    page = quick_reviewed.get("/console/quality").text

    assert "<strong>86.5 %</strong> of 200 automatic answers" in page


def test_the_page_holds_nothing_inline(quick_reviewed: Desk) -> None:
    page = quick_reviewed.get("/console/quality").text

    assert not re.search(r"<script(?![^>]*src=)|style=|\son\w+=", page)


def test_the_service_draws_once_a_day_is_over(quick_morning_desk: Desk) -> None:
    a_day(quick_morning_desk.engine)
    service = quick_morning_desk.client.app_state["service"]

    service.count()

    page = quick_morning_desk.get("/console/quality").text
    assert "200 decisions drawn, 0 reviewed" in page


@pytest.mark.parametrize(
    ("query", "filters"),
    [
        ({}, QualityFilters(30)),
        ({"days": "7", "program": "acme"}, QualityFilters(7, "acme")),
        ({"days": "9999", "bundle": "sha256:a"}, QualityFilters(30, None, "sha256:a")),
        ({"days": "x", "program": ""}, QualityFilters(30)),
        ({"days": "²"}, QualityFilters(30)),
    ],
)
def test_filters_are_read(query: dict[str, str], filters: QualityFilters) -> None:
    assert read_filters(query) == filters


def test_days_end_with_the_last_that_was_drawn_from() -> None:
    assert QualityFilters(7).first(date(2026, 11, 29)) == date(2026, 11, 23)
    assert QualityFilters(7, "a b", "c").query == "days=7&program=a+b&bundle=c"
