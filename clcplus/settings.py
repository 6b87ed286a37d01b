"""Settings. What differs between machines comes from :mod:`clcplus.environment`."""

from __future__ import annotations

from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from kombu import Queue

from clcplus import environment
from clcplus.monitoring import log_lines

BASE_DIR = environment.ROOT
# In small letters: no setting of its own, so that no page of errors shows it.
variables = environment.read()

DEBUG = variables.DEBUG
SECRET_KEY = variables.secret_key
ALLOWED_HOSTS = list(variables.ALLOWED_HOSTS)
CSRF_TRUSTED_ORIGINS = list(variables.CSRF_TRUSTED_ORIGINS)

# Platform ----------------------------------------------------------------------------------------
DEMONSTRATION = variables.DEMONSTRATION
RASTER_STORE = variables.RASTER_STORE
CLCPLUS_DATA = variables.CLCPLUS_DATA
CLCPLUS_INBOX = variables.CLCPLUS_INBOX
# Workers of the queue `inference` and web servers see the same three folders.
CLCPLUS_CHECKPOINTS = variables.CLCPLUS_CHECKPOINTS
CLCPLUS_IMAGERY = variables.CLCPLUS_IMAGERY
CLCPLUS_PREDICTIONS = variables.CLCPLUS_PREDICTIONS
CLCPLUS_STAC = variables.CLCPLUS_STAC
CLCPLUS_STAC_COLLECTION = variables.CLCPLUS_STAC_COLLECTION
CLCPLUS_SEASON = variables.CLCPLUS_SEASON
CLCPLUS_COUNTRY = variables.CLCPLUS_COUNTRY
IMAGE_SERVER_URL = variables.IMAGE_SERVER_URL
DOWNLOAD_API_URL = variables.DOWNLOAD_API_URL
CLMS_KEY_FILE = variables.CLMS_KEY_FILE
SOURCE_HOSTS = variables.SOURCE_HOSTS
SOURCE_CONNECTIONS = variables.SOURCE_CONNECTIONS
FETCH_GIGABYTES = variables.FETCH_GIGABYTES
CLCPLUS_WATCH = variables.CLCPLUS_WATCH
WATCH_STILL_SECONDS = variables.WATCH_STILL_SECONDS
REFRESH_ON = variables.refresh_on
REFRESH_AREA = variables.REFRESH_AREA
NOTIFY_MAIL = variables.NOTIFY_MAIL
NOTIFY_WEBHOOK = variables.notify_webhook
NOTIFY_SECRET_FILE = variables.NOTIFY_SECRET_FILE
DOWNLOADS_PER_MINUTE = variables.DOWNLOADS_PER_MINUTE
POSTED_ZONES_PER_MINUTE = variables.POSTED_ZONES_PER_MINUTE
POSTED_ZONES_PER_MINUTE_SIGNED_IN = variables.POSTED_ZONES_PER_MINUTE_SIGNED_IN
POSTED_ZONE_KM2 = variables.POSTED_ZONE_KM2
POSTED_ZONE_BORDER_KM = variables.POSTED_ZONE_BORDER_KM
POSTED_ZONE_VERTICES = variables.POSTED_ZONE_VERTICES
POSTED_ZONE_PARTS = variables.POSTED_ZONE_PARTS
POSTED_ZONE_KILOBYTES = variables.POSTED_ZONE_KILOBYTES
ZONE_SETS_PER_ACCOUNT = variables.ZONE_SETS_PER_ACCOUNT
ZONES_PER_ACCOUNT = variables.ZONES_PER_ACCOUNT
UPLOADS_PER_HOUR = variables.UPLOADS_PER_HOUR
UPLOADS_WITHOUT_SANDBOX = variables.UPLOADS_WITHOUT_SANDBOX
UPLOAD_MEGABYTES = variables.UPLOAD_MEGABYTES
UPLOAD_ZONES = variables.UPLOAD_ZONES
UPLOAD_VERTICES = variables.UPLOAD_VERTICES
UPLOAD_KM2 = variables.UPLOAD_KM2
SITE_URL = variables.SITE_URL
SECURITY_CONTACT = variables.SECURITY_CONTACT
PAGES_KEPT_MB = variables.PAGES_KEPT_MB
METRICS_TOKEN_FILE = variables.METRICS_TOKEN_FILE
METRICS_NETWORK = variables.METRICS_NETWORK

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
    "clcplus.monitoring.observed_requests.observed",
    "clcplus.http.problems.as_problems",
    "django.middleware.security.SecurityMiddleware",
    "clcplus.http.compression.without_excluded",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "clcplus.http.request_text.plain_text",
    "clcplus.admin.base.named_fields",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "clcplus.http.languages.by_address",
    "clcplus.http.slashes.Slashes",
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

