"""Opt-outs in disguise, and texts that only look like one, by the rules alone.

No model is asked, so what is claimed here holds for every bundle with these rules.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from serving.routing.by_rule import decide_by_rule
from serving.routing.case import Case
from serving.routing.decision import ConsentChange, DecidedBy
from serving.routing.ruleset import RuleSet
from serving.routing.situation import Reply, Situation

NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)

# The words of the providers, of the law and of other languages, Italian among them.
KEYWORDS = """
STOP|STOPALL|STOP ALL|UNSUBSCRIBE|UNSUB|CANCEL|END|QUIT|REVOKE|OPTOUT|OPT OUT|OPT-OUT
|REMOVE|EXIT|TD|ALTO|PARAR|PARE|PARA|BAJA|CANCELAR|DETENER|NO MAS|NO MÁS|ARRET|ARRÊT
|ARRETER|DESABONNER|DÉSABONNER|DESINSCRIRE|SAIR|STOPP|ABMELDEN|BASTA|CANCELLAMI
|DISISCRIVIMI|ANNULLA ISCRIZIONE
"""
# What nobody says of anything else.
UNMISTAKABLE = """
STOP|STOPALL|STOP ALL|UNSUBSCRIBE|UNSUB|OPT OUT|OPTOUT|DESABONNER|STOPP|ABMELDEN
|DISISCRIVIMI
"""
FOOTER = "Flash sale! Reply STOP to opt out"
QUOTES = [
    f"“{FOOTER}”",
    f'"{FOOTER}"',
    f"«\u00a0{FOOTER}\u00a0»",
    "“STOP”",
    "“Sale.\nSTOP”",
    "“Sale today. STOP…”",
    # Cut off by the phone or by the network.
    f"“{FOOTER}",
    '"Sale.\nSTOP...',
    "“Sale.\nSTOP",
]


def cases(table: str) -> list[str]:
    return [text for text in table.strip("\n").replace("\n|", "|").split("|") if text]


def letters(first: str) -> Callable[[str], str]:
    """Return what writes capitals in the alphabet that begins at `first`."""
    return lambda word: "".join(
        chr(ord(first) + ord(c) - ord("A")) if "A" <= c <= "Z" else c for c in word
    )


def translation(letters: str, others: str) -> Callable[[str], str]:
    return lambda word: word.translate(str.maketrans(letters, others))


def between(mark: str) -> Callable[[str], str]:
    return lambda word: mark.join(word.replace(" ", "").replace("-", ""))


WRITTEN = {
    "lower": str.lower,
    "title": str.title,
    "swapped": lambda word: word[0].lower() + word[1:],
    "quoted": lambda word: f'"{word}"',
    "curly quoted": lambda word: f"“{word}”",
    "guillemets": lambda word: f"«{word}»",
    "starred": lambda word: f"*{word}*",
    "hash": lambda word: f"#{word}",
    "bang first": lambda word: f"!{word}",
    "slash": lambda word: f"/{word}",
    "bangs": lambda word: f"{word}!!!",
    "dots": lambda word: f"{word}...",
    "lines": lambda word: f"\n\n{word}\r\n",
    "emoji": lambda word: f"😤 {word} 🛑",
    "please": lambda word: f"please {word}",
    "thanks": lambda word: f"{word}, thanks so much",
    "drawn-out please": lambda word: f"{word} pleaseee",
    "por favor": lambda word: f"{word} por favor",
    "svp": lambda word: f"{word} s'il vous plaît",
    "bitte": lambda word: f"{word} bitte",
    "per favore": lambda word: f"{word} per favore",
    "twice": lambda word: f"{word} {word}",
    "three sentences": lambda word: f"{word}. {word}. {word}!",
    "slam": lambda word: f"{word} (Sent with Slam Effect)",
    "gentle": lambda word: f"{word} sent with gentle effect",
    "balloons": lambda word: f"{word}\n(Sent with Balloons)",
    "iPhone": lambda word: f"{word}\n\nSent from my iPhone",
    "iPhone, German": lambda word: f"{word}\n\nVon meinem iPhone gesendet",
    "Outlook": lambda word: f"{word}\nGet Outlook for Android",
    "name": lambda word: f"{word}\n- Bob",
    "signature": lambda word: f"{word}\n\n-- \nJane Doe\nAcme Inc.\n555-123-4567",
    "subject": lambda word: f"Re: {word}",
    "quoted mail": lambda word: f"{word}\n\nOn Nov 23, Acme <a@b.c> wrote:\n> {FOOTER}",
    "below a quote": lambda word: f"> {FOOTER}\n{word}",
    "no mark at the edge": lambda word: f"\u200e\ufeff{word}\u00a0",
}
DISGUISED = {
    "spaced": between(" "),
    "dotted": between("."),
    "one below the other": between("\n"),
    "zero width": between("\u200b"),
    "soft hyphens": between("\u00ad"),
    "full width": translation(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ",
    ),
    "bold": letters("𝐀"),
    "circled": letters("Ⓐ"),
    "squared": letters("🅰"),
    "regional": letters("🇦"),
    "small capitals": translation(
        "ABCDEFGHIJKLMNOPQRSTUVWYZ", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ"
    ),
    "Cyrillic": translation("ABCEHIKMOPTXYS", "АВСЕНІКМОРТХҮЅ"),
    "Greek": translation("ABEHIKMNOPTXYZ", "ΑΒΕΗΙΚΜΝΟΡΤΧΥΖ"),
    "struck through": lambda word: "".join(f"{letter}\u0336" for letter in word),
    "drawn out": lambda word: word + word[-1] * 4,
    "doubled": lambda word: "".join(c * 2 for c in word),
}
LEET = [("O", "0"), ("S", "$"), ("S", "5"), ("E", "3"), ("A", "4"), ("I", "1")]
LEET += [("A", "@"), ("L", "1"), ("T", "7"), ("B", "8")]


def opts_out(rules: RuleSet, text: str) -> bool:
    decision = decide_by_rule(Case(Reply(text, NOON), Situation(), rules))
    return decision is not None and decision.consent is ConsentChange.OPT_OUT


def is_guarded(rules: RuleSet, text: str) -> bool:
    decision = decide_by_rule(Case(Reply(text, NOON), Situation(), rules))
    return decision is not None and decision.decided_by is DecidedBy.GUARD


@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN)
def test_a_keyword_counts_however_it_is_sent(
    rules: RuleSet, write: Callable[[str], str]
) -> None:
    sent = [write(keyword) for keyword in cases(KEYWORDS)]

    assert [text for text in sent if not opts_out(rules, text)] == []


@pytest.mark.parametrize("disguise", DISGUISED.values(), ids=DISGUISED)
def test_a_keyword_counts_in_any_disguise(
    rules: RuleSet, disguise: Callable[[str], str]
) -> None:
    # Two letters are a size or a bank; no look-alike has an accent.
    words = [word for word in cases(KEYWORDS) if word.isascii() and word != "TD"]
    sent = [disguise(word) for word in words]

    assert [text for text in sent if not opts_out(rules, text)] == []


@pytest.mark.parametrize(("letter", "sign"), LEET)
@pytest.mark.parametrize("end", ["", "!", " please"])
def test_digits_and_signs_are_read_as_letters(
    rules: RuleSet, letter: str, sign: str, end: str
) -> None:
    words = [word for word in cases(KEYWORDS) if letter in word and len(word) > 3]
    sent = [word.replace(letter, sign) + end for word in words]

    assert [text for text in sent if not opts_out(rules, text)] == []


@pytest.mark.parametrize(
    "text",
    [
        *cases("""
