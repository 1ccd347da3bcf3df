"""The doors of a deployment: each program's provider, and what proves its calls."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from model.errors import SettingsError
from serving.edge.edge import Door
from serving.programs.program import Program
from serving.programs.programs import Programs
from serving.providers.catalogue import catalogue
from serving.providers.provider import Secrets

_log = logging.getLogger(__name__)


def make_doors(
    programs: Programs, environ: Mapping[str, str], fetch: Callable[[str], bytes]
) -> dict[str, Door]:
    """Return a door for each program.

    A program without a secret keeps its door shut: it refuses every call, and the log
    says what to set. So a deployment can be tried before its providers are.

    Args:
        programs: whose doors.
        environ: where the secrets' variables are.
        fetch: gets a certificate from its address.

    Raises:
        SettingsError: a secret's file cannot be read, or cannot be the provider's.
    """
    providers = catalogue(fetch)
    doors: dict[str, Door] = {}
    for program in programs:
        provider = providers[program.provider.value]
        secrets = _secrets(program, environ)
        if secrets is None:
            _log.warning(
                "program %s takes no webhooks: no secret is set", program.program_id
            )
        else:
            provider.check(secrets)
        doors[program.program_id] = Door(program, provider, secrets)
    return doors


def _secrets(program: Program, environ: Mapping[str, str]) -> Secrets | None:
    names = program.secrets
    keys = [environ[name] for name in names.environment if environ.get(name)]
    for path in names.files:
        try:
            keys.append(Path(path).read_text(encoding="utf-8").strip())
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"program {program.program_id}: the secret in {path} cannot be read"
            ) from error
    if not keys and (names.environment or names.files):
        return None
    return Secrets(tuple(keys), program.accounts)
