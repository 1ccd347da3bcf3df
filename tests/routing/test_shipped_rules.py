"""What the files in `data/` promise in their own comments."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from serving.routing.policy import Answer, Role
from serving.routing.responses import Template, Variants, variables
from serving.routing.ruleset import RuleSet, load_rules
from serving.routing.segments import segments
from training.writing import rules_files

DATA = Path(__file__).parents[2] / "data"
RULES = load_rules(rules_files(DATA))
POLICY, TEMPLATES = RULES.policy, RULES.templates

# As long as each is likely to be; a longer one may cost a second message.
TYPICAL = {
    "first_name": "Alexandra",
    "order_number": "FH-1048233",
    "eta": "Thursday 26 Nov",
    "tracking_url": "example.com/t/8KQ2Z7",
    "product_url": "example.com/p/oak-shelf",
    "discount_code": "WELCOME15",
    "appointment_time": "Thu 26 Nov, 3:30pm",
}
# Words whose sending would opt a person out; STOP, START and HELP are what we say.
PROMPT = re.compile(
    r"\b(?:reply|text|send|answer|responda|escriba|envie|envíe|répondez|envoyez|mande"
    r"|antworten Sie|senden Sie|schreiben Sie)\s+[\"']?([A-Z]{2,})\b"
)
CONSENT = (
    POLICY.system.opt_out,
    POLICY.system.opt_out_presumed,
    POLICY.system.opt_out_declined,
    POLICY.system.opt_in,
    POLICY.system.help,
)


def texts(template: Template) -> Iterator[tuple[str, str, Variants]]:
    for language, variants in template.languages.items():
        for text in (variants.full, variants.safe, variants.closed):
            if text:
                yield language, text, variants


def filled(text: str) -> str:
    values = {**POLICY.values, **TYPICAL}
    for name in variables(text):
        text = text.replace(f"{{{name}}}", values[name])
    return text


EVERY_TEXT = [
    pytest.param(text, id=f"{template.template_id}-{language}-{number}")
    for template in TEMPLATES.values()
    for number, (language, text, _) in enumerate(texts(template))
]


@pytest.mark.parametrize("text", EVERY_TEXT)
def test_every_template_is_one_gsm7_message(text: str) -> None:
    size = segments(filled(text))

    assert (size.encoding, size.count) == ("GSM-7", 1)


@pytest.mark.parametrize("text", EVERY_TEXT)
def test_no_template_prompts_for_a_word_but_stop_start_and_help(text: str) -> None:
    assert set(PROMPT.findall(text)) <= {"STOP", "START", "HELP"}


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda t: t.template_id)
def test_only_the_question_whether_to_stop_is_one(template: Template) -> None:
    asks = template.template_id == POLICY.system.ask_opt_out

    for _, text, _ in texts(template):
        assert ("?" in text) is asks


@pytest.mark.parametrize("text", EVERY_TEXT)
def test_no_template_is_an_opt_out_or_a_machine_to_our_own_rules(text: str) -> None:
    assert RULES.keywords.match(filled(text), opted_out=False) is None


def test_every_template_is_used() -> None:
    used = {getattr(POLICY.system, name) for name in POLICY.system.__slots__}
    used |= {line.template for line in (*POLICY.intents.values(), POLICY.fallback)}

    assert set(TEMPLATES) <= used


def test_every_policy_value_is_used() -> None:
    used = {
        v
        for t in TEMPLATES.values()
        for _, text, _ in texts(t)
        for v in variables(text)
    }

    assert set(POLICY.values) - used == set()


def test_every_queue_is_used() -> None:
    used = {line.queue for line in (*POLICY.intents.values(), POLICY.fallback)}

    assert used == set(POLICY.queues)


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda t: t.template_id)
def test_whatever_needs_a_value_of_the_reply_has_a_variant_without(
    template: Template,
) -> None:
    for language, variants in template.languages.items():
        words = variants.safe or f"{variants.full} {variants.closed}"
        unknown = set(variables(words)) - set(POLICY.values)
        assert not unknown, language


@pytest.mark.parametrize(
    "template_id",
    sorted(
        {getattr(POLICY.system, name) for name in POLICY.system.__slots__}
        | {
            line.template
            for line in POLICY.intents.values()
            if line.answer is Answer.ESCALATE and line.template
        }
    ),
)
def test_consent_and_holding_words_exist_in_every_language(template_id: str) -> None:
    assert set(TEMPLATES[template_id].languages) == set(RULES.languages)


@pytest.mark.parametrize("template_id", CONSENT)
def test_consent_words_name_the_brand_and_the_way_back(template_id: str) -> None:
    for _, text, _ in texts(TEMPLATES[template_id]):
        assert "{brand}" in text
        assert re.search("START|STOP", text)


def test_the_policy_names_every_intent_of_the_taxonomy_and_no_other() -> None:
    taxonomy = yaml.safe_load((DATA / "taxonomy.yaml").read_bytes())

    assert set(POLICY.intents) == set(taxonomy["intents"])
    assert POLICY.negative in taxonomy["sentiments"]


@pytest.mark.parametrize("role", Role)
def test_every_role_is_played(role: Role) -> None:
    assert POLICY.intent_with(role)


def test_keywords_and_function_words_cover_the_languages_of_the_templates() -> None:
    listed = {k.language for k in RULES.keywords.table.values()}

    assert set(RULES.keywords.markers) == set(RULES.languages)
    # An opt-out in Italian is heard, and confirmed in the default language.
    assert listed == {*RULES.languages, "it"}


def test_effects_are_the_names_that_the_comments_explain(rules: RuleSet) -> None:
    comment = (DATA / "policy.yaml").read_text(encoding="utf-8").split("version:")[0]
    used = {effect for line in rules.policy.intents.values() for effect in line.effects}

    assert all(re.search(rf"#   {effect}  ", comment) for effect in used)