sotp|stpo|tsop|stip|stoo|dtop|sttop|stiop|Stpo!!|sotp please|unsubcribe|unsuscribe
|unsubscibe|unsubscirbe|umsubscribe|unsubscribd|optuot|optot|outout|optouy|stopal|stpall
|revok|rovoke|remov|remvoe|qiut|quut|cancle|cancell|cacnel|canel|unsib|exti|arrte|aret
|abmeldem|desabonnr|detner|cancellmi|disiscrivmi
|STO P|ST OP|un sub scribe|op tout|STOPSTOPSTOP|nomas|stop all messages|Ｓ Ｔ Ｏ Ｐ
|ᔕTOᑭ|ՏTOP|støp|s†op|𝓢𝓣𝓞𝓟|ＳＴ０Ｐ|S\u200bT\u200b0\u200bP|ꮪtoꮲ|ЅТΟΡ|ˢᵗᵒᵖ
"""),
        "stop " * 30,
        "STOP 🛑 " * 20,
        "🛑!!",
        "🛑 please",
        "📵",
    ],
)
def test_a_slip_or_an_odd_spelling_of_a_keyword_counts(
    rules: RuleSet, text: str
) -> None:
    assert opts_out(rules, text)


@pytest.mark.parametrize(
    "reply",
    [
        "{}. I am not interested.",
        "{}\nwrong number",
        "{}; lose my number",
        "{}! wrong number",
        "{}, wrong person",
        "{} - not interested",
        "{}!! I mean it",
        "{}. Also cancel my 3pm",
        "Not interested. {}",
        "I get too many of these.\n{}",
        "Wrong number, {}",
        "who is this? {}",
        "leave me be... {}!!!",
        "Hi, I moved away. {}.",
        "Too many texts.\n\n{}\n\nSent from my iPhone",
        "Too many texts.\n{}\n- Bob",
        "Liked “20% off” {}",
        "Le gustó “20% off”. {}",
    ],
)
def test_an_unmistakable_keyword_counts_as_a_sentence_of_its_own(
    rules: RuleSet, reply: str
) -> None:
    sent = [reply.format(keyword) for keyword in cases(UNMISTAKABLE)]

    assert [text for text in sent if not opts_out(rules, text)] == []


@pytest.mark.parametrize(
    "opening",
    cases("""
