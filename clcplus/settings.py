"""Settings. What differs between machines comes from the environment (docs/operations.md)."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from kombu import Queue

from clcplus import environment
from clcplus.geospatial_libraries import gdal_library, geos_library

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = environment.flag("DEBUG", default=False)
SECRET_KEY = environment.secret_key(debug=DEBUG)
ALLOWED_HOSTS = environment.names("ALLOWED_HOSTS", default="127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = environment.names("CSRF_TRUSTED_ORIGINS", default="")

# Platform ----------------------------------------------------------------------------------------
DEMONSTRATION = environment.flag("DEMONSTRATION", default=False)
RASTER_STORE = os.environ.get("RASTER_STORE", str(BASE_DIR / ".local" / "rasters"))
CLCPLUS_DATA = Path(os.environ.get("CLCPLUS_DATA", BASE_DIR / ".local" / "demonstration"))
# Folder from which an administrator may ingest rasters through the admin.
CLCPLUS_INBOX = Path(os.environ.get("CLCPLUS_INBOX", BASE_DIR / ".local" / "inbox"))
# Trained networks, composites of imagery (composite-YEAR*.tif) with reference samples
# (sample-YEAR.csv) beside them, and predictions that become modelled editions; workers of the queue
# `inference` and web servers see the same folders.
CLCPLUS_CHECKPOINTS = Path(
    os.environ.get("CLCPLUS_CHECKPOINTS", BASE_DIR / ".local" / "checkpoints")
)
CLCPLUS_IMAGERY = Path(os.environ.get("CLCPLUS_IMAGERY", BASE_DIR / ".local" / "imagery"))
CLCPLUS_PREDICTIONS = Path(
    os.environ.get("CLCPLUS_PREDICTIONS", BASE_DIR / ".local" / "predictions")
)
# Address of a STAC API from which composites that are not there are composed; empty for none.
CLCPLUS_STAC = os.environ.get("CLCPLUS_STAC", "")
CLCPLUS_STAC_COLLECTION = os.environ.get("CLCPLUS_STAC_COLLECTION", "sentinel-2-l2a")
# First and last day of the season that is composed, in each year.
CLCPLUS_SEASON = os.environ.get("CLCPLUS_SEASON", "06-01/08-31")
# What a client without an account may have made in a minute of what is costly; 0 for no limit.
DOWNLOADS_PER_MINUTE = environment.whole("DOWNLOADS_PER_MINUTE", default=60)
# Areas that are counted without being stored: how many in a minute a client, and an account, may
# post (0 for no limit), and how large they may be.
POSTED_ZONES_PER_MINUTE = environment.whole("POSTED_ZONES_PER_MINUTE", default=20)
POSTED_ZONES_PER_MINUTE_SIGNED_IN = environment.whole(
    "POSTED_ZONES_PER_MINUTE_SIGNED_IN", default=120
)
POSTED_ZONE_KM2 = environment.whole("POSTED_ZONE_KM2", default=100_000)
# What counting takes: 5 000 km in three editions, one and a half seconds.
POSTED_ZONE_BORDER_KM = environment.whole("POSTED_ZONE_BORDER_KM", default=5_000)
POSTED_ZONE_VERTICES = environment.whole("POSTED_ZONE_VERTICES", default=50_000)
POSTED_ZONE_PARTS = environment.whole("POSTED_ZONE_PARTS", default=2_000)
POSTED_ZONE_KILOBYTES = environment.whole("POSTED_ZONE_KILOBYTES", default=4_000)
# Custom zones: what one account may keep, and how much it may upload.
ZONE_SETS_PER_ACCOUNT = environment.whole("ZONE_SETS_PER_ACCOUNT", default=100)
ZONES_PER_ACCOUNT = environment.whole("ZONES_PER_ACCOUNT", default=100_000)
UPLOADS_PER_HOUR = environment.whole("UPLOADS_PER_HOUR", default=60)
# For an operator whose kernel has no Landlock, and who trusts all that may upload: their files are
# read with what confinement there is. Else such a machine refuses them (docs/security.md).
UPLOADS_WITHOUT_SANDBOX = environment.flag("UPLOADS_WITHOUT_SANDBOX", default=False)
UPLOAD_MEGABYTES = environment.whole("UPLOAD_MEGABYTES", default=100)
UPLOAD_ZONES = environment.whole("UPLOAD_ZONES", default=10_000)
UPLOAD_VERTICES = environment.whole("UPLOAD_VERTICES", default=1_000_000)
UPLOAD_KM2 = environment.whole("UPLOAD_KM2", default=100_000)
# Where the site is, for every absolute address; empty takes the host that was asked.
SITE_URL = environment.site_url()
# Whom to tell of a weakness, in /.well-known/security.txt; else security@ the host of the site.
SECURITY_CONTACT = environment.contact("SECURITY_CONTACT")

# Applications ------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "clcplus",
]
MIDDLEWARE = [
    "clcplus.http.refusals.as_problems",
    "django.middleware.security.SecurityMiddleware",
    "clcplus.encodings.without_excluded",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "clcplus.request_text.plain_text",
    "clcplus.admin_access.named_fields",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "clcplus.languages.by_address",
    "clcplus.slashes.Slashes",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "clcplus.login.PageOfRefusal",
]
AUTHENTICATION_BACKENDS = ["clcplus.login.CountedBackend"]
ROOT_URLCONF = "clcplus.urls"
WSGI_APPLICATION = "clcplus.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clcplus.views.context.site",
            ],
            # Each page has the links to its languages, and most name a level.
            "builtins": ["clcplus.templatetags.languages"],
        },
    },
]

# Compressed pages that a web process keeps in memory; 0 keeps none.
PAGES_KEPT_MB = environment.whole("PAGES_KEPT_MB", default=32)

# Databases ---------------------------------------------------------------------------------------
DATABASE_URL = os.environ.get("DATABASE_URL", "postgresql://clcplus@127.0.0.1/clcplus")
# The read side may use a role of its own that cannot write (ops/database.sql makes it).
DATABASE_READ_URL = os.environ.get("DATABASE_READ_URL", "")
DATABASES = {
    "default": {
        **environment.database(DATABASE_URL),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MIGRATION_MODULES = {"clcplus": "migrations"}
GDAL_LIBRARY_PATH = gdal_library()
GEOS_LIBRARY_PATH = geos_library()

# Redis: broker and cache -------------------------------------------------------------------------
REDIS_URL = environment.redis()
CACHES = {
    "default": {
        "BACKEND": "clcplus.cache.Cache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "clcplus",
        "VERSION": 2,  # 1 was written as pickles
        # Keys carry the identity of the data, so that nothing in here grows stale.
        "TIMEOUT": 7 * 24 * 3600,
    }
}
CELERY_BROKER_URL = environment.celery_broker(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_TASK_DEFAULT_QUEUE = "clcplus"
# Readers wait for reports: those have a queue of their own, which each worker serves in turn with
# the other, so that a report waits for a tile that is being counted and never for a whole ingest.
# The same holds for who has uploaded zones. The model's queue, `inference`, is not among them: only
# a worker that has the model is told to serve it, and no other takes its work away. Each kind of
# job names its queue (clcplus/job_kinds).
CELERY_TASK_QUEUES = (Queue("clcplus"), Queue("reports"), Queue("uploads"), Queue("zones"))
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_RESULT_SERIALIZER = "json"
CELERY_RESULT_ACCEPT_CONTENT = ["json"]
CELERY_EVENT_SERIALIZER = "json"
JOBS_LOOK_SECONDS = environment.whole("JOBS_LOOK_SECONDS", default=30)
# In memory: the usual scheduler keeps a pickle in a file. After a restart an interval begins anew:
# none may be longer than an hour; what is due once a day is a crontab.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_SCHEDULE = {
    # The broker may lose a message, a machine a worker: what is left undone is queued again.
    "take-up-jobs": {"task": "clcplus.tasks.take_up_jobs", "schedule": JOBS_LOOK_SECONDS},
    "remove-old-reports": {"task": "clcplus.tasks.remove_old_reports", "schedule": 3600.0},
}

# API ---------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "clcplus.http.problems.exception_handler",
    "COERCE_DECIMAL_TO_STRING": False,
    # How many proxies' entries at the end of X-Forwarded-For are to be believed; else it is not.
    "NUM_PROXIES": environment.whole("TRUSTED_PROXIES", default=0),
}
# Stands in the schema wherever it names this site; each answer has the site's own address there.
SITE_OF_EXAMPLES = "https://sealing.example"
SPECTACULAR_SETTINGS = {
    "TITLE": "Soil-sealing statistics",
    "DESCRIPTION": (
        "Sealed area of territories, and its change, counted cell by cell from CLC+ Backbone. "
        "Areas are in EPSG:3035; a cell is 100 m². Numbers are never localised."
    ),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVERS": [{"url": SITE_OF_EXAMPLES}],
    "COMPONENT_SPLIT_PATCH": False,
    "ENUM_NAME_OVERRIDES": {
        "StatusEnum": "clcplus.api.shapes.STATUSES",
        "LandConsumptionStatusEnum": "analytics.land_consumption.REASONS",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "clcplus.api.schema.complete",
    ],
}

# Bodies of requests ------------------------------------------------------------------------------
FILE_UPLOAD_HANDLERS = ["clcplus.upload_handlers.BoundedUploadHandler"]
# Drawn and pasted zones come as fields, not as files.
DATA_UPLOAD_MAX_MEMORY_SIZE = environment.whole("PASTED_MEGABYTES", default=10) * 1_000_000

# Language, time, static files --------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
# Each by its own name, as a reader looks for it.
LANGUAGES = (("en-gb", "English"), ("fr", "Français"), ("pl", "Polski"))
LOCALE_PATHS = (BASE_DIR / "locale",)
FORMAT_MODULE_PATH = "clcplus.formats"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", BASE_DIR / ".local" / "static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Security ----------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
HTTPS = environment.flag("HTTPS", default=False)
SECURE_SSL_REDIRECT = HTTPS
SECURE_SSL_HOST = urlsplit(SITE_URL).netloc or None
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
# Pages fetch nothing from other hosts, save the tiles of a basemap where one is configured.
BASEMAP = environment.basemap()
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF, *environment.hosts_of(BASEMAP)],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "worker-src": [SELF],
    }
}

# Logging -----------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {
        "pyogrio": {"level": "WARNING"},
        "rasterio": {"level": "WARNING"},
        "numba": {"level": "WARNING"},
        "botocore": {"level": "WARNING"},
    },
}
