"""Who writes when, and what: people, campaigns, days and nights, second thoughts."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from serving.demo.replies import Labelled

HOURS = (
    1,
    1,
    0,
    0,
    0,
    1,
    3,
    6,
    10,
    13,
    14,
    13,
    13,
    12,
    11,
    11,
    12,
    14,
    13,
    10,
    8,
    6,
    4,
    2,
)
"""How many of a day's replies come in each hour of it, by and large."""
WEEKDAYS = (1.1, 1.1, 1.0, 1.05, 1.1, 0.8, 0.6)
CAMPAIGN_DAYS = (3, 10, 17, 24)
"""Days on which a campaign goes out, counted from the first."""
CAMPAIGN_HOURS = (15, 16)
CAMPAIGN_SHARE = 0.45
"""How many more replies come on such a day, most of them within two hours."""
FOLLOWS_UP = 0.22
COMES_BACK = 0.08
OPT_OUT, OPT_IN, HELP = "opt_out", "opt_in", "help"
KEYWORDS = {
    OPT_OUT: ("STOP", "Stop", "stop", "STOP.", "Unsubscribe", "stop please"),
    HELP: ("HELP", "help", "Info"),
    OPT_IN: ("START", "Start", "UNSTOP"),
}
KEYWORD_SHARE = {OPT_OUT: 0.022, HELP: 0.006}
RETURNS = 0.25
"""How many of those who opted out opt in again within days."""
NEWS_DAYS = 6
"""For so many days before the last a new kind of reply comes in."""
NEWS_SHARE = 0.07
NEWS = tuple(
    Labelled(text, "other")
    for text in (
        "where did my points go in the app",
        "app says 0 points i had like 400",
        "my rewards vanished after the update",
        "points not showing up since yesterday",
        "u ate my loyalty points??",
        "why cant i see my stars in the app anymore",
        "hey the app logged me out n my points r gone",
        "rewards balance shows zero, it was 1250 on friday",
        "lost all my points with the new app",
        "app update wiped my rewards, fix pls",
        "do points expire? mine are all gone",
        "the new app has no points on it",
        "missing 300 points from last order",
        "my daughters points disappeared too",
        "can u put my points back",
        "points gone!!",
        "rewards page is just blank now",
        "i had enough for the free box and now 0 points",
        "it says join rewards but im already in with points",
        "where are my rewards",
    )
)
_AREAS = (
    *(202, 205, 206, 207, 208, 210, 212, 213, 214, 215, 216, 217, 301, 303, 304),
    *(305, 307, 308, 309, 310, 312, 313, 314, 315, 316, 317, 401, 402, 404, 405),
    *(406, 407, 408, 409, 410, 412, 413, 414, 415, 417, 501, 502, 503, 504, 505),
)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A reply that comes in, and what it truly wants.

    Attributes:
        at: when, aware.
        number: the person's; of the kind that is kept for fiction.
        sender: ours.
        text: what is written.
        wants: the label of what the person wants.
    """

    at: datetime
    number: str
    sender: str
    text: str
    wants: str


class _People:
    """Who may write, and to which of our numbers."""

    def __init__(self, senders: Sequence[str], chance: random.Random) -> None:
        self._chance = chance
        numbers = [f"+1{area}55501{n:02d}" for area in _AREAS for n in range(100)]
        chance.shuffle(numbers)
        shares = [2.0 / (place + 1) for place in range(len(senders))]
        self._all = [(number, chance.choices(senders, shares)[0]) for number in numbers]

    def one(self) -> tuple[str, str]:
        """Return somebody; some write often."""
        place = int(len(self._all) * self._chance.random() ** 1.6)
        return self._all[place]


class _Words:
    """What people write; each reply is used as often as any other."""

    def __init__(self, replies: Sequence[Labelled], chance: random.Random) -> None:
        self._chance = chance
        self._by_intent: dict[str, list[Labelled]] = defaultdict(list)
        for reply in replies:
            self._by_intent[reply.intent].append(reply)
        self._replies = list(replies)
        self._left: list[Labelled] = []

    def next(self) -> Labelled:
        if not self._left:
            self._left = list(self._replies)
            self._chance.shuffle(self._left)
        return self._left.pop()

    def about(self, intent: str) -> Labelled:
        return self._chance.choice(self._by_intent[intent])

    def keyword(self, intent: str) -> Labelled:
        return Labelled(self._chance.choice(KEYWORDS[intent]), intent)


def traffic(
    replies: Sequence[Labelled],
    senders: Sequence[str],
    *,
    until: datetime,
    days: int,
    a_day: int,
    chance: random.Random,
) -> list[Incoming]:
    """Return the replies of `days` days that end at `until`, in order of time.

    Args:
        replies: what people write.
        senders: our numbers, the one that most write to first.
        until: the end, aware.
        days: how many.
        a_day: replies on a usual day.
        chance: what is random.
    """
    people, words = _People(senders, chance), _Words(replies, chance)
    first = until - timedelta(days=days)
    found: list[Incoming] = []
    for day in range(days):
        start = first + timedelta(days=day)
        news = NEWS_SHARE if day >= days - NEWS_DAYS else 0.0
        for at in _moments(start, day, a_day, chance):
            found += _course(at, people.one(), words, news, chance)
    return sorted((one for one in found if one.at < until), key=lambda one: one.at)


def _moments(
    start: datetime, day: int, a_day: int, chance: random.Random
) -> list[datetime]:
    usual = round(a_day * WEEKDAYS[start.weekday()] * chance.uniform(0.92, 1.08))
    hours = chance.choices(range(24), HOURS, k=usual)
    if day in CAMPAIGN_DAYS:
        hours += chance.choices(CAMPAIGN_HOURS, k=round(a_day * CAMPAIGN_SHARE))
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    return [
        midnight + timedelta(hours=hour, seconds=chance.uniform(0, 3600))
        for hour in hours
    ]


def _course(
    at: datetime,
    who: tuple[str, str],
    words: _Words,
    news: float,
    chance: random.Random,
) -> list[Incoming]:
    """Return what somebody writes first, and what may follow from it."""
    said = _first(words, news, chance)
    course = [(at, said)]
    if said.intent == OPT_OUT:
        if chance.random() < RETURNS:
            later = at + timedelta(hours=chance.uniform(1, 90))
            course.append((later, words.keyword(OPT_IN)))
    elif said in NEWS:
        pass
    elif chance.random() < FOLLOWS_UP:
        soon = at + timedelta(minutes=chance.lognormvariate(1.5, 1.0))
        course.append((soon, words.about(said.intent)))
    elif chance.random() < COMES_BACK:
        later = at + timedelta(hours=chance.uniform(2, 70))
        back = words.keyword(OPT_OUT) if chance.random() < 0.2 else None  # noqa: PLR2004 - a fifth
        course.append((later, back or words.about(said.intent)))
    return [Incoming(when, *who, what.text, what.intent) for when, what in course]


def _first(words: _Words, news: float, chance: random.Random) -> Labelled:
    if chance.random() < news:
        return chance.choice(NEWS)
    for intent, share in KEYWORD_SHARE.items():
        if chance.random() < share:
            return words.keyword(intent)
    return words.next()