Liked|Loved|Disliked|Laughed at|Emphasized|Emphasised|Questioned|Removed a heart from
|Removed a like from|Removed a dislike from|Removed a laugh from
|Removed an exclamation from|Removed a question mark from|Reacted 👍 to
|Reacted with ❤️ to|👍🏽 to|🛑 to|Removed 👍 from|Removed the 👍 reaction from
|A aimé|A adoré|N’a pas aimé|A ri de|A souligné|a réagi avec 😂 à|A réagi 😂 à
|A attribué la mention « J’aime » à|a attribué la mention «\u00a0Adore\u00a0» à
|A retiré la mention « J’aime » de|A retiré la réaction 😂 à
|Le encantó|Le gustó|No le gustó|Le dio risa|Se rió de|Exclamó por|Dudó sobre|Enfatizó
|Reaccionó con 😂 a|Curtiu|Adorou|Não curtiu|Riu de|Reagiu com 👍 a
|Removeu um coração de|Ha messo “Mi piace” a|Ha amato|Ha reagito con 👍 a
|Gefällt|Gefällt nicht|Liebt|Lacht über|Reagierte mit 👍 auf|Hat mit 👍 reagiert auf
"""),
)
def test_a_phone_s_reaction_is_nobody_s_opt_out(rules: RuleSet, opening: str) -> None:
    sent = [f"{opening} {quote}" for quote in QUOTES]

    assert [text for text in sent if not is_guarded(rules, text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "Loved it but please stop texting me",
        "Liked “20% off” but please stop...",
        "Loved “your ad”, now take me off your list",
    ],
)
def test_what_a_person_writes_behind_a_reaction_is_no_reaction(
    rules: RuleSet, text: str
) -> None:
    assert not is_guarded(rules, text)


FORWARDED = [
    "FWD: Sale!\nSTOP",
    "Fw: View in browser\nPrivacy\nUnsubscribe",
    "Begin forwarded message:\n\nFrom: Acme\nSale.\nUnsubscribe",
    "---------- Forwarded message ---------\nFrom: Acme\nSubject: Sale\n\nSTOP",
    "Thanks!\n\nOn Mon, Nov 23, 2026 at 5:00 PM Acme <a@b.c> wrote:\n> Sale\n> STOP",
    "Thanks!\n\nOn Mon, Nov 23, 2026 Acme <\na@b.c> wrote:\n\nSale\nSTOP",
    "ok\n-----Original Message-----\nFrom: Acme\nSale today.\nSTOP",
    "ok\n________________________________\nFrom: Acme\nSTOP",
    "Oui\n\nLe lun. 23 nov. 2026 à 17:00, Acme a écrit :\n> Promo\n> STOP",
    "Sí\n\nEl lun, 23 nov 2026, Acme escribió:\nOferta\nSTOP",
    "Gut\n\nAm Mo., 23. Nov. 2026 schrieb Acme:\nAngebot\nSTOP",
    "ok\n\nIl giorno lun 23 nov 2026 Acme ha scritto:\nOfferta\nSTOP",
    "ok\n\nEm seg., 23 de nov., Acme escreveu:\nOferta\nSTOP",
    "> Sale\n> STOP\nis this real?",
    "your text said “Sale. STOP",
    'it says "Reply STOP", why?',
    "The last line says:\nSTOP",
    "At the bottom it says\nSTOP",
]
FOOTERS = [
    "20% off today. Text STOP",
    "20% off. Opt-out: STOP",
    "Sale! Unsubscribe: STOP",
    "Sale! Help: HELP. Stop: STOP.",
    "Sale! STOP=stop",
    "Want out? Text\nSTOP",
    "Reply with STOP, UNSUBSCRIBE",
    "Text STOP, QUIT, END, UNSUBSCRIBE",
    "Reply HELP for help, STOP",
    "Reply YES to confirm, NO to decline, STOP",
    "Promo. Répondez\nSTOP",
    "Promo. Envoyez\nSTOP",
    "Promo. STOP au 36180",
    "Oferta. Responde con\nSTOP",
    "Angebot. Antworte mit\nSTOPP",
    "Offerta. Rispondi\nSTOP",
    "You replied STOP. You are unsubscribed.",
    "Unknown keyword. Options: STOP, HELP, INFO",
]


@pytest.mark.parametrize("text", [*FORWARDED, *FOOTERS])
def test_what_somebody_else_wrote_is_nobody_s_opt_out(
    rules: RuleSet, text: str
) -> None:
    assert not opts_out(rules, text)


@pytest.mark.parametrize(
    "text",
    [
        "I’m driving with Do Not Disturb While Driving turned on.",
        "I'm driving with Focus turned on. I'll see your message later.",
        "Estoy conduciendo con la función No molestar activada para ver tu mensaje.",
        "(No estoy recibiendo notificaciones. Si es urgente, responde “urgente”.)",
        "Je conduis avec Ne pas déranger en voiture activé.",
        "Ich fahre gerade mit aktiviertem „Beim Fahren nicht stören“.",
        "Estou dirigindo com Não Perturbe ativado.",
        "Sto guidando con Non disturbare attivato.",
        "You have successfully been unsubscribed. Reply START to resubscribe.",
    ],
)
def test_a_machine_is_known_by_how_it_opens(rules: RuleSet, text: str) -> None:
    assert is_guarded(rules, text)


@pytest.mark.parametrize("text", ["I'm driving with my kids", "Je conduis avec Paul"])
def test_a_person_at_the_wheel_is_no_machine(rules: RuleSet, text: str) -> None:
    assert not is_guarded(rules, text)


HOMONYMS = """
stop by at 3|I'll stop in tomorrow|bus stop|full stop.|non-stop|Stop 14|Stop 411|S top
|size S top|XS top|7D|TD bank|The End|year end|end table|quit smoking|quit it|exit 12
|block party|block 7|remove item 2|cancel my order|cancel Friday|alto sax|Rialto
|Baja Blast|para mañana|para dos|parada de bus|nada más|basta così|arrêt de bus
|sair hoje|stop start|stop and shop|stop it|Stop it! I love it
|stop, so cute|stop! too funny|stop, are you serious|stop! is this real|stop, what
|stop, just kidding|stop! jk|STOP! oops wrong chat|stop!! wrong address!! cancel that
|stop, my heart|stop, never mind|Stop, collaborate and listen
|he yelled, stop|my kid said, stop!|the sign read, STOP|she kept telling me, stop
|it keeps going start, stop|question re: stop|RV parked outside
|my bus goes on past the school and the church and does not stop
"""
NEGATIONS = """
don't stop|do not stop|never stop|Never, ever, stop|can't stop, won't stop|Don't. Stop.
|dont unsubscribe me|don't opt me out|do not end|never quit|don't quit|no pares|no para
|n'arrêtez pas|ne me désabonnez pas|não pare|nicht aufhören|nicht abmelden
|non cancellarmi|no quiero cancelar|unstop|ignore my stop|stop? never|i never said stop
"""
NEIGHBOURS = """
step shop stoop stomp strop slop swop stow atop spot stops stopped top sop estop quiet
quite quilt quid quiz quint suit squit quits bend send lend mend tend fend vend ends
cancer cancels chancel canceled exist exits edit emit exam remote removed removes
removal revoked revokes evoke provoke revolve black clock flock bloc lock blocks auto
also altos salto alta hasta pasta casta vasta pasar pagar compare care fare share
spare pair fair hair said sail stair air arrest carrot recover subscribe subscribed
bestellen anmelden normas
"""


@pytest.mark.parametrize(
    "text",
    [
        *cases(HOMONYMS),
        *cases(NEGATIONS),
        *NEIGHBOURS.split(),
        *(f"{word.upper()}!" for word in NEIGHBOURS.split()),
    ],
)
def test_an_ordinary_word_is_no_opt_out(rules: RuleSet, text: str) -> None:
    assert not opts_out(rules, text)


@pytest.mark.parametrize(
    "word",
    cases(
        "para|pare|alto|baja|basta|sair|arret|no mas|quit|exit|remove|block|austragen"
    ),
)
def test_an_everyday_word_counts_as_the_whole_message_only(
    rules: RuleSet, word: str
) -> None:
    assert opts_out(rules, word)
    assert not opts_out(rules, f"I like it. {word}")
    assert not opts_out(rules, f"{word}. I like it")
