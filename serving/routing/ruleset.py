"""The rules of a bundle, parsed from its YAML and JSON and held against each other."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from model.errors import RulesError
from serving.routing.keywords import Keywords
from serving.routing.parse_keywords import parse_keywords
from serving.routing.parse_policy import parse_policy
from serving.routing.parse_responses import parse_responses
from serving.routing.policy import Answer, IntentPolicy, Policy
from serving.routing.responses import Template, usable, variables
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
        thresholds = {str(k): float(v) for k, v in solved.items() if v is not None}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        expected = 'expected {"intents": {intent: number or null}}'
        raise RulesError(THRESHOLDS, "intents", expected) from error
    for intent, threshold in thresholds.items():
        if not 0 <= threshold <= 1:
            problem = f"expected 0 to 1, got {threshold}"
            raise RulesError(THRESHOLDS, f"intents.{intent}", problem)
    return thresholds


def _lines(policy: Policy) -> dict[str, IntentPolicy]:
    lines = {f"intents.{intent}": line for intent, line in policy.intents.items()}
    return {**lines, "fallback": policy.fallback}


def _check_intents(policy: Policy) -> None:
    seen: dict[str, str] = {}
    for where, line in _lines(policy).items():
        if line.queue not in policy.queues:
            known = ", ".join(policy.queues)
            problem = f"no queue {line.queue!r}; there are {known}"
            raise RulesError(POLICY, f"{where}.queue", problem)
        if line.answer is Answer.REPLY and line.template is None:
            problem = "`answer: reply` needs a template"
            raise RulesError(POLICY, f"{where}.template", problem)
        rival = seen.setdefault(line.role, where) if line.role else where
        if rival != where:
            problem = f"{line.role} is played by {rival} already"
            raise RulesError(POLICY, f"{where}.role", problem)


def _check_templates(policy: Policy, templates: Mapping[str, Template]) -> None:
    system = {
        f"system.{name}": getattr(policy.system, name)
        for name in policy.system.__slots__
    }
    lines = {f"{where}.template": line for where, line in _lines(policy).items()}
    named = system | {where: line.template for where, line in lines.items()}
    for where, template in named.items():
        if template is not None and template not in templates:
            problem = f"no template {template!r} in {RESPONSES}"
            raise RulesError(POLICY, where, problem)
    held = [
        line.template
        for line in lines.values()
        if line.template and line.answer is Answer.ESCALATE
    ]
    default = next(iter(templates[policy.system.holding].languages))
    for template_id in dict.fromkeys([*system.values(), *held]):
        _check_always_sendable(templates[template_id], default, policy)


def _check_always_sendable(template: Template, default: str, policy: Policy) -> None:
    """Refuse consent and holding words that may not go out when they must."""
    if default not in template.languages:
        problem = f"must have words in {default}, which others fall back to"
        raise RulesError(RESPONSES, template.template_id, problem)
    for language, variants in template.languages.items():
        words = variants.safe or f"{variants.full} {variants.closed or ''}"
        unknown = [v for v in variables(words) if not usable(policy.values.get(v, ""))]
        if unknown:
            where = f"{template.template_id}.{language}"
            problem = f"{{{unknown[0]}}} must have a short value in {POLICY} `values`"
            raise RulesError(RESPONSES, where, problem)
