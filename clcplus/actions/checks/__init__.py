"""Checks of editions: asked for, done, decided on. What they look at is in analytics.checks."""
