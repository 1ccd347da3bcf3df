"""What `replywise suggest` does once its packages are there."""

import json as jsonlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from model.bundle import read_file, read_manifest
from model.errors import InputError
from model.files import Row, refuse_place, write_rows, written
from model.prediction import Floats
from serving.routing.parse_policy import parse_policy
from serving.routing.policy import Policy, Role
from serving.routing.ruleset import POLICY
from serving.routing.yaml_file import YamlFile
from training.cache import embed_cached
from training.dataset import Columns, read_replies
from training.encoder import load_encoder
from training.heads import FOLDS
from training.progress import Steps
from training.sources import TorchSource, bundle_source
from training.suggest.label_errors import LabelError, label_errors
from training.suggest.new_intents import NewIntent, new_intents
from training.suggest.overlaps import Overlap, overlaps
from training.suggest.page import Summary, write_page
from training.suggest.texts import read_recent
from training.suggest.to_label import ToLabel, to_label
from training.suggest.unseen import read_unseen

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class SuggestRequest:
    """What `replywise suggest` was asked for.

    Attributes:
        data: labelled replies.
        recent: texts that nobody has labelled; None for none.
        bundle: folder of the bundle whose encoder and policy are used.
        out: where the page goes.
        json: where the figures go as well.
        label_out: where a CSV to fill in goes.
        most: texts to label next, and labels to look at, that are written.
        columns: what the labelled file calls its columns.
        cache: folder of embeddings.
    """

    data: Path
    recent: Path | None
    bundle: Path
    out: Path
    json: Path | None
    label_out: Path | None
    most: int
    columns: Columns
    cache: Path


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What to do next, each list the most worthwhile first."""

    to_label: tuple[ToLabel, ...]
    label_errors: tuple[LabelError, ...]
    new_intents: tuple[NewIntent, ...]
    overlaps: tuple[Overlap, ...]


def run_suggest(request: SuggestRequest, console: Console) -> Suggestions:
    """Read, suggest, write.

    Raises:
        BundleError, RulesError: there is no bundle, or its policy cannot be read.
        InputError: a file cannot be read or written, or there is too little to learn
            from.
    """
    _refuse_places(request)
    steps = Steps(console)
    replies = read_replies([request.data], request.columns)
    _require_enough(replies, request)
    texts = replies["text"].tolist()
    recent = read_recent(request.recent, texts) if request.recent else _NONE
    policy = _policy(request.bundle)
    source = bundle_source(request.bundle)
    known = source.kept.held_out if source.kept else None
    unseen = read_unseen(replies, recent, source, known, request.cache, steps)
    outside = policy.intent_with(Role.OUT_OF_SCOPE)
    general = TorchSource(load_encoder(None), request.cache, None)

    def embed(texts: Sequence[str]) -> Floats:
        return embed_cached(general, texts, request.cache, lambda _: None)

    with steps.step("Looking for what to do next"):
        found = Suggestions(
            to_label=to_label(recent, unseen, request.most),
            label_errors=label_errors(replies, unseen)[: request.most],
            new_intents=new_intents(recent, unseen, outside, embed),
            overlaps=overlaps(replies, unseen, policy),
        )
    _write(request, found, Summary(len(replies), len(recent), source.name))
    _print(request, found, console)
    return found


def _write(request: SuggestRequest, found: Suggestions, summary: Summary) -> None:
    with written(request.out) as part:
        write_page(part, summary, asdict(found))
    if request.json:
        with written(request.json) as part:
            body = asdict(summary) | asdict(found)
            text = jsonlib.dumps(body, indent=1, ensure_ascii=False)
            part.write_text(text + "\n", encoding="utf-8")
    if request.label_out and found.to_label:
        write_rows(request.label_out, [_to_fill_in(one) for one in found.to_label])


def _to_fill_in(one: ToLabel) -> Row:
    return {
        "id": one.reply_id,
        "text": one.text,
        "intent": "",
        "sentiment": "",
        "source": "suggested",
        "group": one.group or one.reply_id,
        "likeliest": one.intent,
        "confidence": round(one.confidence, 4),
        "count": one.count,
        "language": one.language,
    }


def _refuse_places(request: SuggestRequest) -> None:
    """Raise InputError before the work where what it makes would have no place."""
    for path in (request.out, request.json, request.label_out):
        if path is not None:
            refuse_place(path)


def _require_enough(replies: pd.DataFrame, request: SuggestRequest) -> None:
    groups = replies["group"].nunique()
    if groups < FOLDS or replies["intent"].value_counts().max() < FOLDS:
        problem = (
            f"expected at least {FOLDS} groups of replies, and {FOLDS} replies of one "
            "label, to hold some out in turn"
        )
        raise InputError(request.data, problem)


def _policy(bundle: Path) -> Policy:
    data = read_file(bundle, read_manifest(bundle), POLICY)
    return parse_policy(YamlFile.parse(POLICY, {} if data is None else {POLICY: data}))


def _print(request: SuggestRequest, found: Suggestions, console: Console) -> None:
    console.print()
    _table(
        console,
        "Labels to look at again",
        ("where", "given", "likelier"),
        [(e.place, e.given, e.suggested) for e in found.label_errors],
    )
    _table(
        console,
        "Groups that may be an intent",
        ("name", "replies", "words"),
        [(g.name, str(g.replies), ", ".join(g.words)) for g in found.new_intents],
    )
    _table(
        console,
        "Intents that overlap",
        ("one", "other", "mistaken"),
        [(o.one, o.other, f"{o.share:.1%}") for o in found.overlaps],
    )
    if request.recent:
        console.print(f"{len(found.to_label)} texts to label next", highlight=False)
    for path in (request.out, request.json, request.label_out):
        if path is not None and path.exists():
            console.print(f"written  {path}", highlight=False)


def _table(
    console: Console,
    title: str,
    columns: tuple[str, ...],
    rows: list[tuple[str, ...]],
) -> None:
    if not rows:
        console.print(f"{title}: none", highlight=False)
        return
    table = Table(*columns, title=f"{title}: {len(rows)}")
    for row in rows[:_SHOWN]:
        table.add_row(*row)
    console.print(table, markup=False)


_NONE = pd.DataFrame(columns=["id", "text", "count", "language", "group"])
