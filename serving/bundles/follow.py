"""A service follows a shelf: the watcher, wired to what the service is made of."""

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from model.uses import BundleRole, Use
from serving.bundles.ready import make_ready
from serving.bundles.uses import record_use
from serving.bundles.watcher import Hands, Watched, Watcher
from serving.live import LiveBundle
from serving.metrics import Metrics
from serving.recording.intake import Intake
from serving.recording.recorder import Write


def follow(
    watched: Watched,
    live: LiveBundle,
    take: Callable[[BundleRole, LiveBundle | None], None],
    *,
    intake: Intake,
    write: Callable[[Write], "Future[Any]"],
    metrics: Metrics,
) -> Watcher:
    """Return the watcher of a service; its looks want a thread of their own.

    Args:
        watched: the shelf.
        live: the bundle that the service begins with.
        take: puts a bundle into a role of the service.
        intake: knows the time, the programs and new ids.
        write: writes to the store in the service's order.
        metrics: where it is counted.
    """

    def load(folder: Path, bundle_id: str) -> LiveBundle:
        return make_ready(folder, bundle_id, intake.setup.programs)

    def taken(role: BundleRole, bundle: LiveBundle | None) -> None:
        take(role, bundle)
        metrics.swapped(role, bundle.bundle_id if bundle else None)

    def record(use: Use) -> None:
        use_id = intake.new_id()
        write(lambda c: record_use(c, use, use_id)).result()

    hands = Hands(
        load=load,
        take=taken,
        record=record,
        refuse=lambda role: metrics.refused_bundles.labels(role).inc(),
    )
    return Watcher(watched, live, hands, intake.now)
