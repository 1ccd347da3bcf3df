"""A challenger for the simulated month: the same bundle, but it answers sooner."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from model.bundle import read_manifest
from model.manifest import digest, write_manifest
from model.shelf import Shelf
from model.uses import BundleRole
from serving.bundles.shadow import compared
from serving.bundles.uses import record_use
from serving.demo.chance import Clock, Ids
from serving.live import load_live
from serving.recording.intake import Recorded
from serving.routing.ruleset import THRESHOLDS
from serving.store.bundle_tables import shadow_decisions
from serving.store.database import writing

SOONER = 0.1
"""By so much each threshold is lower."""
BESIDE = timedelta(days=7)
"""For so long it has decided beside the champion."""


def sooner(bundle: Path, folder: Path, at: datetime) -> Path:
    """Make a bundle in `folder` that answers sooner than `bundle`; return it."""
    made = folder / "sooner"
    shutil.copytree(bundle, made)
    thresholds = json.loads((made / THRESHOLDS).read_bytes())
    thresholds["intents"] = {
        intent: value if value is None else round(max(value - SOONER, 0.0), 4)
        for intent, value in thresholds["intents"].items()
    }
    data = json.dumps(thresholds, indent=1).encode()
    (made / THRESHOLDS).write_bytes(data)
    manifest = read_manifest(bundle)
    files = {**manifest.files, THRESHOLDS: digest(data)}
    write_manifest(replace(manifest, files=files, created_at=at.isoformat()), made)
    return made


def put_beside(
    engine: sa.Engine,
    shelf: Shelf,
    champion: tuple[Path, datetime],
    challenger: Path,
    decided: Sequence[Recorded],
    clock: Clock,
    ids: Ids,
) -> None:
    """Put both on the shelf and on record, and have the challenger decide.

    Args:
        engine: the store.
        shelf: where both are put.
        champion: the bundle that decides, and since when.
        challenger: the bundle that decides beside it.
        decided: what it decides about again.
        clock: shows the end of the month.
        ids: gives ids out.
    """
    folder, since = champion
    uses: tuple[tuple[Path, BundleRole, datetime, str], ...] = (
        (folder, "champion", since, "the bundle that ships"),
        (challenger, "challenger", clock.at - BESIDE, "answers sooner; is it right?"),
    )
    for bundle, role, at, reason in uses:
        bundle_id = shelf.add(bundle, {}, at=at)
        shelf.promote(bundle_id, role=role, actor="user:sam", reason=reason, at=at)
    live = load_live(challenger)
    rows = [compared(live, recorded, clock.at) for recorded in decided]
    with writing(engine) as connection:
        for use in shelf.live().values():
            record_use(connection, use, ids.new())
        connection.execute(
            sa.insert(shadow_decisions), [row for row in rows if row is not None]
        )
