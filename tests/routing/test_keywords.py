import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.routing.keywords import KeywordRole
from serving.routing.ruleset import RuleSet

LAW = settings(deadline=None)
OPT_OUT = """
STOP|STOPALL|STOP ALL|UNSUBSCRIBE|CANCEL|END|QUIT|REVOKE|OPTOUT|OPT OUT|OPT-OUT|REMOVE
|TD|UNSUB|ALTO|PARAR|PARE|BAJA|CANCELAR|DETENER|NO MAS|no más|ARRET|ARRÊT|ARRETER
|arrêter|DESABONNER|désabonner|DESINSCRIRE|SAIR|STOPP|ABMELDEN
|stop|Stop.|STOP!|stop!!!|"STOP"|stop 🙏|stop please|Please stop|STOP PLEASE
|PLEASE CANCEL|stop now|stop thanks|Stop. Thank you|ok stop|stop stop stop
|stop unsubscribe|S T O P|s.t.o.p|ST0P|$TOP|5TOP|stooop|STOPPPP|sotp|stpo|unsubscibe
|unsuscribe|optouy|optput|optut|removea|ＳＴＯＰ|𝐒𝐓𝐎𝐏|🆂🆃🅾🅿|ЅТОР|STОP|ŞTOP|STӦP|ST\u200bOP
|\ufeffSTOP|STOP\u00a0|optout sent with gentle effect|stop sent with slam effect
|STOP. Also cancel my 3pm|I am busy. Stop.|STOP\nIn the future call me|stop; thanks
|exit|remove|remove me|take me off your list|lose my number|leave me alone|block
|cease and desist|don't text me|don’t contact me|I opt out|opt me out|no more texts
|quit texting me|stop texting me|🛑|🛑🛑|🛑 🚫|⛔️
|thanks, bye. STOP|Wrong number, stop|Wrong number - STOP|wrong number (stop)|no, stop
|STOP! i mean it|stop, wrong number|stop, also cancel my 3pm|STOP also cancel my 3pm
|Who is this?? STOP!!|ok whatever, btw stop texting me|like i said, stop|STOP... enough
|Loved “20% off! Reply STOP to opt out” STOP|Loved "x" STOP texting me
|Liked “x” pls stop|Liked your page. STOP|Yes, stop texting me
|please stop texting me. I have a refund coming
|STOPPP. I am serious|S T O P. leave me be|ST0P. wrong number|Hi!\nSTOP\nthanks a lot
|not interested, unsubscribe|stop stop stop. wrong number|Danke, aber nein. STOPP
"""
NOT_OPT_OUT = """
Stop by around 3?|stop by at 3|end of the day|I might end up needing two|Stop it!
|we have got to STOP this bill|Don't stop texting me|I don't want to unsubscribe
|stop emailing me|stop calling, text is fine|remove the onions|opt out of the warranty
|stop my autopay|take me off the Thursday shift|when does the sale end?|cancel my 3pm
|cancel order 12|Para mañana está bien|arrêt de bus|next stop is mine. See you
|Is there an exit. I am lost|where do I quit the app?|no|No.|yes|ok|s|x
|I like it. cancel|The end. I loved it|bus stop 🛑|🛑 ahead|👍
|please stop. the music is too loud|never said STOP|i never said stop. i said shop
|"STOP" is all it says. why|“STOP”. what does that mean|Sale today! Txt STOP to end
|FWD: 20% off. Reply: STOP|HELP for help, STOP to cancel|20% off. To opt out reply\nSTOP
|> STOP\nwho wrote this|stop! you guys are too kind|stop, you're making me blush
|STOP!! these are gorgeous|stop, look and listen|stop! in the name of love|Stop? never!
|STOP, END, or QUIT: which one do i send|do you want me to stop?|next exit. exit
|I hate my job. Quit.|The end. end|cancel, my car broke down|no. cancel
|yes. cancel my 3pm|he said, stop|he told me to, stop|i was like, stop|dont. stop
|can't stop, won't stop
|no mas. gracias, ya tengo|baja. la musica esta alta|unsubscribe? no way|quid
|optout.com is down|stop it. you are the best|one-stop, shop
|Reply STOP to opt out|Msg & data rates may apply. Reply STOP to opt out
"""
ORDINARY_WORDS = """
step shop spot quiet quite quilt suit bend hello star cancer also auto fair hair pair
said sail park part care page rare pale pure dare fare quiz edit exist evict black clock
flock stock store stops removed revive option recover arrest stair stir paste basic
"""


def cases(table: str) -> list[str]:
    return [text for text in table.strip("\n").replace("\n|", "|").split("|") if text]


def role_of(rules: RuleSet, text: str, *, opted_out: bool = False) -> str | None:
    keyword = rules.keywords.match(text, opted_out=opted_out)
    return keyword.role if keyword else None


@pytest.mark.parametrize("text", cases(OPT_OUT))
def test_opts_out_at_once(rules: RuleSet, text: str) -> None:
    assert role_of(rules, text) == KeywordRole.OPT_OUT
    assert role_of(rules, text, opted_out=True) == KeywordRole.OPT_OUT