# Databases ---------------------------------------------------------------------------------------
DATABASE_URL = variables.DATABASE_URL
# The read side may use a role of its own that cannot write (ops/database.sql makes it).
DATABASE_READ_URL = variables.DATABASE_READ_URL
STATEMENT_SECONDS = variables.STATEMENT_SECONDS
DATABASES = {
    "default": {
        **environment.database(DATABASE_URL),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
MIGRATION_MODULES = {"clcplus": "migrations"}
GDAL_LIBRARY_PATH = environment.bundled_library("rasterio", "libgdal-*.so*")
GEOS_LIBRARY_PATH = environment.bundled_library("shapely", "libgeos_c-*.so*")

# Redis: broker and cache -------------------------------------------------------------------------
REDIS_URL = variables.redis
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
JOBS_LOOK_SECONDS = variables.JOBS_LOOK_SECONDS
# In memory: the usual scheduler keeps a pickle in a file. After a restart an interval begins anew:
# none may be longer than an hour; what is due once a day is a crontab.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_SCHEDULE = {
    # The broker may lose a message, a machine a worker: what is left undone is queued again.
    "take-up-jobs": {"task": "clcplus.tasks.take_up_jobs", "schedule": JOBS_LOOK_SECONDS},
    "look-for-editions": {"task": "clcplus.tasks.look_for_editions", "schedule": 600.0},
    "remove-old-reports": {"task": "clcplus.tasks.remove_old_reports", "schedule": 3600.0},
    "remove-unused-files": {"task": "clcplus.tasks.remove_unused_files", "schedule": 3600.0},
}

# Mail --------------------------------------------------------------------------------------------
_mail = variables.email
EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail["EMAIL_USE_TLS"], _mail["EMAIL_USE_SSL"]
DEFAULT_FROM_EMAIL = _mail["DEFAULT_FROM_EMAIL"]
EMAIL_TIMEOUT = 30

# API ---------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_SCHEMA_CLASS": "clcplus.api.operations.Schema",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "clcplus.http.negotiation.Negotiation",
    "EXCEPTION_HANDLER": "clcplus.http.problems.exception_handler",
    "COERCE_DECIMAL_TO_STRING": False,
    # How many proxies' entries at the end of X-Forwarded-For are to be believed; else it is not.
    "NUM_PROXIES": variables.TRUSTED_PROXIES,
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
        "StatusEnum": "clcplus.api.serializers.STATUSES",
        "LandConsumptionStatusEnum": "analytics.land_consumption.REASONS",
        "BasisEnum": "analytics.figures.BASES",
        "VerdictBasisEnum": "analytics.figures.VERDICT_BASES",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "clcplus.api.schema.complete",
    ],
}

# Bodies of requests ------------------------------------------------------------------------------
FILE_UPLOAD_HANDLERS = ["clcplus.http.bodies.BoundedUploadHandler"]
# Drawn and pasted zones come as fields, not as files.
DATA_UPLOAD_MAX_MEMORY_SIZE = variables.PASTED_MEGABYTES * 1_000_000

# Language, time, static files --------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
# Each by its own name, as a reader looks for it.
LANGUAGES = (("en-gb", "English"), ("fr", "Français"), ("pl", "Polski"))
LOCALE_PATHS = (BASE_DIR / "locale",)
FORMAT_MODULE_PATH = "clcplus.formats"
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATIC_ROOT = variables.STATIC_ROOT
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Security ----------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
HTTPS = variables.HTTPS
SECURE_SSL_REDIRECT = HTTPS
# Who watches the site asks its own processes, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_SSL_HOST = urlsplit(SITE_URL).netloc or None
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
# Pages fetch nothing from other hosts, save the tiles of a basemap and of imagery for interpreters
# where these are configured.
BASEMAP = variables.basemap
SAMPLE_IMAGERY = variables.sample_imagery
_SAMPLE_HOSTS = sorted(
    {host for of in SAMPLE_IMAGERY.values() for host in environment.hosts_of(of)}
)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *_SAMPLE_HOSTS],
        "connect-src": [SELF, *environment.hosts_of(BASEMAP)],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "worker-src": [SELF],
    }
}

# Logging -----------------------------------------------------------------------------------------
LOGGING = log_lines.configuration(format=variables.LOG_FORMAT, level=variables.LOG_LEVEL)
