"""Predicted editions: checkpoints, imagery, requests, and the work on the queue ``inference``."""
