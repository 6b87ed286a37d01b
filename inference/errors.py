"""Errors of imagery, checkpoints and models. Each message is one line for a person."""

from __future__ import annotations

from analytics.errors import ExplainedError


class InferenceError(ExplainedError):
    """Base of all errors of this package."""


class ConfigurationError(InferenceError, ValueError):
    """A configuration that no training can use. A ValueError, so that pydantic passes it on."""


class ImageryError(InferenceError):
    """Imagery that cannot be used as it is."""


class UnreadableImagery(ImageryError):
    """A file, or a block of it, that cannot be read."""


class UnreachableSource(ImageryError):
    """A catalogue or an asset that does not answer."""


class MissingBand(ImageryError):
    """A needed band that is missing, or bands without names."""


class OffGrid(ImageryError):
    """Imagery whose cells are not those of the 10 m grid of EPSG:3035."""


class UnknownOffset(ImageryError):
    """Imagery whose metadata do not say whether the offset is already subtracted."""


class UndatedImagery(ImageryError):
    """Imagery without a date where seasons need one."""


class NothingObserved(ImageryError):
    """Imagery without any observed cell, for instance all cloud."""


class CheckpointError(InferenceError):
    """A checkpoint that cannot be used as it is."""


class UnreadableCheckpoint(CheckpointError):
    """A folder that is not a checkpoint, or a checkpoint with a missing or wrong part."""


class CorruptWeights(CheckpointError):
    """Weights that differ from those saved, or do not fit the network."""


class WrongClasses(CheckpointError):
    """A checkpoint whose classes do not fit the work."""


class TrainingError(InferenceError):
    """A training that cannot start or continue."""


class OutOfMemory(InferenceError):
    """The device's memory is too small for a single window."""


class PredictionError(InferenceError):
    """A prediction, or a sample beside it, that cannot be used as it is."""


class UnreadablePrediction(PredictionError):
    """A folder without a finished prediction."""


class UnreadableSample(PredictionError):
    """A reference sample that cannot be read or has too few points."""


class UnwritableOutput(InferenceError):
    """A file or folder that cannot be written."""
