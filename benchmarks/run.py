"""`make bench`: measures in one run, prints, writes BENCHMARKS.md."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from benchmarks.explaining import Explaining, measure_explaining
from benchmarks.inbound import Inbound, measure_inbound
from benchmarks.install import Installed, measure_install
from benchmarks.optout import CASES, last_of, opt_out_section
from benchmarks.process import InProcess, measure_in_process
from benchmarks.service import CONNECTIONS, Serving, measure_service
from model.bundle import DEFAULT
from serving.live import load_live
from training.commands import run_evaluate
from training.dataset import Columns, read_replies
from training.evaluation import Evaluation, Interval
from training.optout_cases import read_cases
from training.optout_report import judge_opt_outs

ROOT = Path(__file__).parent.parent
HELD_OUT = ROOT / "data" / "replies_test.csv"
OUT = ROOT / "BENCHMARKS.md"
EXPLAINED = 400


def main() -> None:
    """Measure everything and write it down."""
    console = Console()
    texts = read_replies([HELD_OUT])["text"].tolist()
    quiet = Console(quiet=True)
    evaluation = run_evaluate(
        [HELD_OUT], DEFAULT, Columns(), json=None, report=None, console=quiet
    )
    live = load_live(DEFAULT)
    measure_in_process(live, texts[:200])  # Warm: first runs allocate.
    process = measure_in_process(live, texts)
    explaining = measure_explaining(live.bundle, texts[:EXPLAINED])
    service = measure_service(texts * 3)
    inbound = measure_inbound(texts, process.raw_rate)
    install = measure_install()
    text = render(
        evaluation, process, explaining, service, inbound, install, live.bundle_id
    )
    cases = read_cases(CASES)
    last = judge_opt_outs(last_of(cases), live.bundle)
    text += opt_out_section(evaluation.opt_outs, cases, last)
    OUT.write_text(text, encoding="utf-8")
    console.print(text, markup=False, highlight=False)


def render(
    evaluation: Evaluation,
    process: InProcess,
    explaining: Explaining,
    service: Serving,
    inbound: Inbound,
    install: Installed,
    bundle_id: str,
) -> str:
    """Return BENCHMARKS.md."""
    outcome = evaluation.outcome
    sentiment = evaluation.sentiment
    rows = [
        ("**On `data/replies_test.csv`**", "", ""),
        ("intent macro-F1", _interval(evaluation.intent.macro_f1), "at least 0.90"),
        ("intent accuracy", _interval(evaluation.intent.accuracy), ""),
        (
            "sentiment macro-F1",
            _interval(sentiment.macro_f1) if sentiment else "",
            "at least 0.80",
        ),
        (
            "expected calibration error",
            _interval(evaluation.trust.calibration_error),
            "",
        ),
        ("settled without a person", f"{outcome.automatic:.1%}" if outcome else "", ""),
        (
            "wrong among those",
            f"{outcome.wrong_automatic:.2%}" if outcome else "",
            "",
        ),
        (
            "a model without a mistake or a doubt would settle",
            f"{outcome.reachable:.1%}" if outcome else "",
            "",
        ),
        ("**One reply in process, one thread**", "", ""),
        ("raw session run, p50 / p99", _ms(process.raw_p50, process.raw_p99), ""),
        ("read and decide, p50 / p99", _ms(process.p50, process.p99), ""),
        ("ratio at p50", f"{process.ratio:.2f}", "at most 1.25"),
        *explaining.rows,
        ("**`/v1/route`, one worker, recorded on disk**", "", ""),
        ("raw session runs a second, one thread", f"{process.raw_rate:.0f}", ""),
        (f"replies a second, {CONNECTIONS} connections", f"{service.rate:.0f}", ""),
        (
            "ratio to the raw rate",
            f"{service.rate / process.raw_rate:.2f}",
            "at least 0.55",
        ),
        ("latency alone, p50 / p99", _ms(service.p50, service.p99), ""),
        (
            f"latency with {CONNECTIONS} connections, p50 / p99",
            _ms(service.loaded_p50, service.loaded_p99),
            "",
        ),
        ("start to ready", f"{service.ready:.2f} s", "at most 3 s"),
        ("resident after load", f"{service.resident:.0f} MB", "under 350 MB"),
        *inbound.rows,
        ("**Base install**", "", ""),
        ("distributions", str(install.distributions), "at most 55"),
        ("size", f"{install.megabytes:.0f} MB", "at most 350 MB"),
    ]
    versions = ", ".join(
        f"{name} {version(name)}" for name in ("onnxruntime", "numpy", "fastapi")
    )
    table = "\n".join(f"| {a} | {b} | {c} |" for a, b, c in rows)
    return f"""# Benchmarks

Printed by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {_processor()},
{os.cpu_count()} cores, Python {platform.python_version()}, {versions}.
Bundle `{bundle_id}`. Speeds are of this run on a shared machine; read the ratios.
Scores carry 95 % bootstrap intervals over replies.

Printed by commands of their own: public sets beside published figures
(`replywise benchmark intents --data DIR`, [docs/public-sets.md](docs/public-sets.md)),
other systems on the same machine (`python -m benchmarks.peers --data DIR`,
[docs/peers.md](docs/peers.md)), the time of a training (`time replywise train
data/replies.csv --out my-bundle`).

| measure | value | aim |
|---|---|---|
{table}
"""


def _interval(told: Interval) -> str:
    return f"{told.value:.3f} ({told.low:.3f} to {told.high:.3f})"


def _ms(*seconds: float) -> str:
    return " / ".join(f"{1000 * s:.2f}" for s in seconds) + " ms"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


if __name__ == "__main__":
    main()
