"""What is so everywhere; data comes from the environment, decisions stand here."""

from datetime import timedelta
from pathlib import Path

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from config import logs
from config.settings import environment

BASE_DIR = Path(__file__).resolve().parents[2]
KAPELL_HOME = environment.path("KAPELL_HOME", BASE_DIR / "var")

# ---------------------------------------------------------------------------- the frame

DEBUG = False
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "kernel.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pgtrigger",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "csp",
    "config.console",
    "config.people",
    "config.kernel",
    "config.operations",
    "customers",
    "inventory",
    "orders",
    "fulfillment",
]

MIDDLEWARE = [
    "config.logs.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.beside_api.StaticFiles",
    "config.content_security.Middleware",
    "config.beside_api.Sessions",
    "config.beside_api.Language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.beside_api.SignIn",
    "config.beside_api.Messages",
    "config.console.middleware.Middleware",
    "config.people.presence.Middleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.audit.Middleware",
]

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
            ],
        },
    },
]

# ---------------------------------------------------------------------------- language and time

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# ---------------------------------------------------------------------------- the stores

DATABASES = {"default": environment.database(default="postgresql:///kapell")}
REDIS_URL = environment.text("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "config.cache.FailOpenRedisCache",
        # Apart from the queue: emptying the cache must never empty the queue.
        "LOCATION": environment.text("KAPELL_CACHE_URL", environment.next_database(REDIS_URL)),
        "KEY_PREFIX": "kapell",
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
    },
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = KAPELL_HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = KAPELL_HOME / "media"
# What no address of the web leads to: files that jobs are given and make.
PRIVATE_ROOT = KAPELL_HOME / "private"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "config.kernel.uploads.quota.Quota",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# ---------------------------------------------------------------------------- people and security

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
SESSION_ENGINE = "config.people.session_store"
# A session ends after this, whatever happens, and earlier when nobody has used it for a while.
SESSION_COOKIE_AGE = environment.number("KAPELL_SESSION_HOURS", 12) * 60 * 60
SESSION_IDLE = timedelta(minutes=environment.number("KAPELL_SESSION_IDLE_MINUTES", 120))
CONFIRM_URL = "people:confirm"
# How many proxies of ours stand in front and add to X-Forwarded-For; none: it is not believed.
TRUSTED_PROXIES = environment.number("KAPELL_TRUSTED_PROXIES", 0)
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "config.refusals.stale_form"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    },
}
# The console's theme evaluates expressions in attributes and styles elements inline.
CONTENT_SECURITY_POLICY_CONSOLE = {
    **CONTENT_SECURITY_POLICY["DIRECTIVES"],
    "script-src": ["'self'", "'unsafe-eval'"],
    "style-src": ["'self'", "'unsafe-inline'"],
}

