"""Prometheus metrics. Labels are the bundle's and the policy's, never a person's."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from model.uses import CHAMPION, BundleRole
from serving.routing.decision import Decision

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class Metrics:
    """The service's metrics in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.decisions = Counter(
            "replywise_decisions_total",
            "Decisions recorded.",
            ("action", "decided_by", "intent"),
            registry=self.registry,
        )
        self.consent = Counter(
            "replywise_consent_changes_total",
            "Opt-outs and opt-ins recorded.",
            ("change", "decided_by"),
            registry=self.registry,
        )
        self.duplicates = Counter(
            "replywise_duplicates_total",
            "Message ids that came again and got their first decision.",
            registry=self.registry,
        )
        self.route_seconds = Histogram(
            "replywise_route_seconds",
            "From request to recorded decision.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.read_seconds = Histogram(
            "replywise_read_seconds",
            "Reading one reply: rules and, where needed, the model.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.refused = Counter(
            "replywise_webhooks_refused_total",
            "Webhooks that were not acted on, by why.",
            ("provider", "code"),
            registry=self.registry,
        )
        self.bundle = Gauge(
            "replywise_bundle_info",
            "The bundle in use.",
            ("bundle",),
            registry=self.registry,
        )

        self.challenger = Gauge(
            "replywise_challenger_info",
            "The bundle that decides beside it, and never speaks.",
            ("bundle",),
            registry=self.registry,
        )
        self.swaps = Counter(
            "replywise_bundle_swaps_total",
            "Bundles taken into use while serving, by role.",
            ("role",),
            registry=self.registry,
        )
        self.refused_bundles = Counter(
            "replywise_bundle_refusals_total",
            "Bundles that were to be used and could not, by role.",
            ("role",),
            registry=self.registry,
        )
        self.shadow_decisions = Counter(
            "replywise_shadow_decisions_total",
            "Decisions of the challenger, by how they differ; empty where they agree.",
            ("kind",),
            registry=self.registry,
        )
        self.shadow_left_out = Counter(
            "replywise_shadow_left_out_total",
            "Replies that the challenger had no time for, or failed at.",
            registry=self.registry,
        )

        self.waiting = Gauge(
            "replywise_waiting_conversations",
            "Conversations that wait for a person, counted four times a minute.",
            ("queue",),
            registry=self.registry,
        )

    def swapped(self, role: BundleRole, bundle_id: str | None) -> None:
        """Count a bundle taken into use, and show it; None for nobody any more."""
        self.swaps.labels(role).inc()
        gauge = self.bundle if role == CHAMPION else self.challenger
        gauge.clear()
        if bundle_id is not None:
            gauge.labels(bundle_id).set(1)

    def show_waiting(self, numbers: Mapping[str, int]) -> None:
        """Show how many wait in each queue; a queue that is left out is empty."""
        self.waiting.clear()
        for queue, number in numbers.items():
            self.waiting.labels(queue).set(number)

    def count(self, decision: Decision | None) -> None:
        """Count a decision; None is a duplicate."""
        if decision is None:
            self.duplicates.inc()
            return
        self.decisions.labels(
            decision.action, decision.decided_by, decision.intent or ""
        ).inc()
        if decision.consent:
            self.consent.labels(decision.consent, decision.decided_by).inc()
