"""Traces for OpenTelemetry, where ``OTEL_EXPORTER_OTLP_ENDPOINT`` names a collector.

The SDK reads that variable and its others by itself. Elsewhere nothing of it is imported: its
packages are in requirements/tracing.txt.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from celery import signals
from django.core.exceptions import ImproperlyConfigured

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_SDK, _EXPORTER = "opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http.trace_exporter"
_DJANGO = "opentelemetry.instrumentation.django"
_CELERY = "opentelemetry.instrumentation.celery"
_MODULES = (_SDK, _EXPORTER, _DJANGO, _CELERY)


def wanted() -> bool:
    """Whether there is a collector."""
    return bool(os.environ.get(ENDPOINT, "").strip())


def begin_web() -> None:
    """Trace requests and the messages that they send; before the middleware is loaded."""
    if wanted():
        _export("clcplus-web")
        _module(_DJANGO).DjangoInstrumentor().instrument()
        _module(_CELERY).CeleryInstrumentor().instrument()


def connect_workers() -> None:
    """Trace tasks, in each process of a worker once it is forked."""
    if wanted():
        for name in _MODULES:  # at the start, where an error still ends the process
            _module(name)
        signals.worker_process_init.connect(_begin_worker, weak=False)


def _begin_worker(**_: Any) -> None:
    _export("clcplus-worker")
    _module(_CELERY).CeleryInstrumentor().instrument()


def _export(service: str) -> None:
    """Send spans in batches. A fork starts its own sender (the SDK's)."""
    os.environ.setdefault("OTEL_SERVICE_NAME", service)
    provider = _module(_SDK).TracerProvider()
    exporter = _module(_EXPORTER).OTLPSpanExporter()
    batches = _module(f"{_SDK}.export").BatchSpanProcessor(exporter)
    provider.add_span_processor(batches)
    _module("opentelemetry.trace").set_tracer_provider(provider)


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise ImproperlyConfigured(
            f"{ENDPOINT}: found no package for {name} ({error}); expected those of "
            "requirements/tracing.txt"
        ) from None
