"""What can go wrong with imagery, checkpoints and models; one line each, for a person."""

from __future__ import annotations

from analytics.errors import ExplainedError


class InferenceError(ExplainedError):
    """Base of all errors of this package."""


class ConfigurationError(InferenceError, ValueError):
    """A configuration that cannot be trained with; pydantic passes on what is a ValueError."""


class ImageryError(InferenceError):
    """Imagery that cannot be used as it is."""


class UnreadableImagery(ImageryError):
    """A file, or a block of it, that cannot be read."""


class UnreachableSource(ImageryError):
    """A catalogue or an asset that does not answer."""


class MissingBand(ImageryError):
    """A band that is needed and not there, or bands without names."""


class OffGrid(ImageryError):
    """Imagery whose cells are not those of the 10 m grid of EPSG:3035."""


class UnknownOffset(ImageryError):
    """Imagery that does not tell whether its offset is still to be taken off."""


class UndatedImagery(ImageryError):
    """Imagery without a date, where seasons are to be told apart."""


class NothingObserved(ImageryError):
    """Imagery in which no cell was observed, all of it cloud for instance."""


class CheckpointError(InferenceError):
    """A checkpoint that cannot be used as it is."""


class UnreadableCheckpoint(CheckpointError):
    """A folder that is no checkpoint, or one of which a part is missing or wrong."""


class CorruptWeights(CheckpointError):
    """Weights that are not those which were saved, or do not fit the network."""


class WrongClasses(CheckpointError):
    """A checkpoint of other classes than the work needs."""


class TrainingError(InferenceError):
    """A training that cannot begin or go on."""


class OutOfMemory(InferenceError):
    """Not even one window fits into the device's memory."""


class PredictionError(InferenceError):
    """A prediction, or a sample beside it, that cannot be used as it is."""


class UnreadablePrediction(PredictionError):
    """A folder that holds no finished prediction."""


class UnreadableSample(PredictionError):
    """A reference sample that cannot be read, or has too few points."""


class UnwritableOutput(InferenceError):
    """A file or folder that cannot be written."""
