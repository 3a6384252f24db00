"""Every setting, read from the environment, with the default that `make run` uses."""

from datetime import timedelta
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from flightbooking import logging
from flightbooking.local import embedded
from flightbooking.mail import mailer

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()

# --- Where it runs ---------------------------------------------------------------------
VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="") or embedded.secret_key(VAR_DIR)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

DATABASE_URL = env("DATABASE_URL", default="") or embedded.database_url(VAR_DIR)
REDIS_URL = env("REDIS_URL", default="") or embedded.redis_url(VAR_DIR)

# --- The saga's numbers ----------------------------------------------------------------
SEAT_HOLD_SECONDS: int = env.int("SEAT_HOLD_SECONDS", default=900)
HOLD_LIMIT_SECONDS: int = env.int("HOLD_LIMIT_SECONDS", default=3600)
MAX_SEATS_PER_BOOKING: int = env.int("MAX_SEATS_PER_BOOKING", default=9)
PAYMENT_TIMEOUT_SECONDS: float = env.float("PAYMENT_TIMEOUT_SECONDS", default=10.0)
PAYMENT_MAX_ATTEMPTS: int = env.int("PAYMENT_MAX_ATTEMPTS", default=3)
PAYMENT_RETRY_SECONDS: float = env.float("PAYMENT_RETRY_SECONDS", default=1.0)
PAYMENT_FAILURE_RATE: float = env.float("PAYMENT_FAILURE_RATE", default=0.15)
# The simulated gateway answers after this long: "1-4" is anything between 1 and 4 seconds.
PAYMENT_LATENCY_SECONDS = tuple(
    float(bound) for bound in env("PAYMENT_LATENCY_SECONDS", default="1-4").split("-")
)
PAYMENT_GATEWAY = env("PAYMENT_GATEWAY", default="bookings.payments.SimulatedGateway")
SWEEP_SECONDS: float = env.float("SWEEP_SECONDS", default=5.0)
# After the time-out a live worker still has to write the answer down.
PAYMENT_LEASE_SECONDS = PAYMENT_TIMEOUT_SECONDS + 5

if not 1 <= PAYMENT_MAX_ATTEMPTS <= 3:
    raise ImproperlyConfigured("PAYMENT_MAX_ATTEMPTS must be 1, 2 or 3.")
if len(PAYMENT_LATENCY_SECONDS) != 2:
    raise ImproperlyConfigured("PAYMENT_LATENCY_SECONDS must be two numbers, such as 1-4.")
if not 0 <= PAYMENT_FAILURE_RATE <= 1:
    raise ImproperlyConfigured("PAYMENT_FAILURE_RATE must be between 0 and 1.")

# --- Django ------------------------------------------------------------------------------
INSTALLED_APPS = [
    "bookings.apps.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    # Slows down whoever guesses operators' passwords.
    "axes",
    # For the API's documentation page, so that its script and styles are our own files.
    "ninja",
    "flights",
    "bookings",
    "flightbooking",
]

MIDDLEWARE = [
    # The API, /health and /metrics leave here, for the list below.
    "flightbooking.programs.apart",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "flightbooking.compression.compressed_html",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
PROGRAMS_MIDDLEWARE = [
    # Outermost, so that under /api nothing but JSON ever says what went wrong.
    "bookings.api.errors.json_errors",
    "django.middleware.security.SecurityMiddleware",
    "flightbooking.programs.content_security_policy",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "flightbooking.urls"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bookings.views.held_seats.in_templates",
            ]
        },
    }
]

