"""A bundle made ready beside the one in use: verified, tried, fit for the programs."""

from pathlib import Path

from model.errors import BundleFormat, BundleTampered
from serving.live import LiveBundle, load_live
from serving.programs.programs import Programs

_WARM = ("hello", "where is my order? it was to be here on monday")


def make_ready(folder: Path, bundle_id: str, programs: Programs) -> LiveBundle:
    """Load a bundle so that the first reply it reads costs what every later one does.

    Args:
        folder: where it lies.
        bundle_id: which bundle it must be.
        programs: who texts, in which languages.

    Raises:
        BundleError: it is missing, damaged or another one, its golden replies come out
            otherwise, or it lacks a language that a program speaks.
        RulesError: its rules cannot be meant.
    """
    live = load_live(folder)
    if live.bundle_id != bundle_id:
        problem = f"expected {bundle_id}, holds {live.bundle_id}"
        raise BundleTampered(folder, problem)
    for program in programs:
        missing = [
            lang for lang in program.languages if lang not in live.rules.languages
        ]
        if missing:
            raise BundleFormat(
                folder,
                f"has no words in {', '.join(missing)}, which the program "
                f"{program.program_id} speaks; add them to responses.yaml",
            )
    live.bundle.classifier.predict(_WARM)
    return live
