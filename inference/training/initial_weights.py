"""Initial weights of an encoder, from a folder or from the hub by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import SegformerModel
from transformers.utils import logging as library_logging

from inference.errors import CheckpointError, CorruptWeights
from inference.networks import segformer

_FIRST = "patch_embeddings.proj.weight"


def load_encoder(network: segformer.SegFormer, source: str, *, bands: tuple[str, ...]) -> None:
    """Load the weights of ``source`` into the encoder, with the first layer adapted to ``bands``.

    The decoder keeps its weights. Raises CheckpointError if the source has no weights, and
    CorruptWeights if they belong to another encoder.
    """
    found = _read(source)
    encoder = network.net.get_submodule("segformer")
    wanted = encoder.state_dict()
    first = next((key for key in found if key.endswith(_FIRST) and found[key].shape[1] == 3), None)
    if first is not None and first in wanted and found[first].shape != wanted[first].shape:
        found[first] = segformer.adapt_first_layer(found[first], bands=bands)
    differing = sorted(
        key for key in wanted if key not in found or found[key].shape != wanted[key].shape
    )
    if differing or len(found) != len(wanted):
        raise CorruptWeights(
            source,
            found=f"{len(differing)} of {len(wanted)} arrays missing or of another size",
            expected="the encoder of the architecture that is trained",
            hint="nvidia/mit-b2 goes with segformer-b2, and so on",
        )
    encoder.load_state_dict(found)


def _read(source: str) -> dict[str, Tensor]:
    verbosity = library_logging.get_verbosity()
    # Otherwise the library lists the unused layers of the classifier.
    library_logging.set_verbosity_error()
    try:
        # With the report the result is a pair; the library's types do not say so.
        loaded: Any = SegformerModel.from_pretrained(
            source, local_files_only=Path(source).is_dir(), output_loading_info=True
        )
        model, report = loaded
    except (OSError, ValueError, RuntimeError) as error:
        raise CheckpointError(
            source,
            found=(str(error).splitlines() or [""])[0][:120],
            expected="a folder with weights of MiT, or a name that the hub has",
            hint="Without a way to the hub, copy the folder here and give its path",
        ) from None
    finally:
        library_logging.set_verbosity(verbosity)
    if report["missing_keys"]:
        raise CorruptWeights(
            source,
            found=f"no {sorted(report['missing_keys'])[0]}",
            expected="all weights of an encoder",
        )
    return {key: value.to(torch.float32) for key, value in model.state_dict().items()}
