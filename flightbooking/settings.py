"""Every setting, read from the environment, with the default that `make run` uses."""

import re
from datetime import timedelta
from pathlib import Path

from django.utils.csp import CSP
from environ import Env
from psycopg.conninfo import conninfo_to_dict
from redis import ConnectionPool

from flightbooking import environment, logging
from flightbooking.local import embedded
from flightbooking.mail import mailer

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where it runs ---------------------------------------------------------------------
VAR_DIR = environment.var_dir()
DEBUG = environment.flag("DEBUG", default=False)
SECRET_KEY = environment.text("SECRET_KEY") or embedded.secret_key(VAR_DIR)
ALLOWED_HOSTS = environment.words(
    "ALLOWED_HOSTS",
    "localhost,127.0.0.1,[::1]",
    pattern=r"(?a:\*|\.?[\w-]+(\.[\w-]+)*)|\[[0-9A-Fa-f:.]+\]",
    example="booking.example.org",
)
CSRF_TRUSTED_ORIGINS = environment.words(
    "CSRF_TRUSTED_ORIGINS", pattern=r"https?://[^/?#@\s]+", example="https://booking.example.org"
)

DATABASE_URL = environment.address(
    "DATABASE_URL",
    pattern="postgres(ql)?://[^/?#]*/[^/?#]+([?][^#]*)?",
    example="postgres://user:password@host:5432/name",
    read=conninfo_to_dict,
) or embedded.database_url(VAR_DIR)
REDIS_URL = environment.address(
    "REDIS_URL",
    pattern="(rediss?://[^/?#]+(/[0-9]*)?|unix:///[^?#]+)([?][^#]*)?",
    example="redis://:password@host:6379/0",
    read=lambda url: ConnectionPool.from_url(url).make_connection(),
) or embedded.redis_url(VAR_DIR)

# --- The saga's numbers ----------------------------------------------------------------
A_WEEK = 7 * 86_400
SEAT_HOLD_SECONDS = environment.whole("SEAT_HOLD_SECONDS", 900, least=1, most=A_WEEK)
HOLD_LIMIT_SECONDS = environment.whole("HOLD_LIMIT_SECONDS", 3600, least=1, most=A_WEEK)
MAX_SEATS_PER_BOOKING = environment.whole("MAX_SEATS_PER_BOOKING", 9, least=1, most=99)
PAYMENT_TIMEOUT_SECONDS = environment.number("PAYMENT_TIMEOUT_SECONDS", 10, least=0.01, most=600)
PAYMENT_MAX_ATTEMPTS = environment.whole("PAYMENT_MAX_ATTEMPTS", 3, least=1, most=3)
PAYMENT_RETRY_SECONDS = environment.number("PAYMENT_RETRY_SECONDS", 1, least=0, most=600)
PAYMENT_FAILURE_RATE = environment.number("PAYMENT_FAILURE_RATE", 0.15, least=0, most=1)
# The simulated gateway answers after this long: "1-4" is anything between 1 and 4 seconds.
PAYMENT_LATENCY_SECONDS = environment.span("PAYMENT_LATENCY_SECONDS", "1-4", most=600)
# Looked for at the start, by bookings/apps.py.
PAYMENT_GATEWAY = environment.text("PAYMENT_GATEWAY", "bookings.payments.SimulatedGateway")
SWEEP_SECONDS = environment.number("SWEEP_SECONDS", 5, least=0.1, most=3600)
# After the time-out a live worker still has to write the answer down.
PAYMENT_LEASE_SECONDS = PAYMENT_TIMEOUT_SECONDS + 5

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
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "flightbooking.compression.compressed_html",
    "flightbooking.caching.not_stored",
    "bookings.views.refusals.known_methods",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
PROGRAMS_MIDDLEWARE = [
    # Outermost, so that under /api nothing but JSON ever says what went wrong.
    "bookings.api.errors.json_errors",
    "flightbooking.caching.not_stored",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "flightbooking.programs.content_security_policy",
    "django.middleware.common.CommonMiddleware",
]

# Of a request's body: no form here is longer, and one client may be sending hundreds.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2**18

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

DATABASES = {"default": Env.db_url_config(DATABASE_URL)}
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
STATIC_ROOT = Path(environment.text("STATIC_ROOT", str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "flightbooking.static.StaticFiles"},
}
# The rest is compressed already or, like source maps, hardly ever asked for.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("gif", "ico", "jpg", "map", "png", "webp", "woff2")
# Serve static files as they lie in the source, without collectstatic: development and tests.
if STATIC_FROM_SOURCE := environment.flag("STATIC_FROM_SOURCE", default=DEBUG):
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
AXES_CLIENT_IP_CALLABLE = "flights.client_address.client_address"
# How many proxies of our own are in front, each adding an address to X-Forwarded-For.
TRUSTED_PROXIES = environment.whole("TRUSTED_PROXIES", 0, least=0, most=20)
# How much of a web process one client may take; see flightbooking/crowds.py.
CONNECTIONS_PER_ADDRESS = environment.whole("CONNECTIONS_PER_ADDRESS", 500, least=20, most=10**6)
# Where a login leads that was sent to another site.
LOGIN_REDIRECT_URL = "admin:index"
# Signed out after so long without opening a page; see bookings/admin/site.py.
SESSION_COOKIE_AGE = 8 * 3600

X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = environment.flag("COOKIES_SECURE", default=False)

# --- Mail ---------------------------------------------------------------------------------
# Without EMAIL_URL a message is a file that can be looked at.
EMAIL_URL = environment.address(
    "EMAIL_URL",
    f"filemail:///{VAR_DIR}/mail",
    pattern=f"({'|'.join(map(re.escape, Env.EMAIL_SCHEMES))})://.*",
    example="smtp+tls://user:password@host:587",
    read=mailer,
)
MAILERS = {"default": mailer(EMAIL_URL)}
DEFAULT_FROM_EMAIL = environment.sender("EMAIL_FROM", "Petrel <bookings@localhost>")
# What the links in a message begin with.
SITE_URL = environment.address(
    "SITE_URL",
    f"http://127.0.0.1:{environment.port()}",
    pattern=r"https?://[^/?#@\s]+/?",
    example="https://booking.example.org",
    read=environment.site,
).rstrip("/")

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
    style=environment.choice("LOG_FORMAT", "text", "json"),
    level=environment.choice("LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR", "CRITICAL"),
)
