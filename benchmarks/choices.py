"""`python -m benchmarks.choices`: the measurements behind DECISIONS.md 3 and 4.

Minutes on two cores. Writers are held out in turn; the held-out file is not touched.
"""

from pathlib import Path
from time import perf_counter

import numpy as np
import onnxruntime as ort
from rich.console import Console
from rich.table import Table
from sklearn.metrics import f1_score

from model.classifier import padded
from model.prediction import Floats
from training.dataset import read_replies
from training.encoder import Encoder, load_encoder, tokenize
from training.export import Packing, export_encoder
from training.heads import fit_head

ROOT = Path(__file__).parent.parent
WRITERS = tuple(f"written-w0{number}" for number in range(1, 7))
LAYERS = ((6,), (6, 4), (6, 5, 3, 0))
SAMPLE = 400


def main() -> None:
    """Print both tables."""
    console = Console()
    replies = read_replies([ROOT / "data" / "replies.csv"])
    replies = replies[replies["source"].isin(WRITERS)].reset_index(drop=True)
    encoder = load_encoder(None)
    intents = sorted(replies["intent"].unique())
    codes = replies["intent"].map(intents.index).to_numpy()
    table = Table("layers", *WRITERS[:3], title="Macro-F1, writer held out, frozen")
    for layers in LAYERS:
        encoder.body.layers = layers
        embeddings = encoder.embed(replies["text"].tolist(), lambda _: None)
        scores = []
        for writer in WRITERS[:3]:
            held = (replies["source"] == writer).to_numpy()
            head = fit_head(embeddings[~held], codes[~held], len(intents))
            predicted = head.logits(embeddings[held]).argmax(1)
            scores.append(f1_score(codes[held], predicted, average="macro"))
        table.add_row(str(layers), *(f"{score:.3f}" for score in scores))
    console.print(table)
    console.print(packings(encoder, replies["text"].tolist()[:SAMPLE]))


def packings(encoder: Encoder, texts: list[str]) -> Table:
    """Compare the ways to keep weights in 8 bits with the float encoder."""
    exact = encoder.embed(texts, lambda _: None)
    ids = tokenize(encoder.tokenizer, texts)
    table = Table("packing", "mean cosine", "least", "p50 ms", title="Int8 and float")
    for packing in Packing:
        graph = export_encoder(encoder.body, packing)
        table.add_row(str(packing), *_against(graph, ids, exact))
    return table


def _against(graph: bytes, ids: list[list[int]], exact: Floats) -> tuple[str, ...]:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(graph, options)
    rows, seconds = [], []
    for tokens in ids:
        input_ids, mask = padded([tokens])
        began = perf_counter()
        feed = {"input_ids": input_ids, "attention_mask": mask}
        rows.append(session.run(["embedding"], feed)[0][0])
        seconds.append(perf_counter() - began)
    cosine = (np.stack(rows) * exact).sum(1)
    p50 = 1000 * float(np.median(seconds))
    return f"{cosine.mean():.4f}", f"{cosine.min():.4f}", f"{p50:.2f}"


if __name__ == "__main__":
    main()
