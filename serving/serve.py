"""`replywise serve`: everything is tried before the port is opened."""

import gc
import logging
import os
import signal
import socket
import sys
from functools import cache

import sqlalchemy as sa
import uvicorn
from rich.console import Console

from model.errors import BundleError, RulesError, SettingsError, ShelfError
from model.shelf import Shelf
from model.uses import Use
from serving.access.access_settings import AccessSettings, refuse_open_to_the_world
from serving.access.keys import keys_exist
from serving.app import create_app
from serving.bundles.watcher import Watched
from serving.ids import new_id, now
from serving.ledger.carry_over import carry_over
from serving.live import LiveBundle, load_live
from serving.programs.programs import Programs
from serving.recording.intake import Intake
from serving.recording.setup import read_setup
from serving.service import Service
from serving.settings import Settings
from serving.store.database import open_store, reading

SWITCH_SECONDS = 0.0002
"""How long a thread may hold the interpreter while others wait. The graph runs
outside of it; at Python's 5 ms the reader waited longer to get back in than it had
run, and throughput was a third lower."""


def run(settings: Settings, console: Console) -> None:
    """Serve until told to stop.

    Raises:
        BundleError, RulesError, ShelfError: the bundle cannot be used.
        StoreError, SettingsError: the store or the port cannot be had.
    """
    # What can fail for a reason the user can mend fails here, in one line.
    listening = _listen(settings.host, settings.port)
    with listening:
        watched = Watched(Shelf(settings.shelf_folder()), settings.bundle)
        live, promoted = _first_bundle(watched)
        engine = open_store(settings.store_url())
        setup = read_setup(settings.programs, live.rules.languages, settings.pepper)
        bring_over(engine, setup.programs)
        _keep_from_the_world(engine, settings.host)
        intake = Intake(now=now, new_id=new_id, setup=setup)
        app = create_app(
            lambda: Service(live, engine, intake, watched=watched), environ=os.environ
        )
        logging.basicConfig(
            level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s"
        )
        # Alembic tells every start at this level that it has nothing to do.
        logging.getLogger("alembic").setLevel(logging.WARNING)
        config = uvicorn.Config(
            app,
            # The access log would cost a write a reply, and tells what /metrics does.
            access_log=False,
            log_config=None,
            log_level=logging.WARNING,
        )
        _greet(settings, live.bundle_id, promoted, console)
        sys.setswitchinterval(SWITCH_SECONDS)
        # What is there stays: to look through it for garbage takes 85 ms, in which no
        # reply is answered.
        gc.freeze()
        # uvicorn finishes what is open, then raises the signal that stopped it once
        # more; a stop that was asked for is no failure.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        uvicorn.Server(config).run([listening])


def _first_bundle(watched: Watched) -> tuple[LiveBundle, Use | None]:
    """Return the bundle to begin with, and who promoted it, if anybody did."""
    folder, promoted = watched.champion()
    try:
        return load_live(folder), promoted
    except (BundleError, RulesError) as error:
        if promoted is None:
            raise
        raise ShelfError(
            f"the champion cannot be used: {error}; go back to the one before it with "
            "`replywise rollback`"
        ) from error


def _keep_from_the_world(engine: sa.Engine, host: str) -> None:
    """Raise SettingsError where anybody on a network could call without a key."""
    access = AccessSettings.from_environment(os.environ)
    with reading(engine) as connection:
        refuse_open_to_the_world(
            host,
            keys_exist=keys_exist(connection),
            open_to_the_world=access.open_to_the_world,
        )


def bring_over(engine: sa.Engine, programs: Programs) -> None:
    """Give the ledger what a store from before it knows of consent."""

    # There are few senders, and to read one takes longer than to look it up here.
    @cache
    def program_of(sender: str) -> tuple[str, str]:
        program = programs.of_number(sender)
        return program.brand, program.program_id

    carry_over(engine, program_of, now=now, new_id=new_id)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, event loops switch Nagle's algorithm off: an answer
    # in two packets would wait 40 ms for the first one's acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise SettingsError(
            f"{host}:{port}: {error.strerror}; choose another with --port"
        ) from error
    listening.listen(1024)
    return listening


def _greet(
    settings: Settings, bundle_id: str, promoted: Use | None, console: Console
) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{settings.port}"
    since = f", promoted {promoted.since:%Y-%m-%d %H:%M} UTC" if promoted else ""
    console.print(f"replywise serves bundle {bundle_id[:19]}{since}", highlight=False)
    console.print(
        f"  page     {address}/\n  console  {address}/console\n"
        f"  API      {address}/docs",
        highlight=False,
    )
    console.print("Try it from another terminal:\n", highlight=False)
    request = (
        '{"message_id": "m1", "from": "+15550100", "to": "+15550199", '
        '"text": "hey wheres my stuff its been 2 weeks"}'
    )
    console.print(
        f"  curl -s {address}/v1/route -H 'content-type: application/json' \\\n"
        f"    -d '{request}'\n",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
