"""What training's commands do once their packages are there."""

import json as jsonlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console

from model.bundle import DEFAULT, load_bundle, read_manifest
from model.errors import BundleMissing, InputError
from model.files import written
from serving.routing.parse_policy import parse_policy
from serving.routing.ruleset import POLICY, load_rules
from serving.routing.yaml_file import YamlFile
from training.base_sentiment import base_sentiment
from training.check import check_replies
from training.dataset import (
    SENTIMENTS,
    Columns,
    digest_of,
    known_intents,
    read_replies,
)
from training.encoder import Encoder, load_encoder
from training.evaluation import Evaluation, Labelled, score, trust
from training.heads import FOLDS
from training.outcome import judge_policy
from training.progress import Steps
from training.recipe import SEED, Trained, train
from training.report import print_report, write_html
from training.sources import BundleSource, EncoderSource, TorchSource, bundle_source
from training.split import spared
from training.tracking import Run, numbers, track
from training.tune import EPOCHS, UNKNOWN, Lesson, tune
from training.writing import metrics, refuse_occupied, rules_files, write_bundle

KNOWN_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """What `replywise train` was asked for."""

    data: tuple[Path, ...]
    out: Path
    encoder: str
    deep: bool
    rules: Path | None
    columns: Columns
    report: Path
    cache: Path
    tracking: Path | None


def run_train(request: TrainRequest, console: Console) -> None:
    """Train, report, track; write the bundle whole or not at all."""
    refuse_occupied(request.out)
    _refuse_report(request)
    steps = Steps(console)
    with steps.step("Reading and checking replies"):
        replies = read_checked(request.data, request.columns)
        rules = rules_files(request.rules or _rules_beside(request.data[0]))
        policy = parse_policy(YamlFile.parse(POLICY, rules))
    console.print(
        f"{len(replies)} replies, {replies['intent'].nunique()} intents",
        highlight=False,
    )
    source = _source(request, replies, steps, console)
    _require_enough(replies, source, request.columns)
    trained = train(replies, source, policy, request.cache, steps)
    with steps.step("Writing the bundle"):
        manifest = write_bundle(
            trained,
            replies,
            source,
            rules=rules,
            policy=policy,
            out=request.out,
            created_at=datetime.now(UTC),
        )
    print_report(trained.evaluation, console)
    _print_training(trained, console)
    title = f"Training report: {request.out.name}"
    with written(request.report) as part:
        write_html(trained.evaluation, title, manifest, part)
    console.print(f"\nbundle  {request.out}  {manifest.bundle_id}", highlight=False)
    console.print(f"report  {request.report}", highlight=False)
    if request.tracking:
        run = _run(request, replies, source, trained)
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
    loaded = load_bundle(bundle, threads=0)
    rules = load_rules(loaded.files)
    replies = read_replies(data, columns, labels=False)
    texts = replies["text"].tolist()
    predictions = loaded.classifier.predict(texts)
    intent = Labelled(replies["intent"].tolist(), [p.intent for p in predictions])
    told = replies["sentiment"].notna().to_numpy()
    feeling = Labelled(
        replies["sentiment"][told].tolist(),
        [p.sentiment for p, known in zip(predictions, told, strict=True) if known],
    )
    confidence = np.array([p.confidence for p in predictions])
    evaluation = Evaluation(
        replies=len(replies),
        intent=score(intent, SEED),
        sentiment=score(feeling, SEED) if told.any() else None,
        trust=trust(confidence, intent.right, SEED),
        outcome=judge_policy(texts, intent.truth, predictions, rules),
    )
    print_report(evaluation, console)
    if json:
        with written(json) as part:
            body = {"bundle": loaded.bundle_id, **asdict(evaluation)}
            part.write_text(jsonlib.dumps(body, indent=1) + "\n", encoding="utf-8")
    if report:
        title = f"Evaluation on {', '.join(path.name for path in data)}"
        with written(report) as part:
            write_html(evaluation, title, loaded.manifest, part)
    return evaluation


