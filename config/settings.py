"""All settings, every value from the environment. Grouped: where we run, database, apps, HTTP, REST, jobs, logs.

`POLKU_ENV` is `local` (the default, what `make run` uses), `test` or `production`. Production refuses defaults that
are only good enough for one machine.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONCE
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from config.accounts import *  # noqa: F403 - settings of django-allauth, none from the environment

BASE_DIR = Path(__file__).resolve().parent.parent


def _env(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def _list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in _env(name, default).split(",") if part.strip()]


def _flag(name: str, default: bool) -> bool:
    return _env(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


# --- Where we run ----------------------------------------------------------------------------

ENVIRONMENT = _env("POLKU_ENV", "local")
if ENVIRONMENT not in {"local", "test", "production"}:
    raise ImproperlyConfigured(f"POLKU_ENV is {ENVIRONMENT!r}; it must be local, test or production")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = False  # error pages with traces are for nobody; the log has them

_LOCAL_KEY = "only-for-this-machine-never-for-production-0000000000000000"
SECRET_KEY = _env("SECRET_KEY", _LOCAL_KEY)
if PRODUCTION and (SECRET_KEY == _LOCAL_KEY or len(SECRET_KEY) < 50):
    raise ImproperlyConfigured("SECRET_KEY must be set, to at least 50 random characters")

ALLOWED_HOSTS = _list(
    "ALLOWED_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,[::1],testserver,.localhost"
)

# --- Database: an owner that migrates, an application role that runs (docs/adr) ------------------------------------

DATABASE_URL = _env("DATABASE_URL", "postgresql://polku_owner@localhost/polku")
DATABASE_APP_ROLE = _env("DATABASE_APP_ROLE", "polku_app")
DATABASE_APP_PASSWORD = _env("DATABASE_APP_PASSWORD")  # given to `migrate` where the role logs in by itself

# Streams keep few connections for many readers, so ASGI uses a pool; CONN_MAX_AGE leaks connections there.
SERVES_STREAMS = _flag("POLKU_STREAMS", False)
STATEMENT_TIMEOUT_MS = int(_env("STATEMENT_TIMEOUT_MS", "5000"))  # the worker and commands set 60000
LOCK_TIMEOUT_MS = 3000
# Off behind a pooler that gives each transaction another connection and does not know prepared statements.
PREPARES_STATEMENTS = _flag("PREPARES_STATEMENTS", True)


def _database(url: str) -> dict[str, Any]:
    parts = conninfo_to_dict(url)
    options: dict[str, Any] = {
        "assume_role": DATABASE_APP_ROLE,
        "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={LOCK_TIMEOUT_MS}"
        # What is prepared is written so that one plan is right for all values; else it is planned each time.
        " -c plan_cache_mode=force_generic_plan",
        # Prepared is only what asks for it, and not by psycopg (config.kernel.prepared).
        "prepare_threshold": None,
    }
    if SERVES_STREAMS:
        options["pool"] = {"min_size": 1, "max_size": 8}
        # With a pool, Django 5.2 asks the pool for a connection to compose `SET ROLE` for the pool's first one, and
        # waits for ever; so the role is taken while connecting.
        options["options"] += f" -c role={options.pop('assume_role')}"
    known = {"dbname", "user", "password", "host", "port"}
    return {
        "ENGINE": "config.kernel.postgresql",
        "NAME": parts.get("dbname") or "polku",
        "USER": parts.get("user") or "",
        "PASSWORD": parts.get("password") or "",
        "HOST": parts.get("host") or "",
        "PORT": str(parts.get("port") or ""),
        "CONN_MAX_AGE": 0 if SERVES_STREAMS else 600,
        "CONN_HEALTH_CHECKS": not SERVES_STREAMS,
        "OPTIONS": {name: value for name, value in parts.items() if name not in known} | options,
    }


DATABASES = {"default": _database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Apps ----------------------------------------------------------------------------

INSTALLED_APPS = [
    "config.kernel",
    "pim",
    "customers",
    "orders",
    "shop",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "corsheaders",
    "csp",
    "template_partials.apps.SimpleAppConfig",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "customers.integrations.allauth_apps.Accounts",
    "allauth.headless",
    "procrastinate.contrib.django",
]
AUTH_USER_MODEL = "kernel.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

# --- HTTP ----------------------------------------------------------------------------

MIDDLEWARE = [
    "config.kernel.http_edge.RequestEdge",  # request id, body limit, trusted proxy, access log, metrics
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "config.kernel.http_edge.OnlyForPages",  # sessions, CSRF and messages for /admin/ alone
]
# Wrapped round /admin/ and signing in only: the API looks a session up where a browser shows one.
PAGES_MIDDLEWARE = [
    "config.kernel.sessions.SessionsApart",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
PAGES_PREFIXES = ("/admin/",)
SESSION_PREFIXES = (*PAGES_PREFIXES, "/_allauth/")
# Django looks for these in MIDDLEWARE; they are in PAGES_MIDDLEWARE.
SILENCED_SYSTEM_CHECKS = ["admin.E408", "admin.E409", "admin.E410", "security.W002", "security.W003"]
# E-mail addresses are unique whatever their case; the check knows plain columns only.
SILENCED_SYSTEM_CHECKS += ["auth.E003"]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
APPEND_SLASH = False

# The addresses (CIDR) of the proxies whose X-Forwarded-For is believed; the right-most address that is not one of
# them is the client. Empty: nobody is believed.
TRUSTED_PROXIES = _list("TRUSTED_PROXIES", "" if PRODUCTION else "127.0.0.1/32,::1/128")
# Who may read /metrics (CIDR).
METRICS_ALLOWED = _list("METRICS_ALLOWED", "127.0.0.1/32,::1/128")
MAX_BODY_BYTES = 1_000_000  # imports will bring a limit of their own
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
X_FRAME_OPTIONS = "DENY"

PUBLIC_URL = _env("PUBLIC_URL", "http://localhost:8000").rstrip("/")
# `__Host-` binds a cookie to this very host over HTTPS, and a browser keeps none of that name from plain HTTP.
COOKIE_PREFIX = "__Host-" if PRODUCTION or PUBLIC_URL.startswith("https://") else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
OPERATORS_COOKIE_NAME = f"{COOKIE_PREFIX}operator"
SESSION_COOKIE_AGE = 30 * 24 * 3600
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = bool(COOKIE_PREFIX)
CSRF_COOKIE_HTTPONLY = False  # a page's script sends it back as X-CSRFToken
CSRF_FAILURE_VIEW = "config.kernel.sessions.csrf_failed"
# Where messages lead: the storefront's page of an order, which opens it with the token in the link's fragment.
# `{language}` is filled in.
ORDER_PAGE_URL = _env("ORDER_PAGE_URL", PUBLIC_URL + "/{language}/orders/open")
STREAMS_URL = _env("STREAMS_URL", "http://localhost:8001").rstrip("/")  # production: the same origin
CORS_ALLOWED_ORIGINS = _list("CORS_ALLOWED_ORIGINS", "" if PRODUCTION else "http://localhost:8000")
CORS_URLS_REGEX = r"^/.*/stream$"

# What a page may load and run: ours only, no inline script; a style needs the page's nonce.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'", NONCE],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'", *([STREAMS_URL] if STREAMS_URL != PUBLIC_URL else [])],
        "form-action": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

STATIC_URL = "/static/"
# Where `collectstatic` puts them in production; elsewhere they are served from where they are.
STATIC_ROOT = Path(_env("STATIC_ROOT", str(BASE_DIR / "staticfiles"))) if PRODUCTION else None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "config.kernel.static_files.StaticFiles"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            # A part of a page is named where it stands in it, and rendered alone when only it is asked for.
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            ["django.template.loaders.app_directories.Loader"],
                        )
                    ],
                )
            ],
            "builtins": ["template_partials.templatetags.partials", "shop.site.filters"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# --- Language and time ----------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("fi", "Suomi"), ("sv", "Svenska"), ("en", "English")]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# --- REST ----------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_PARSER_CLASSES": ["config.kernel.rest.parsing.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["config.kernel.rest.rendering.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["config.kernel.rest.browser.CallerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["config.kernel.rest.permission.Declared"],
    "DEFAULT_THROTTLE_CLASSES": ["config.kernel.rest.throttling.DeclaredThrottle"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "config.kernel.rest.rendering.JSONOnly",
    "DEFAULT_SCHEMA_CLASS": "config.kernel.rest.schema.PolkuSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "config.kernel.rest.problems.handle",
    "LIST_SERIALIZER_ERRORS_AS_DICT": True,
    "COERCE_DECIMAL_TO_STRING": True,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Polku",
    "DESCRIPTION": "Product information, storefront, cart, orders, returns and the customer record, in one REST API. "
    "Clients show tokens and secrets in headers. A page of the shop keeps them in cookies: it sends `X-CSRFToken`, "
    "which `GET …/session` gives, with every write, and is refused with `csrf_failed` without it.",
    "VERSION": "1.0.0-dev",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "SCHEMA_PATH_PREFIX": r"/[a-z0-9]+/v1",
}

# Requests per window and principal. They stay on in tests; load clients come from distinct addresses.
RATE_LIMITS = {
    "store.write": (120, timedelta(minutes=1)),  # of one cart; who has none yet shares her address's
    "store.checkout": (20, timedelta(minutes=1)),
    "store.lookup": (60, timedelta(minutes=1)),
    "store.returns": (10, timedelta(minutes=15)),
    "sign_in.account": (5, timedelta(minutes=15)),  # codes sent to one address
    "sign_in.place": (20, timedelta(minutes=15)),
    "staff.write": (240, timedelta(minutes=1)),
    "staff.codes": (10, timedelta(minutes=1)),
    "staff.devices": (10, timedelta(minutes=15)),
    "staff.unlock": (5, timedelta(minutes=15)),  # wrong PINs of one clerk on one device
    "staff.unlock_device": (40, timedelta(minutes=15)),  # of all clerks together, right or wrong
    "staff.hand_out": (10, timedelta(minutes=1)),
    "pim.write": (600, timedelta(minutes=1)),
    "system.read": (600, timedelta(minutes=1)),
}

# The hardened HTTP client (config.kernel.http) never calls this machine; only tests may, and a check refuses it in
# production.
HTTP_MAY_CALL_LOOPBACK = ENVIRONMENT == "test" and _flag("HTTP_MAY_CALL_LOOPBACK", False)

# --- Search --------------------------------------------------------------------------

# Base forms of words; opened by workers only, since it takes seconds and 60 MB or more.
SEARCH_DICTIONARY = _env("SEARCH_DICTIONARY", "shop.integrations.simplemma_dictionary.SimplemmaDictionary")

# --- Configuration -------------------------------------------------------------------

# So old may be what a process keeps of markets, keys, locations and ways of delivery, in seconds.
CONFIGURATION_LIVES_S = 5.0

# Where `make run` keeps what is this machine's alone, such as the demonstration's tokens.
RUN_DIR = Path(_env("POLKU_VAR") or BASE_DIR / "var").resolve()

# --- Imports -------------------------------------------------------------------------

# The sets of other systems lie here, one directory each; `POST /pim/v1/imports` names one of them.
IMPORT_DIR = Path(_env("IMPORT_DIR", str(BASE_DIR / "var" / "imports")))

# --- Media -------------------------------------------------------------------------------

# Pictures and files of products, by the paths that their values say.
MEDIA_ROOT = Path(_env("MEDIA_ROOT", str(BASE_DIR / "var" / "media")))
MEDIA_URL = "/media/"

# --- Payment -----------------------------------------------------------------------------

PAYMENT_PROVIDER = _env("PAYMENT_PROVIDER", "orders.integrations.stripe_provider.StripeProvider")
# Without a key only invoices can be paid with. `make run` sets these for its stand-in when they are not set.
STRIPE_API_KEY = _env("STRIPE_API_KEY")
STRIPE_PUBLISHABLE_KEY = _env("STRIPE_PUBLISHABLE_KEY")
STRIPE_OWN_API_BASE = "https://api.stripe.com"
STRIPE_API_BASE = _env("STRIPE_API_BASE", STRIPE_OWN_API_BASE).rstrip("/")
# Newest first; two are good while one is being replaced by the other.
STRIPE_WEBHOOK_SECRETS = _list("STRIPE_WEBHOOK_SECRETS")
# Where a buyer comes back to from her bank or app; `{language}` and `{order_id}` are filled in.
PAYMENT_RETURN_URL = _env("PAYMENT_RETURN_URL", PUBLIC_URL + "/{language}/orders/{order_id}")
if PRODUCTION and STRIPE_API_BASE != STRIPE_OWN_API_BASE:
    raise ImproperlyConfigured(
        "STRIPE_API_BASE is for stand-ins on this machine; production calls Stripe itself"
    )
if PRODUCTION and STRIPE_API_KEY and not STRIPE_WEBHOOK_SECRETS:
    raise ImproperlyConfigured("STRIPE_WEBHOOK_SECRETS must be set where Stripe is used")

# --- Carriers ----------------------------------------------------------------------------

# Who books labels; empty: parcels leave with our own van, or with a label that was typed in.
EASYPOST_API_KEY = _env("EASYPOST_API_KEY")
CARRIER = _env("CARRIER", "orders.integrations.easypost.EasyPost" if EASYPOST_API_KEY else "")
EASYPOST_OWN_API_BASE = "https://api.easypost.com"
EASYPOST_API_BASE = _env("EASYPOST_API_BASE", EASYPOST_OWN_API_BASE).rstrip("/")
# Who may tell us where parcels are. A carrier without a secret is not listened to; two are good while one is replaced.
CARRIER_HOOKS = {
    "easypost": "orders.integrations.easypost.EasyPostHook",
    "pakettikauppa": "orders.integrations.pakettikauppa.PakettikauppaHook",
}
CARRIER_SECRETS = {
    "easypost": _list("EASYPOST_WEBHOOK_SECRETS"),
    "pakettikauppa": _list("PAKETTIKAUPPA_SECRETS"),
}
if PRODUCTION and EASYPOST_API_BASE != EASYPOST_OWN_API_BASE:
    raise ImproperlyConfigured(
        "EASYPOST_API_BASE is for stand-ins on this machine; production calls EasyPost itself"
    )

# --- Mail ----------------------------------------------------------------------------

MAIL_FROM = _env("MAIL_FROM", "Polku <shop@localhost>")
EMAIL_BACKEND = _env(
    "EMAIL_BACKEND",
    "django.core.mail.backends.smtp.EmailBackend"
    if PRODUCTION
    else "django.core.mail.backends.filebased.EmailBackend",
)
EMAIL_FILE_PATH = _env("MAIL_DIR", str(BASE_DIR / "var" / "mail"))
EMAIL_HOST = _env("EMAIL_HOST", "localhost")
EMAIL_PORT = int(_env("EMAIL_PORT", "25"))
EMAIL_HOST_USER = _env("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = _env("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = _flag("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 10

# --- Logs ----------------------------------------------------------------------------

LOG_LEVEL = _env("LOG_LEVEL", "INFO")
LOG_FORMAT = _env("LOG_FORMAT", "json" if PRODUCTION else "console")
LOGGING_CONFIG = "config.kernel.logs.configure"
LOGGING: dict[str, Any] = {"level": LOG_LEVEL, "format": LOG_FORMAT}

if ENVIRONMENT == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
