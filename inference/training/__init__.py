"""Training: from a configuration to a checkpoint."""

from inference.training.configuration import (
    Areas,
    Augmentation,
    Configuration,
    LabelGroup,
    Optimisation,
    Pair,
)

# `trainer` imports torch.
__all__ = [
    "Areas",
    "Augmentation",
    "Configuration",
    "LabelGroup",
    "Optimisation",
    "Pair",
    "configuration",
    "trainer",
]