def run_check(
    data: Sequence[Path], against: Sequence[Path], columns: Columns, console: Console
) -> int:
    """Print what is to mend; return 1 where something must be."""
    replies = read_replies(data, columns, labels=False)
    apart = read_replies(against, columns, labels=False) if against else None
    findings = check_replies(replies, known_intents(data[0]), apart)
    for finding in findings:
        mark = "error  " if finding.error else "note   "
        console.print(
            f"{mark} {finding.place}: {finding.kind}: {finding.problem}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    errors = sum(finding.error for finding in findings)
    console.print(
        f"{len(replies)} replies, {replies['intent'].nunique()} intents: "
        f"{errors} errors, {len(findings) - errors} notes",
        highlight=False,
    )
    return 1 if errors else 0


def read_checked(data: Sequence[Path], columns: Columns) -> pd.DataFrame:
    """Read replies to train on; a label that the taxonomy lacks is refused."""
    replies = read_replies(data, columns)
    known = known_intents(data[0])
    unknown = replies[~replies["intent"].isin(list(known))] if known else replies[:0]
    if len(unknown):
        first = unknown.iloc[0]
        problem = (
            f"the taxonomy beside the file has no label {first['intent']!r} "
            f"({len(unknown)} rows in all)"
        )
        column = columns.intent
        raise InputError(first["file"], problem, row=int(first["row"]), column=column)
    return replies


def _refuse_report(request: TrainRequest) -> None:
    """Raise InputError before the work where its report would have no place."""
    folder = request.report.parent
    if folder != request.out.parent and not folder.is_dir():
        problem = f"there is no folder {folder}; make it first"
        raise InputError(request.report, problem)


def _rules_beside(data: Path) -> Path:
    """Return the data's folder where it holds rules, else the default bundle's."""
    return data.parent if (data.parent / POLICY).is_file() else DEFAULT


def _source(
    request: TrainRequest, replies: pd.DataFrame, steps: Steps, console: Console
) -> EncoderSource:
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
        encoder = _tuned(encoder, replies, steps)
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


def _tuned(encoder: Encoder, replies: pd.DataFrame, steps: Steps) -> Encoder:
    seen = replies[~spared(replies["group"].tolist())]
    intents = sorted(replies["intent"].unique())
    sentiments = pd.Categorical(seen["sentiment"], categories=list(SENTIMENTS)).codes
    lesson = Lesson(
        texts=seen["text"].tolist(),
        intents=np.asarray(
            pd.Categorical(seen["intent"], categories=intents).codes, dtype=np.int64
        ),
        sentiments=np.where(sentiments < 0, UNKNOWN, sentiments).astype(np.int64),
        digest=digest_of(seen),
    )
    with steps.step("Tuning the encoder", EPOCHS * len(seen)) as progress:
        return tune(encoder, lesson, seed=SEED, progress=progress)


def _require_enough(
    replies: pd.DataFrame, source: EncoderSource, columns: Columns
) -> None:
    """Raise InputError where cross-validation has too little to hold out."""
    tuned = source.tuned_on is not None
    scored = replies[spared(replies["group"].tolist())] if tuned else replies
    hint = "; a tuned encoder spares few, try --encoder base" if tuned else ""
    for name in ("intent", "sentiment"):
        most = max(scored[name].value_counts(), default=0)
        if replies[name].notna().any() and most < FOLDS:
            problem = (
                f"expected at least {FOLDS} replies of one label to calibrate on, "
                f"got {most}{hint}"
            )
            file, column = replies["file"].iloc[0], getattr(columns, name)
            raise InputError(file, problem, column=column)


def _print_training(trained: Trained, console: Console) -> None:
    solved, parity = trained.solved, trained.parity
    if solved.threshold is None:
        told = "no threshold keeps the error limit on so few replies; all are escalated"
    else:
        told = (
            f"{solved.threshold:.3f}: {solved.wrong} wrong of {solved.answered} "
            f"answered, {solved.coverage:.1%} of what the policy answers"
        )
    console.print(f"\nthreshold  {told}", highlight=False)
    console.print(
        f"parity     {parity.same_labels:.1%} same labels, top probability within "
        f"{parity.probability_gap:.4f}, accuracy {parity.accuracy_float:.2%} float, "
        f"{parity.accuracy_int8:.2%} int8",
        highlight=False,
    )


def _run(
    request: TrainRequest,
    replies: pd.DataFrame,
    source: EncoderSource,
    trained: Trained,
) -> Run:
    return Run(
        parameters={
            "data": ", ".join(path.name for path in request.data),
            "data_digest": digest_of(replies),
            "replies": len(replies),
            "encoder": source.name,
            "encoder_digest": source.digest,
            "deep": request.deep,
            "seed": SEED,
        },
        metrics=dict(numbers(metrics(trained))),
        artifacts={"report": request.report, "bundle": request.out},
    )