@pytest.mark.parametrize("text", [*cases(NOT_OPT_OUT), *ORDINARY_WORDS.split()])
def test_is_no_opt_out_by_keyword(rules: RuleSet, text: str) -> None:
    assert role_of(rules, text) != KeywordRole.OPT_OUT


@pytest.mark.parametrize("text", ["7D", "7d", "3nd", "51", "5i", "0", "55", "1100"])
def test_sizes_and_numbers_are_no_keywords(rules: RuleSet, text: str) -> None:
    assert role_of(rules, text) is None
    assert role_of(rules, text, opted_out=True) is None


@pytest.mark.parametrize("text", ["HELP", "help!", "Info", "AYUDA", "AIDE", "help me"])
def test_asks_for_help(rules: RuleSet, text: str) -> None:
    assert role_of(rules, text) == KeywordRole.HELP


@pytest.mark.parametrize("text", ["START", "Start please", "UNSTOP", "NONARRET"])
def test_opts_in(rules: RuleSet, text: str) -> None:
    assert role_of(rules, text) == KeywordRole.OPT_IN


@pytest.mark.parametrize("text", ["YES", "yes please", "Y", "sí", "Yes!"])
def test_yes_opts_in_only_whoever_is_out(rules: RuleSet, text: str) -> None:
    assert role_of(rules, text, opted_out=True) == KeywordRole.OPT_IN
    assert role_of(rules, text) is None


@pytest.mark.parametrize(
    "text", ["help me with my order", "start my plan", "strat", "hepl", "I need info"]
)
def test_help_and_start_are_taken_from_the_whole_message_only(
    rules: RuleSet, text: str
) -> None:
    assert role_of(rules, text) is None


@pytest.mark.parametrize(
    ("text", "ambiguous"), [("STOP", False), ("CANCEL", True), ("end.", True)]
)
def test_a_word_that_may_mean_a_visit_is_marked(
    rules: RuleSet, text: str, *, ambiguous: bool
) -> None:
    keyword = rules.keywords.match(text, opted_out=False)

    assert keyword
    assert keyword.ambiguous is ambiguous


@pytest.mark.parametrize(
    ("text", "language"), [("STOP", "en"), ("baja", "es"), ("AIDE", "fr")]
)
def test_a_keyword_tells_the_language_to_answer_in(
    rules: RuleSet, text: str, language: str
) -> None:
    keyword = rules.keywords.match(text, opted_out=False)

    assert keyword
    assert keyword.language == language


@LAW
@given(text=st.text(st.characters(exclude_categories=())), opted_out=st.booleans())
def test_any_text_can_be_matched(rules: RuleSet, text: str, *, opted_out: bool) -> None:
    rules.keywords.match(text, opted_out=opted_out)


@LAW
@given(
    before=st.text(" .,!?-*\n\t", max_size=4),
    after=st.text(" .,!?-*\n\t🙏", max_size=4),
    word=st.sampled_from(["stop", "STOP", "Unsubscribe", "opt out", "quit"]),
)
def test_punctuation_and_case_never_save_a_sender_from_stop(
    rules: RuleSet, before: str, after: str, word: str
) -> None:
    assert role_of(rules, before + word + after) == KeywordRole.OPT_OUT


@LAW
@given(
    end=st.sampled_from([". ", "; ", "\n", ".\n\n"]),
    more=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1),
    word=st.sampled_from(["STOP", "stop", "Stop texting me", "unsubscribe"]),
)
def test_nothing_that_is_added_takes_a_stop_back(
    rules: RuleSet, end: str, more: str, word: str
) -> None:
    assert role_of(rules, f"{word}{end}{more}") == KeywordRole.OPT_OUT


@pytest.mark.parametrize("text", ["STOP", "stop please", "🛑", "Stop. Thank you"])
def test_a_bare_stop_is_whole(rules: RuleSet, text: str) -> None:
    assert rules.keywords.whole(text, opted_out=False)


@pytest.mark.parametrize("text", ["STOP. also cancel my 3pm", "Wrong number, stop"])
def test_a_stop_with_more_is_by_itself_and_not_whole(rules: RuleSet, text: str) -> None:
    assert rules.keywords.whole(text, opted_out=False) is None
    assert rules.keywords.by_itself(text)


YES = ["yes", "Yes!", "yess", "yes please", "Y", "ok", "yeah thanks", "sí", "oui", "ja"]
NO = ["no", "No.", "nope", "no thanks", "nah", "keep them coming", "nein danke", "non"]


@pytest.mark.parametrize(
    ("text", "stop"),
    [
        *((text, True) for text in [*YES, "👍", "👍🏽👍🏽", "please do", "yesss"]),
        *((text, False) for text in NO),
        *((text, None) for text in ["", "👎", "maybe", "yes where is my order", "🎉"]),
    ],
)
def test_a_plain_answer_is_a_yes_or_a_no(
    rules: RuleSet, text: str, *, stop: bool | None
) -> None:
    answer = rules.keywords.answer(text)

    assert (answer.stop if answer else None) is stop


def test_an_answer_tells_its_language(rules: RuleSet) -> None:
    oui = rules.keywords.answer("oui")

    assert oui
    assert oui.language == "fr"
