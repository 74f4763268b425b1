"""Settings, read from the environment; every default is safe for one machine.

KINWEAVE_HOME   folder of the site's files (database, keys, lake); default ./var
DATABASE_URL    postgres://… for PostgreSQL; otherwise SQLite in KINWEAVE_HOME
KINWEAVE_HOSTS  the names the site is reached by, separated by commas
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import SELF
from django.utils.translation import gettext_lazy as _

CODE = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("KINWEAVE_HOME", "var")).resolve()
HOME.mkdir(parents=True, exist_ok=True)


def _secret() -> str:
    """The signing secret, from the environment or a file made on first use."""
    if given := os.environ.get("KINWEAVE_SECRET"):
        return given
    path = HOME / "keys" / "signing.secret"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text()


def _database(url: str) -> dict[str, Any]:
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME / "kinweave.sqlite3",
            # Kept open: a connection opened for each request costs more than the request, and one that opens while
            # another process closes the file's last one fails at once with "database is locked".
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",  # without it read-then-write requests fail under load
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
                "PRAGMA cache_size=-4000; PRAGMA temp_store=MEMORY;"
                # Not mapped into memory: with every growth of the file each connection would map it anew. The log
                # is folded in after 32 MB, not after 4: pages that are written again meanwhile are folded in once.
                "PRAGMA wal_autocheckpoint=8000;",
            },
            "TEST": {"NAME": os.environ.get("KINWEAVE_TEST_SQLITE") or None},
        }
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", unquote(parts.hostname or "")),
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"prepare_threshold": 5, **query},  # for the statements of house.quick; Django's own have none
    }


SECRET_KEY = _secret()
DEBUG = False
HOSTS = [h.strip() for h in os.environ.get("KINWEAVE_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if h.strip()]
ALLOWED_HOSTS = HOSTS
# The address phones use: from the environment, or as the set-up wrote it.
_ADDRESS = HOME / "address"
SITE_URL = os.environ.get("KINWEAVE_URL") or (_ADDRESS.read_text().strip() if _ADDRESS.exists() else "")
if SITE_URL and urlsplit(SITE_URL).hostname not in HOSTS:
    HOSTS.append(str(urlsplit(SITE_URL).hostname))
SECURE = SITE_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL else []

DATABASES = {"default": _database(os.environ.get("DATABASE_URL", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Only the counts behind rate limits: every server process must see the same ones. `serve` makes the table.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "kinweave_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

KEYSTORE_FILE = HOME / "keys" / "keys.sqlite3"
HOUSE_KEY_FILE = Path(os.environ.get("KINWEAVE_HOUSE_KEY", HOME / "keys" / "house.key"))
ERASURE_LEDGER = Path(os.environ.get("KINWEAVE_ERASED", HOME / "keys" / "erased.jsonl"))
LAKE = HOME / "lake"
AUDIO = HOME / "audio"  # recordings of questions: <key>/<language>/<item>.ogg
OWN_INSTRUMENTS = HOME / "instruments"  # words and questionnaires of this site's own: docs/instruments.md
INSTRUMENTS = next(p for p in (CODE.parent / "instruments", CODE / "_instruments") if p.exists())

KINWEAVE_INVENTED = os.environ.get("KINWEAVE_INVENTED", "") == "1"
KINWEAVE_STYLEGUIDE = os.environ.get("KINWEAVE_STYLEGUIDE", "") == "1"
KINWEAVE_EXIT_URL = os.environ.get("KINWEAVE_EXIT_URL", "https://www.wikipedia.org/")

INSTALLED_APPS = [
    "kinweave.house",
    "kinweave.people",
    "kinweave.published",
    "kinweave.listen",
    "kinweave.care",
    "kinweave.gather",
    "kinweave.team",
    "kinweave.connect",
    "kinweave.decide",
    "kinweave.flows",
    "kinweave.front",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
]
INSTALLED_APPS = [
    a for a in INSTALLED_APPS if not a.startswith("kinweave.") or (CODE / a.split(".")[1] / "apps.py").exists()
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "kinweave.exchange.openrosa.middleware.OpenRosaMiddleware",  # phones need nothing of what follows
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "kinweave.front.parking.ParkingMiddleware",
    "kinweave.front.middleware.KinweaveMiddleware",
    "kinweave.front.signin.FirstThingsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "kinweave.config.urls"
WSGI_APPLICATION = "kinweave.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [CODE / "front" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "kinweave.front.context.page",
            ],
        },
    }
]

AUTH_USER_MODEL = "house.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "kinweave.front.signin.Adapter"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None  # no mail is sent for signing in, and none is asked for
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/sign-in/"
ACCOUNT_LOGIN_TIMEOUT = 15 * 60  # between the password and the second step
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60  # a change to the second step asks for the password again
ACCOUNT_SESSION_REMEMBER = False
# Axes locks a name at one address first; these also stop guessing at one name from many addresses, and the
# guessing of six digits in the second step (the key is the account).
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "30/m/ip,20/1h/key",
    "reauthenticate": "10/m/user",
    "change_password": "10/m/user",
    "recover": "20/m/ip",
}
MFA_ADAPTER = "kinweave.front.signin.SecondStep"
MFA_TOTP_ISSUER = "Kinweave"
MFA_TOTP_TOLERANCE = 1  # phones in the field have clocks that are half a minute off
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
AXES_FAILURE_LIMIT = 6
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_CLIENT_IP_CALLABLE = "kinweave.front.signin.client_address"
AXES_USERNAME_CALLABLE = "kinweave.front.signin.guessed_name"
AXES_SENSITIVE_PARAMETERS = ["login", "csrfmiddlewaretoken"]
AXES_DISABLE_ACCESS_LOG = True  # who signed in from where is not ours to keep
AXES_RESET_ON_SUCCESS = True

SESSION_ENGINE = "kinweave.house.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 8
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_SSL_REDIRECT = False  # the proxy in front does it
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"  # with "no-referrer" browsers send no origin and forms are refused
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "kinweave.front.parking.csrf_failed"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": ["'none'"],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ar", _("Arabic"))]
LOCALE_PATHS = [CODE / "house" / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # whitenoise warns when it is missing; our files come from the package
STATICFILES_DIRS = [p for p in [CODE / "front" / "static"] if p.exists()]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 60 * 60 * 24

EMAIL_BACKEND = os.environ.get("KINWEAVE_MAIL", "django.core.mail.backends.dummy.EmailBackend")
KINWEAVE_SMS = os.environ.get("KINWEAVE_SMS", "kinweave.house.alerts.LogOnly")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"plain": {"()": "kinweave.house.logs.NoContent"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "filters": ["plain"], "formatter": "line"}},
    "root": {"handlers": ["out"], "level": "WARNING"},
    "loggers": {
        "kinweave": {"level": "INFO"},
        # Django's own handlers print requests and mail stack traces with local values: none of that here.
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.request": {"handlers": [], "level": "ERROR", "propagate": True},
    },
}
