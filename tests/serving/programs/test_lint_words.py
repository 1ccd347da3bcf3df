import pytest

from serving.programs.lint_words import FaultCode, WordsKind, lint_words
from serving.routing.ruleset import RuleSet
from tests.serving.programs.shipped import shipped_programs

FERNHILL = shipped_programs().default
HELP = (
    "{brand} texts. Help: {support}. {frequency_en}. Msg & data rates may apply. "
    "STOP to opt out."
)
STOP = "{brand}: you are opted out and will get no more texts. Help: {support}"


def faults(words: str, kind: WordsKind = WordsKind.OTHER) -> set[FaultCode]:
    return {fault.code for fault in lint_words(words, kind, FERNHILL, "en")}


@pytest.mark.parametrize(
    "words",
    [
        "Reply CANCEL to cancel your visit",
        "To cancel your visit, reply CANCEL",
        "Text END when you are done",
        "Txt “END” to end your plan",
        "Reply YES to confirm your visit.",
        "Reply 'yes' to confirm",
        "Reply YES or NO",
        "Reply HELP for help, YES to confirm",
        "Reply STOP to skip this week",
        "To stop deliveries, text STOP",
        "Reply STOP to opt out or CANCEL to cancel your visit",
        "Responda CANCELAR para cancelar su cita",
        "Répondez ARRÊT pour sauter cette semaine",
        "Text QUIT to leave the queue",
    ],
)
def test_a_keyword_is_not_asked_for_to_do_something_else(words: str) -> None:
    assert FaultCode.CARRIER_PROMPT in faults(words)


@pytest.mark.parametrize(
    "words",
    [
        "Reply STOP to opt out",
        "Reply STOP to end",
        "STOP to cancel",
        "Reply with STOP to unsubscribe",
        "If you want no more texts, reply STOP",
        "Should we stop texting you? Reply STOP and we will.",
        "Reply YES to get our texts",
        "Reply C to cancel, STOP to opt out",
        "To come back, text START. Stop by any time",
        "Send cancel requests to the shop",
        "Your visit ends at 3. Text us to cancel.",
    ],
)
def test_a_keyword_may_be_asked_for_to_do_what_carriers_do(words: str) -> None:
    assert faults(words) == set()


@pytest.mark.parametrize(
    ("gone", "code"),
    [
        ("{brand} ", FaultCode.NO_BRAND),
        ("Help: {support}.", FaultCode.NO_CONTACT),
        ("{frequency_en}.", FaultCode.NO_FREQUENCY),
        ("Msg & data rates may apply.", FaultCode.NO_RATES),
        ("STOP to opt out.", FaultCode.NO_STOP),
    ],
)
def test_help_must_say_each_fact(gone: str, code: FaultCode) -> None:
    assert faults(HELP, WordsKind.HELP) == set()
    assert faults(HELP.replace(gone, ""), WordsKind.HELP) == {code}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (" Last chance: 20% off!", FaultCode.SELLS),
        (" Use coupon STAY.", FaultCode.SELLS),
        (" Are you sure?", FaultCode.ASKS),
        (" See https://example.com/x", FaultCode.LINKS),
        (" See example.com/x", FaultCode.LINKS),
    ],
)
def test_a_stop_confirmation_only_confirms(more: str, code: FaultCode) -> None:
    assert faults(STOP, WordsKind.STOP) == set()
    assert code in faults(STOP + more, WordsKind.STOP)
    assert faults(STOP.replace("{brand}", "We"), WordsKind.STOP) == {FaultCode.NO_BRAND}


def test_start_must_name_help() -> None:
    words = f"{HELP} HELP for help."

    assert faults(words, WordsKind.START) == set()
    assert faults(HELP.replace("Help: ", ""), WordsKind.START) == {FaultCode.NO_HELP}


def test_every_shipped_template_may_go_out_in_every_shipped_program(
    rules: RuleSet,
) -> None:
    kinds = {
        rules.policy.system.opt_out: WordsKind.STOP,
        rules.policy.system.opt_out_presumed: WordsKind.STOP,
        rules.policy.system.opt_in: WordsKind.START,
        rules.policy.system.help: WordsKind.HELP,
    }
    found = [
        (program.program_id, template_id, language, fault)
        for program in shipped_programs()
        for template_id, template in rules.templates.items()
        for language in program.languages
        if (variants := template.languages.get(language))
        for words in (variants.full, variants.safe, variants.closed)
        if words
        for fault in lint_words(
            words,
            kinds.get(template_id, WordsKind.OTHER),
            program,
            language,
            rules.policy.values,
        )
    ]

    assert found == []
