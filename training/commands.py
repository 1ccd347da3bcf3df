"""What training's commands do once their packages are there."""

import json as jsonlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console

from model.bundle import DEFAULT, load_bundle, read_manifest
from model.errors import BundleMissing
from model.files import refuse_place, written
from model.reading import read_all
from serving.routing.ruleset import POLICY, load_rules
from training.base_sentiment import base_sentiment
from training.dataset import Columns, digest_of, read_replies, refuse_twice
from training.encoder import Encoder, load_encoder
from training.evaluation import Evaluation, Labelled, score, trust
from training.joining import join_files
from training.learnable import read_checked, read_held_out, require_enough
from training.optout_cases import cases_beside
from training.optout_report import judge_opt_outs
from training.outcome import judge_policy
from training.progress import Steps
from training.recipe import SEED, Trained, train
from training.report import print_report, write_html
from training.sources import BundleSource, EncoderSource, TorchSource, bundle_source
from training.threshold_report import threshold_tables
from training.tracking import Run, numbers, track
from training.writing import metrics, refuse_occupied, rules_files, write_bundle

KNOWN_SHARE = 0.5
_SLICE = 512


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """What `replywise train` was asked for.

    Attributes:
        data: labelled replies; what lies beside the first file goes with it.
        out: folder of the bundle.
        encoder: `auto`, `base`, or a folder.
        deep: whether the encoder is tuned.
        rules: folder of policy, keywords and responses; None for the data's or ours.
        columns: what the files call their columns.
        report: where the page goes.
        cache: folder of embeddings.
        tracking: MLflow's folder; None for no record.
        against: replies that are held out; None for the `_test` file beside the data.
        opt_outs: opt-out cases to learn from besides those beside the data.
    """

    data: tuple[Path, ...]
    out: Path
    encoder: str
    deep: bool
    rules: Path | None
    columns: Columns
    report: Path
    cache: Path
    tracking: Path | None
    against: tuple[Path, ...] | None = None
    opt_outs: tuple[Path, ...] = ()


def run_train(request: TrainRequest, console: Console) -> None:
    """Train, report, track; write the bundle whole or not at all."""
    refuse_occupied(request.out)
    if request.report.is_dir() or request.report.parent != request.out.parent:
        refuse_place(request.report)
    refuse_twice(request.opt_outs)
    steps = Steps(console)
    with steps.step("Reading and checking replies"):
        read = read_checked(request.data, request.columns)
        files = rules_files(request.rules or _rules_beside(request.data[0]))
        rules = load_rules(files)
        joined = join_files(
            read,
            cases_beside(request.data[0]),
            held_out=read_held_out(request.data[0], request.against, request.columns),
            opt_outs=request.opt_outs,
        )
    replies, cases = joined.replies, joined.cases
    for line in joined.told:
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    console.print(
        f"{len(replies)} replies, {replies['intent'].nunique()} intents",
        highlight=False,
    )
    require_enough(read, replies, request.columns)
    start = _start(request, replies, steps, console)
    felt = _with_feelings(replies, start, steps)
    learned = cases.train if cases else None
    trained = train(felt, learned, start, rules, request.cache, steps)
    if felt is not replies:
        # What the default bundle read proves nothing about sentiments.
        evaluation = replace(trained.evaluation, sentiment=None)
        trained = replace(trained, evaluation=evaluation)
    with steps.step("Writing the bundle"):
        made, now = request.out, datetime.now(UTC)
        manifest = write_bundle(trained, replies, rules=files, out=made, created_at=now)
    evaluation = trained.evaluation
    if cases:
        with steps.step("Deciding about hard opt-out cases"):
            # What it has just learned from proves nothing, and takes most of the time.
            apart, made_here = cases.set_apart(), load_bundle(request.out, threads=0)
            opt_outs = judge_opt_outs(apart, made_here)
            evaluation = replace(evaluation, opt_outs=opt_outs)
    print_report(evaluation, console)
    _print_training(trained, console)
    title = f"Training report: {request.out.name}"
    with written(request.report) as part:
        write_html(evaluation, title, manifest, part, trained.solved)
    console.print(f"\nbundle  {request.out}  {manifest.bundle_id}", highlight=False)
    console.print(f"report  {request.report}", highlight=False)
    if request.tracking:
        run = _run(request, replies, trained)
        console.print(f"run     {track(run, request.tracking)}", highlight=False)