# ---------------------------------------------------------------------------- API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["config.kernel.api.authentication.ChannelKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "config.kernel.api.schema.DoorSchema",
    "EXCEPTION_HANDLER": "config.kernel.api.problems.handler",
    "UNAUTHENTICATED_USER": None,
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
# What a key may make where its channel says nothing else; 0: no limit.
API_REQUESTS_PER_MINUTE = environment.number("KAPELL_API_REQUESTS_PER_MINUTE", 6000)
SPECTACULAR_SETTINGS = {
    "TITLE": "Kapell",
    "DESCRIPTION": "Orders, stock and events for sales channels.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}

# ---------------------------------------------------------------------------- the network

# Places the system may call although they are inside or not HTTPS on port 443: host:port.
OUTBOUND_ALLOWED = frozenset(environment.words("KAPELL_OUTBOUND_ALLOWED"))
CA_FILE = environment.text("KAPELL_CA_FILE", "")
# Seconds a receiver has for a webhook; a sender that died is replaced after four times as long.
WEBHOOK_PATIENCE = environment.number("KAPELL_WEBHOOK_PATIENCE", 15)

# ---------------------------------------------------------------------------- Celery

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_TASK_DEFAULT_QUEUE = "kapell"
# A worker that is not told its queues takes both; webhooks wait for strangers, nothing else does.
CELERY_TASK_QUEUES: dict[str, dict[str, str]] = {"kapell": {}, "webhooks": {}}
CELERY_TASK_ROUTES = {"config.kernel.tasks.send_webhooks": {"queue": "webhooks"}}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_MAX_TASKS_PER_CHILD = 5000
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A lost worker's tasks come back after the visibility timeout, which must exceed the longest task.
CELERY_VISIBILITY_TIMEOUT = 600
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": CELERY_VISIBILITY_TIMEOUT,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 30,
    "socket_connect_timeout": 1,
    "socket_keepalive": True,
    "health_check_interval": 25,
    "global_keyprefix": environment.text("KAPELL_QUEUE_PREFIX", "kapell:"),
}
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"visibility_timeout": CELERY_VISIBILITY_TIMEOUT}
# Jobs of staff that run at once: fewer than worker processes, so that events never wait for one.
JOBS_AT_ONCE = environment.number("KAPELL_JOBS_AT_ONCE", 1)
# Celery closes the connection around each task unless told how often to reuse it.
CELERY_DB_REUSE_MAX = 500
CELERY_BEAT_SCHEDULER = "config.operations.hearts:Scheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(KAPELL_HOME / "beat")

# ---------------------------------------------------------------------------- mail and logging

# Without a server mails are kept as files, and the console says so.
EMAIL_HOST = environment.text("KAPELL_SMTP_HOST", "")
EMAIL_PORT = environment.number("KAPELL_SMTP_PORT", 587)
EMAIL_HOST_USER = environment.text("KAPELL_SMTP_USER", "")
EMAIL_HOST_PASSWORD = environment.text("KAPELL_SMTP_PASSWORD", "")
EMAIL_USE_TLS = environment.flag("KAPELL_SMTP_TLS", default=True)
EMAIL_BACKEND = environment.mail_backend(EMAIL_HOST)
DEFAULT_FROM_EMAIL = environment.text("KAPELL_FROM_EMAIL", "kapell@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_FILE_PATH = KAPELL_HOME / "mail"
EMAIL_TIMEOUT = 10

LOGGING = logs.configuration(
    level=environment.text("KAPELL_LOG_LEVEL", "INFO"),
    as_json=environment.flag("KAPELL_LOG_JSON"),
)
LOGGING_CONFIG = "config.logs.configure"

# ---------------------------------------------------------------------------- operations

BACKUPS_FOLDER = environment.path("KAPELL_BACKUPS", KAPELL_HOME / "backups")
BACKUPS_KEPT = environment.number("KAPELL_BACKUPS_KEPT", 14)
BACKED_UP_SETTINGS = ["SECRET_KEY", "SECRET_KEY_FALLBACKS"]
CERTIFICATE_ADDRESS = environment.text("KAPELL_CERTIFICATE", "")

# ---------------------------------------------------------------------------- console

UNFOLD = {
    "SITE_TITLE": "Kapell",
    "SITE_HEADER": "Kapell",
    "SITE_URL": None,
    "SITE_ICON": "config.console.look.icon",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "config.console.look.icon"}],
    "STYLES": ["config.console.look.styles"],
    "SCRIPTS": ["config.console.look.scripts"],
    "COLORS": {"primary": "config.console.look.primary"},
    "BORDER_RADIUS": "6px",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "ACCOUNT": {
        "navigation": [
            {"title": _("Your account"), "link": reverse_lazy("people:profile")},
        ]
    },
    "DASHBOARD_CALLBACK": "config.console.dashboard.dashboard",
    "COMMAND": {"search_models": False, "search_callback": "config.console.palette.search"},
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "show_all_applications": False,
        "navigation": "config.console.sidebar.navigation",
    },
}
