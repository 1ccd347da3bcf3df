"""One reply in its situation, and the words that can be found for it."""

from dataclasses import dataclass

from serving.routing.decision import Effect, Priority, Reason, ReasonCode, Words
from serving.routing.folded_once import folded_once
from serving.routing.language import language_of
from serving.routing.responses import render, usable
from serving.routing.ruleset import RuleSet
from serving.routing.situation import Reply, Situation


@dataclass(frozen=True, slots=True)
class Found:
    """Words for a template, and the reasons where they are not the full ones."""

    words: Words | None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One reply in its situation, with the rules that apply."""

    reply: Reply
    situation: Situation
    rules: RuleSet

    def language(self) -> str | None:
        """Return the language of the reply, else the contact's, else None."""
        words = folded_once(self.reply.text)
        told = language_of(words, self.rules.keywords.markers)
        return told or self.situation.language

    def question_before(self) -> bool:
        """Return whether our last message asked something."""
        return "?" in (self.situation.last_message or "")

    def words(self, template_id: str, language: str | None) -> Found:
        """Fill a template in `language` (None: the default language)."""
        template = self.rules.templates[template_id]
        language = language or self.rules.languages[0]
        if language not in template.languages:
            detail = f"{template.name} has no {language}"
            return Found(None, (Reason(ReasonCode.NO_WORDS_IN_LANGUAGE, detail),))
        policy = self.rules.policy
        told = {k: v for k, v in self.situation.variables.items() if usable(v)}
        rendered = render(
            template,
            language,
            {**policy.values, **told},
            open_now=self._open_now(),
        )
        if not rendered.missing:
            return Found(rendered.words)
        code = (
            ReasonCode.SAFE_VARIANT if rendered.words else ReasonCode.MISSING_VARIABLE
        )
        detail = f"{template.name} misses {', '.join(rendered.missing)}"
        return Found(rendered.words, (Reason(code, detail),))

    def _open_now(self) -> bool:
        told = self.situation.open_now
        if told is None:
            return self.rules.policy.hours.open_at(self.reply.received_at)
        return told

    def system_words(self, template_id: str, language: str | None) -> Words | None:
        """Fill a template that must go out: in the default language if need be.

        `load_rules` saw to it that one of its variants needs policy values only.
        """
        found = self.words(template_id, language).words
        return found or self.words(template_id, None).words


def handoff(queue: str, priority: Priority, reason: ReasonCode) -> Effect:
    """Return the effect that puts the conversation before a person."""
    payload = {"queue": queue, "priority": priority.value, "reason": reason.value}
    return Effect("handoff", payload)
