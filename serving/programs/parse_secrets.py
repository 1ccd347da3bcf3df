"""Where a program's secrets are.

No message here repeats what it found: a secret may stand where its name belongs.
"""

import re
from pathlib import PurePosixPath

from serving.programs.program import SecretNames
from serving.routing.lined_yaml import LinedYaml

_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


def parse_secrets(line: LinedYaml) -> SecretNames:
    """Read `secrets`: the variables and files that hold them."""
    if not isinstance(line.fields.get("secrets"), dict):
        problem = "expected `environment` or `files` with names, got something else"
        raise line.error("secrets", f"{problem}; a secret itself never stands here")
    source = line.child("secrets")
    source.only("environment", "files")
    environment = _names(source, "environment")
    files = _names(source, "files")
    if not environment and not files:
        raise source.error("environment", "expected at least one name")
    for index, name in enumerate(environment):
        if not _VARIABLE.fullmatch(name):
            problem = "expected the name of a variable, like TWILIO_AUTH_TOKEN"
            where = f"environment[{index}]"
            raise source.error(where, f"{problem}; a secret itself never stands here")
    for index, name in enumerate(files):
        if not PurePosixPath(name).is_absolute():
            problem = "expected the path of a file from the root, like /run/secrets/sms"
            raise source.error(f"files[{index}]", problem)
    return SecretNames(environment, tuple(map(PurePosixPath, files)))


def _names(source: LinedYaml, key: str) -> tuple[str, ...]:
    listed = source.fields.get(key, [])
    if not isinstance(listed, list) or not all(isinstance(n, str) for n in listed):
        raise source.error(key, "expected a list of names")
    if len(set(listed)) < len(listed):
        raise source.error(key, "expected each name once")
    return tuple(listed)
