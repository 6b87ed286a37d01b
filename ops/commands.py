"""The platform's processes: one definition for `make demo` and for the containers.

Each is what follows ``python -m``. The workers take as many tasks at once as there are cores,
which is Celery's default. tests/ops/test_compose.py holds docker-compose.yml to this file.
"""

from __future__ import annotations

from collections.abc import Sequence

QUEUES = "clcplus,reports,zones"  # with UPLOADS those of CELERY_TASK_QUEUES in clcplus/settings.py
UPLOADS_QUEUE = "uploads"
GPU_QUEUE = "inference"
_LOG = ("--loglevel", "INFO")


def web(address: str) -> list[str]:
    """The site and the API, at ``host:port`` or, behind the proxy, ``unix:PATH``.

    Lines and fields of a head are as long as the proxy lets them be (ops/nginx.conf). The umask is
    that of the socket alone, which lies in a closed folder: the proxy may run as another account.
    A connection carries one request: gunicorn closes kept ones after two seconds, or when a worker
    has had its share of requests, and a client that is just asking again would lose its request.
    """
    return [
        *("gunicorn", "clcplus.wsgi:application", "--bind", address),
        *("--worker-class", "gthread", "--workers", "4", "--threads", "2"),
        *("--timeout", "60", "--graceful-timeout", "10", "--keep-alive", "0"),
        *("--max-requests", "5000", "--max-requests-jitter", "500"),
        *("--preload", "--no-control-socket"),
        *("--limit-request-line", "8190", "--limit-request-field_size", "8190"),
        *("--limit-request-fields", "100", "--umask", "0"),
        *("--logger-class", "clcplus.monitoring.web_server_log.WebServerLogger"),
    ]


def worker() -> list[str]:
    """Ingests editions, counts zones, finds change; makes reports."""
    return ["celery", "-A", "clcplus", "worker", "--queues", QUEUES, *_LOG]


def uploads_worker() -> list[str]:
    """Reads files of strangers: in a process of its own that has none of the platform's secrets."""
    queues = ("--queues", UPLOADS_QUEUE, "--concurrency", "2", "--hostname", "uploads@%h")
    return ["celery", "-A", "clcplus", "worker", *queues, *_LOG]


def gpu_worker() -> list[str]:
    """Predicts, one task at a time: the model fills the device."""
    queues = ("--queues", GPU_QUEUE, "--concurrency", "1")
    return ["celery", "-A", "clcplus", "worker", *queues, *_LOG]


def beat() -> list[str]:
    """Starts what is due: one process in the whole system."""
    return ["celery", "-A", "clcplus", "beat", *_LOG]


def migrate() -> list[str]:
    """Brings the database to the code's schema."""
    return ["manage", "migrate", "--no-input", "--verbosity", "0", "--skip-checks"]


def collect_static() -> list[str]:
    """Gathers and compresses the static files."""
    return ["manage", "collectstatic", "--no-input", "--verbosity", "0"]


def ensure_admin(password_file: str) -> list[str]:
    """Makes the demonstration's administrator where there is none."""
    return ["manage", "ensure_admin", "--password-file", password_file]


def load_demonstration() -> list[str]:
    """Makes the demonstration region and has the worker ingest its editions."""
    return ["manage", "load_demonstration"]


def load_real(words: Sequence[str]) -> list[str]:
    """Imports the boundaries of an area and has the worker fetch and ingest the editions over
    it."""
    return ["manage", "load_real", *words]


def load_forward() -> list[str]:
    """Trains a network on the region's imagery and has the GPU worker predict an edition."""
    return ["manage", "load_forward"]
