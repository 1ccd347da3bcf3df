import pytest

from model.errors import RulesError
from serving.routing.keywords import Keyword, KeywordRole, Keywords
from serving.routing.parse_keywords import parse_keywords
from serving.routing.yaml_file import YamlFile

WHOLE = """
version: 1
opt_out: {en: [stop, "Opt-Out"], es: [alto]}
opt_out_ambiguous: {en: [cancel]}
opt_out_symbols: ["🛑"]
whole_message_only: [alto]
stop_goes_on: ["you're"]
stop_yes: {en: ["Yes!"], es: [si]}
stop_yes_symbols: ["👍"]
stop_no: {en: ["no"]}
help: {en: [help]}
opt_in: {en: [start]}
opt_in_when_opted_out: {en: ["yes"]}
courtesy: [please]
not_typos: [shop]
auto_replies: ["I'm driving"]
languages: {en: [the], pt: [o, a, os, "não"]}
"""


def parse(text: str) -> Keywords:
    return parse_keywords(
        YamlFile.parse("keywords.yaml", {"keywords.yaml": text.encode()})
    )


def test_words_are_kept_in_the_form_in_which_they_are_compared() -> None:
    table = parse(WHOLE).table

    assert table["opt out"] == Keyword(KeywordRole.OPT_OUT, "en", "opt out")
    assert table["cancel"].ambiguous
    assert table["yes"].when_opted_out
    assert table["alto"].language == "es"


def test_lists_are_folded_word_by_word() -> None:
    keywords = parse(WHOLE)

    assert keywords.auto_replies == ("im driving",)
    assert keywords.goes_on == ("youre",)
    assert keywords.whole_only == {"alto"}
    assert keywords.agreeing == {"yes": "en", "si": "es"}
    # Folded as one text, "o a" would be joined like "s t o p".
    assert keywords.markers["pt"] == {"o", "a", "os", "nao"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[stop, ", "[halt, ", "opt_out: must hold STOP"),
        ("{en: [help]}", "{en: [Stop]}", r"help\.en\[0\]: is listed under opt_out"),
        ('"Opt-Out"', '"!!"', r"opt_out\.en\[1\]: is empty once it is folded"),
        ("[alto]\nstop", "[alt]\nstop", r"whole_message_only\[0\]: is in none of"),
        ('["Yes!"]', '["!"]', r"stop_yes\.en\[0\]: is empty once it is folded"),
        ('{en: ["no"]}', "no", "stop_no: expected a mapping"),
        ("[please]", '[please, "🙏"]', r"courtesy\[1\]: is empty once it is folded"),
        ('"I\'m driving"', '"..."', r"auto_replies\[0\]: is empty once it is folded"),
        ("[the]", '["?"]', r"languages\.en\[0\]: is empty once it is folded"),
        ('["yes"]', "[yes]", r"opt_in_when_opted_out\.en\[0\]: .*put it in quotes"),
        ("courtesy:", "courtesies:", "courtesies: is not known here"),
        ("help: {en: [help]}", "help: [help]", "help: expected a mapping"),
        ("help: {en: [help]}\n", "", "help: expected a mapping, got nothing"),
        ("{en: [start]}", "{en: start}", r"opt_in\.en: expected a list"),
        ("{en: [start]}", "{no: [start]}", r"opt_in\.False: expected text"),
    ],
)
def test_each_error_names_file_and_place(old: str, new: str, message: str) -> None:
    assert old in WHOLE

    with pytest.raises(RulesError, match=rf"^keywords\.yaml: {message}"):
        parse(WHOLE.replace(old, new))


def test_a_file_from_before_the_question_had_answers_is_read() -> None:
    lines = WHOLE.splitlines(keepends=True)
    older = [line for line in lines if not line.startswith(("whole_", "stop_"))]

    keywords = parse("".join(older))

    assert keywords.answer("yes") is None
    assert keywords.by_itself("STOP. Thanks for nothing")
