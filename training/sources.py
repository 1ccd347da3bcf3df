"""Where embeddings and the encoder's part of the graph come from.

Two sources exist. A `TorchSource` embeds with the float encoder and exports it; a
`BundleSource` embeds with the int8 graph of a bundle whose encoder was tuned
already, and keeps that graph: only the heads are made anew, without torch.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from model.bundle import GRAPH, TOKENIZER, Bundle, load_bundle
from model.classifier import Classifier
from model.errors import BundleFormat, InputError
from model.manifest import digest
from model.prediction import Floats
from training.encoder import Encoder, Progress, tokenize
from training.export import Packing, export_encoder
from training.graph import Heads, encoder_only, heads_of
from training.heads import LinearHead
from training.held_out import HELD_OUT, HeldOut, unpack
from training.spread import SAMPLE


class EncoderSource(Protocol):
    """What training needs of an encoder."""

    @property
    def name(self) -> str:
        """Where it came from."""

    @property
    def digest(self) -> str:
        """Of what embeds; the key of the cache."""

    @property
    def tokenizer(self) -> bytes:
        """`tokenizer.json`."""

    @property
    def tuned_on(self) -> str | None:
        """Digest of the labelled replies it was tuned on; None for a general one."""

    @property
    def sentiment(self) -> LinearHead | None:
        """The default sentiment head for its embeddings, calibrated; None without."""

    def embed(self, texts: Sequence[str], progress: Progress) -> Floats:
        """Return embeddings (texts x dim, rows of length 1)."""

    def graphs(self) -> Iterator[bytes]:
        """Yield int8 graphs from token ids to `embedding`, the fastest first."""


@dataclass(frozen=True, slots=True)
class TorchSource:
    """A float encoder; its int8 graph is kept beside its embeddings."""

    encoder: Encoder
    cache: Path
    sentiment: LinearHead | None

    @property
    def name(self) -> str:
        """Where it came from."""
        return self.encoder.name

    @property
    def digest(self) -> str:
        """Of weights and tokenizer."""
        return self.encoder.digest

    @property
    def tokenizer(self) -> bytes:
        """`tokenizer.json`."""
        return self.encoder.tokenizer

    @property
    def tuned_on(self) -> str | None:
        """Digest of the labelled replies it was tuned on."""
        return self.encoder.tuned_on

    def embed(self, texts: Sequence[str], progress: Progress) -> Floats:
        """Embed in float."""
        return self.encoder.embed(texts, progress)

    def graphs(self) -> Iterator[bytes]:
        """Export and quantize, once for an encoder and a packing."""
        for packing in Packing:
            name = f"{self.digest.removeprefix('sha256:')[:24]}-{packing}-even.onnx"
            path = self.cache / name
            if not path.is_file():
                sample = tokenize(self.tokenizer, SAMPLE)
                graph = export_encoder(self.encoder.body, packing, sample)
                path.parent.mkdir(parents=True, exist_ok=True)
                part = path.with_suffix(".part")
                part.write_bytes(graph)
                part.replace(path)
            yield path.read_bytes()


@dataclass(frozen=True, slots=True)
class Kept:
    """What a bundle remembers of the training that tuned its encoder.

    Attributes:
        heads: calibrated.
        temperatures: by which logits of intent, sentiment and opt-out were divided.
        held_out: predictions of the replies it was tuned on, each by a model that
            had not seen the reply.
    """

    heads: Heads
    temperatures: Sequence[float]
    held_out: HeldOut


@dataclass(frozen=True, slots=True)
class BundleSource:
    """The encoder inside a bundle, embedding as it will embed in service.

    `kept` is None where the encoder was not tuned.
    """

    name: str
    digest: str
    tokenizer: bytes
    tuned_on: str | None
    sentiment: LinearHead | None
    classifier: Classifier
    encoder_graph: bytes
    kept: Kept | None

    def embed(self, texts: Sequence[str], progress: Progress) -> Floats:
        """Embed with the int8 graph."""
        parts = []
        for start in range(0, len(texts), _SLICE):
            part = texts[start : start + _SLICE]
            parts.append(self.classifier.outputs(part).embedding)
            progress(len(part))
        return np.concatenate(parts)

    def graphs(self) -> Iterator[bytes]:
        """Yield the bundle's graph without its heads."""
        yield self.encoder_graph


_SLICE = 512


def bundle_source(folder: Path) -> BundleSource:
    """Use the encoder of the bundle in `folder`.

    Raises:
        BundleError: there is no bundle, or it cannot be read.
        InputError: its encoder was tuned, and nothing is left of how well it reads
            what it was not tuned on.
    """
    bundle = load_bundle(folder, threads=os.cpu_count() or 1)
    graph = (folder / GRAPH).read_bytes()
    encoder = encoder_only(graph)
    provenance = bundle.manifest.provenance
    tuned_on = provenance.get("encoder_tuned_on")
    base = str(provenance.get("encoder")).split(",")[0]
    return BundleSource(
        name=f"{base}, kept from {bundle.bundle_id[:19]}",
        digest=f"sha256:{digest(encoder)}",
        tokenizer=(folder / TOKENIZER).read_bytes(),
        tuned_on=str(tuned_on) if tuned_on else None,
        sentiment=heads_of(graph).sentiment,
        classifier=bundle.classifier,
        encoder_graph=encoder,
        kept=_kept(bundle, graph, folder) if tuned_on else None,
    )


def _kept(bundle: Bundle, graph: bytes, folder: Path) -> Kept:
    temperatures = bundle.manifest.metrics.get("temperatures")
    if HELD_OUT not in bundle.files or not isinstance(temperatures, list):
        problem = (
            f"expected {HELD_OUT} beside an encoder that was tuned: without it nothing "
            "honest can be said of the replies that it has seen. Tune one with --deep, "
            "or begin with --encoder base"
        )
        raise InputError(folder, problem)
    try:
        held_out = unpack(bundle.files[HELD_OUT])
    except ValueError as error:
        raise BundleFormat(folder, f"{HELD_OUT} does not load: {error}") from error
    return Kept(heads_of(graph), temperatures, held_out)
