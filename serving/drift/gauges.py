"""The last day's drift as Prometheus gauges."""

from datetime import UTC, datetime, time

from prometheus_client import CollectorRegistry, Gauge

from serving.drift.drift_day import DriftDay


class Gauges:
    """Gauges of drift; a day that says nothing of a measure leaves it out."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.day = Gauge(
            "replywise_drift_day_timestamp_seconds",
            "Beginning of the last day whose drift is known, in UTC.",
            registry=registry,
        )
        self.unusual = Gauge(
            "replywise_drift_unusual",
            "1 where that day was unlike the weeks before.",
            registry=registry,
        )
        self.p = Gauge(
            "replywise_drift_p_value",
            "That a usual day is as far apart, corrected for the number of measures.",
            ("measure",),
            registry=registry,
        )
        self.ratio = Gauge(
            "replywise_drift_ratio",
            "Distance to the weeks before by what chance alone gives; 1 is chance.",
            ("measure",),
            registry=registry,
        )
        self.found = Gauge(
            "replywise_drift_new",
            "New words, and new groups of replies, of that day.",
            ("what",),
            registry=registry,
        )
        self.accuracy = Gauge(
            "replywise_estimated_accuracy",
            "Share understood right that day, estimated from the confidence.",
            ("of",),
            registry=registry,
        )

    def show(self, told: DriftDay) -> None:
        """Show a day."""
        self.day.set(_seconds(told))
        self.unusual.set(told.unusual)
        for gauge in (self.p, self.ratio, self.accuracy):
            gauge.clear()
        for measure in told.measures:
            self.ratio.labels(measure.name).set(measure.apart.ratio)
            if measure.p is not None:
                self.p.labels(measure.name).set(measure.p)
        self.found.labels("words").set(len(told.words))
        self.found.labels("groups").set(len(told.groups))
        for name, estimated in (
            ("decided", told.accuracy),
            ("answered", told.accuracy_answered),
        ):
            if estimated is not None:
                self.accuracy.labels(name).set(estimated.estimate)


def _seconds(told: DriftDay) -> float:
    return datetime.combine(told.day, time(), UTC).timestamp()