def run_evaluate(
    data: Sequence[Path],
    bundle: Path,
    columns: Columns,
    *,
    json: Path | None,
    report: Path | None,
    console: Console,
) -> Evaluation:
    """Report on a bundle as it stands, policy and all."""
    for place in filter(None, (json, report)):
        refuse_place(place)
    loaded = load_bundle(bundle, threads=0)
    rules = load_rules(loaded.files)
    replies = read_replies(data, columns, labels=False)
    cases = cases_beside(data[0])
    texts = replies["text"].tolist()
    predictions = read_all(loaded.classifier, texts)
    intent = Labelled(replies["intent"].tolist(), [p.intent for p in predictions])
    told = replies["sentiment"].notna().to_numpy()
    feelings = replies["sentiment"].where(told, None).tolist()
    feeling = Labelled(
        [name for name in feelings if name],
        [p.sentiment for p, known in zip(predictions, told, strict=True) if known],
    )
    confidence = np.array([p.confidence for p in predictions])
    evaluation = Evaluation(
        replies=len(replies),
        intent=score(intent, SEED),
        sentiment=score(feeling, SEED) if told.any() else None,
        trust=trust(confidence, intent.right, SEED),
        outcome=judge_policy(texts, intent.truth, feelings, predictions, rules),
        opt_outs=judge_opt_outs(cases, loaded) if cases else None,
    )
    print_report(evaluation, console)
    strange = ~replies["intent"].isin(loaded.manifest.intents)
    if strange.any():
        counted = f"{strange.sum()} of {len(replies)} replies bear labels"
        console.print(f"{counted} that the bundle does not know; they count as wrong.")
    if json:
        with written(json) as part:
            body = {"bundle": loaded.bundle_id, **asdict(evaluation)}
            part.write_text(jsonlib.dumps(body, indent=1) + "\n", encoding="utf-8")
    if report:
        title = f"Evaluation on {', '.join(path.name for path in data)}"
        with written(report) as part:
            write_html(evaluation, title, loaded.manifest, part)
    return evaluation


def _rules_beside(data: Path) -> Path:
    """Return the data's folder where it holds rules, else the default bundle's."""
    return data.parent if (data.parent / POLICY).is_file() else DEFAULT


def _start(
    request: TrainRequest, replies: pd.DataFrame, steps: Steps, console: Console
) -> EncoderSource | Encoder:
    """Return what training begins with: an encoder to tune, or one to keep."""
    name = request.encoder
    if not request.deep:
        if name == "auto" and (known := _default_encoder(replies)):
            console.print(f"encoder {known.name}", highlight=False)
            return known
        if Path(name, "manifest.json").is_file():
            return bundle_source(Path(name))
    with steps.step("Loading the encoder"):
        encoder = load_encoder(None if name in ("auto", "base") else name)
    console.print(f"encoder {encoder.name}", highlight=False)
    if request.deep:
        return encoder
    return TorchSource(encoder, request.cache, base_sentiment(encoder.digest))


def _default_encoder(replies: pd.DataFrame) -> BundleSource | None:
    """Return the default bundle's encoder where it was tuned on these labels."""
    try:
        known = set(read_manifest(DEFAULT).intents)
    except BundleMissing:
        return None
    labels = set(replies["intent"])
    if len(labels & known) < KNOWN_SHARE * len(labels):
        return None
    return bundle_source(DEFAULT)


def _with_feelings(
    replies: pd.DataFrame, start: EncoderSource | Encoder, steps: Steps
) -> pd.DataFrame:
    """Give replies that name no sentiment what the default bundle reads in them.

    Tuning moves the encoder away from the default sentiment head; so the head is
    learned again, from what it used to say.
    """
    if not isinstance(start, Encoder) or replies["sentiment"].notna().any():
        return replies
    with steps.step("Reading sentiments with the default bundle", len(replies)) as told:
        classifier = load_bundle(DEFAULT, threads=0).classifier
        feelings: list[str] = []
        for at in range(0, len(replies), _SLICE):
            part = replies["text"].iloc[at : at + _SLICE].tolist()
            feelings += [p.sentiment for p in classifier.predict(part)]
            told(len(part))
    return replies.assign(sentiment=feelings)


def _print_training(trained: Trained, console: Console) -> None:
    for table in threshold_tables(trained.solved):
        console.print(table)
    parity = trained.parity
    console.print(
        f"parity     {parity.same_labels:.1%} same labels, top probability within "
        f"{parity.probability_gap:.4f}, accuracy {parity.accuracy_float:.2%} float, "
        f"{parity.accuracy_int8:.2%} int8",
        highlight=False,
    )


def _run(request: TrainRequest, replies: pd.DataFrame, trained: Trained) -> Run:
    return Run(
        parameters={
            "data": ", ".join(path.name for path in request.data),
            "data_digest": digest_of(replies),
            "replies": len(replies),
            "encoder": trained.source.name,
            "encoder_digest": trained.source.digest,
            "deep": request.deep,
            "seed": SEED,
        },
        metrics=dict(numbers(metrics(trained))),
        artifacts={"report": request.report, "bundle": request.out},
    )
