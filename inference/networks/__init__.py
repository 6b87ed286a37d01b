"""Networks by name, and the devices that they run on."""

from inference.networks.architectures import (
    DEFAULT,
    NAMES,
    SMALL,
    TEMPCNN,
    Architecture,
    build,
)

# Modules among these import torch.
__all__ = [
    "DEFAULT",
    "NAMES",
    "SMALL",
    "TEMPCNN",
    "Architecture",
    "build",
    "devices",
    "segformer",
]