DATABASES = {"default": environ.Env.db_url_config(DATABASE_URL)}
DATABASES["default"].update(
    ENGINE="flightbooking.postgres",
    CONN_MAX_AGE=None,
    CONN_HEALTH_CHECKS=True,
    ATOMIC_REQUESTS=False,
)
DATABASES["default"].setdefault("OPTIONS", {}).update(
    # A forgotten lock or a runaway query must never hold up a booking for long.
    options=(
        "-c lock_timeout=5s -c statement_timeout=30s -c idle_in_transaction_session_timeout=30s"
    ),
    # Statements that come again are prepared: planning them costs Postgres more than running them.
    server_side_binding=True,
    prepare_threshold=2,
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# A Redis that hangs costs a request this long once, then it is bypassed for a while.
REDIS_TIMEOUT_SECONDS = 0.5
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {
            "SOCKET_CONNECT_TIMEOUT": REDIS_TIMEOUT_SECONDS,
            "SOCKET_TIMEOUT": REDIS_TIMEOUT_SECONDS,
        },
    }
}

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "flightbooking.static.StaticFiles"},
}
# The rest is compressed already or, like source maps, hardly ever asked for.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("gif", "ico", "jpg", "map", "png", "webp", "woff2")
# Serve static files as they lie in the source, without collectstatic: development and tests.
if STATIC_FROM_SOURCE := env.bool("STATIC_FROM_SOURCE", default=DEBUG):
    STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    WHITENOISE_USE_FINDERS = True

SECURE_CSP: dict[str, list[str]] = {
    "default-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
# Nothing but what its own pages need.
ADMIN_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
# --- Operators' logins --------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# After so many wrong passwords for one name from one address, that name waits at that address.
# Not the name alone, or anybody could lock an operator out; not the address, or one operator
# would lock out the whole office.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
# No line at the start of every command.
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "admin/locked_out.html"
AXES_CLIENT_IP_CALLABLE = "bookings.admin.login.client_address"
# How many proxies of our own are in front, each adding an address to X-Forwarded-For.
TRUSTED_PROXIES: int = env.int("TRUSTED_PROXIES", default=0)
# Signed out after so long without opening a page; see bookings/admin/site.py.
SESSION_COOKIE_AGE = 8 * 3600

X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("COOKIES_SECURE", default=False)

# --- Mail ---------------------------------------------------------------------------------
# Without EMAIL_URL a message is a file that can be looked at.
MAILERS = {"default": mailer(env("EMAIL_URL", default="") or f"filemail:///{VAR_DIR}/mail")}
DEFAULT_FROM_EMAIL = env("EMAIL_FROM", default="Petrel <bookings@localhost>")
# What the links in a message begin with.
SITE_URL = env("SITE_URL", default=f"http://127.0.0.1:{env('PORT', default='8000')}").rstrip("/")

# --- Celery --------------------------------------------------------------------------------
# Read by `flightbooking.celery`; the reasons are in docs/architecture.md.
CELERY_BROKER_URL = embedded.celery_broker_url(REDIS_URL)
# Celery would open a database connection for every task; `flightbooking.celery` treats them as
# Django does around a request.
CELERY_DB_REUSE_MAX = 10**9
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# However long Redis is away, a worker waits for it.
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# At least as many as a web process has threads: publishing waits without limit for a free one.
CELERY_BROKER_POOL_LIMIT = 16
CELERY_TASK_DEFAULT_QUEUE = "work"
CELERY_TASK_ROUTES = {"bookings.expire_due": {"queue": "timers"}}
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "bookings.sweep",
        "schedule": SWEEP_SECONDS,
        # A backlog of sweeps after an outage evaporates: one is as good as a hundred.
        "options": {"expires": SWEEP_SECONDS},
    }
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than any countdown, or Redis would hand the same timer out again and again.
    "visibility_timeout": HOLD_LIMIT_SECONDS + 600,
    # What a worker held when Redis was cut off is handed out again soon after that.
    "unacked_restore_interval": 2,
    "socket_connect_timeout": 1,
    "socket_timeout": 2,
    # Or a publisher would try to connect for six seconds, whatever `retry` says.
    "max_retries": 0,
}
# Workers write the same log lines as everybody else.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

LOGGING_CONFIG = "flightbooking.logging.configure"
LOGGING = logging.logging_config(
    style=env.str("LOG_FORMAT", default="text"), level=env.str("LOG_LEVEL", default="INFO").upper()
)
