"""The rules of a bundle, parsed from its YAML and JSON and held against each other."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from model.errors import RulesError
from serving.routing.keywords import Keywords
from serving.routing.parse_keywords import parse_keywords
from serving.routing.parse_policy import parse_policy
from serving.routing.parse_responses import parse_responses
from serving.routing.policy import Answer, Policy
from serving.routing.responses import Template, variables
from serving.routing.yaml_file import YamlFile

POLICY, KEYWORDS, RESPONSES = "policy.yaml", "keywords.yaml", "responses.yaml"
THRESHOLDS = "thresholds.json"


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Everything but the model that decides.

    Attributes:
        policy: what the team wants.
        keywords: what is acted on at once.
        templates: approved words, by id.
        thresholds: the confidence (0 to 1) from which an intent is answered; an
            intent without one is never answered automatically.
        languages: languages that templates exist in, the default first.
    """

    policy: Policy
    keywords: Keywords
    templates: Mapping[str, Template]
    thresholds: Mapping[str, float]
    languages: tuple[str, ...]


def load_rules(files: Mapping[str, bytes]) -> RuleSet:
    """Parse and cross-check the rules in a bundle's files.

    Raises:
        RulesError: a file is missing, malformed, or names what does not exist.
    """
    policy = parse_policy(YamlFile.parse(POLICY, files))
    keywords = parse_keywords(YamlFile.parse(KEYWORDS, files))
    templates = parse_responses(YamlFile.parse(RESPONSES, files))
    _check_intents(policy)
    _check_templates(policy, templates)
    languages = tuple(templates[policy.system.holding].languages)
    thresholds = _thresholds(files[THRESHOLDS]) if THRESHOLDS in files else {}
    return RuleSet(policy, keywords, templates, thresholds, languages)


def _thresholds(data: bytes) -> dict[str, float]:
    try:
        solved = json.loads(data)["intents"]
        return {str(k): float(v) for k, v in solved.items() if v is not None}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        expected = 'expected {"intents": {intent: number or null}}'
        raise RulesError(THRESHOLDS, "intents", expected) from error


def _check_intents(policy: Policy) -> None:
    for intent, line in policy.intents.items():
        if line.queue not in policy.queues:
            known = ", ".join(policy.queues)
            problem = f"no queue {line.queue!r}; there are {known}"
            raise RulesError(POLICY, f"intents.{intent}.queue", problem)
        if line.answer is Answer.REPLY and line.template is None:
            where = f"intents.{intent}.template"
            raise RulesError(POLICY, where, "`answer: reply` needs a template")


def _check_templates(policy: Policy, templates: Mapping[str, Template]) -> None:
    wanted = {
        f"system.{name}": getattr(policy.system, name)
        for name in policy.system.__slots__
    } | {f"intents.{i}.template": p.template for i, p in policy.intents.items()}
    for where, template in wanted.items():
        if template is not None and template not in templates:
            problem = f"no template {template!r} in {RESPONSES}"
            raise RulesError(POLICY, where, problem)
    for template_id in (
        policy.system.opt_out,
        policy.system.opt_in,
        policy.system.help,
        policy.system.holding,
    ):
        for language, variants in templates[template_id].languages.items():
            words = variants.safe or variants.full
            unknown = [v for v in variables(words) if v not in policy.values]
            if unknown:
                where = f"{template_id}.{language}"
                problem = f"{{{unknown[0]}}} must have a value in {POLICY} `values`"
                raise RulesError(RESPONSES, where, problem)
