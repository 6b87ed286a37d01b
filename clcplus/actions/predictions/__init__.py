"""Predict editions: checkpoints, imagery, the work on the queue ``inference``, and what it says."""
