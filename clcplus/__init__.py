"""The platform: Django models, actions, tasks, API and pages."""

from clcplus.celery import app as celery_app

__all__ = ["celery_app"]
