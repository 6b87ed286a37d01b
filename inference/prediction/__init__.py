"""Prediction: from a checkpoint and a composite to classes and the probability of sealed."""

from inference.prediction.estimates import Estimate, SealedArea, sealed_area
from inference.prediction.files import MISSING_PROBABILITY, STORED_ONE, Prediction

# `predictor` imports torch.
__all__ = [
    "MISSING_PROBABILITY",
    "STORED_ONE",
    "Estimate",
    "Prediction",
    "SealedArea",
    "files",
    "predictor",
    "sealed_area",
]
