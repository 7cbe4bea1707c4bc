"""What every environment has in common; `docs/settings.md` lists each variable read here.

The database and Redis addresses are not here: each environment says for itself where they come from.
"""

from pathlib import Path

import environ

from config.logs import configure_structlog, logging_config
from config.settings.celery import *  # noqa: F403
from config.settings.console import *  # noqa: F403
from config.settings.operations import *  # noqa: F403
from config.settings.reviews import *  # noqa: F403
from config.settings.web import *  # noqa: F403

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parents[2]

INSTALLED_APPS = [
    "config",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "config.site.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "axes",
    "csp",
    "django_structlog",
    "shop.messaging",
    "shop.outward",
    "shop",
    "catalog",
    "ordering",
    "payments",
    "fulfilment",
    "reviews",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "shop.http.request_log.RequestLog",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "shop.console.actor.BackOffice",
    "axes.middleware.AxesMiddleware",
]

# Every command and event is answered where this module says, the way ROOT_URLCONF answers for addresses.
SWITCHBOARD = "config.switchboard.SWITCHBOARD"
# Whose changes triggers record, whoever makes them and however.
AUDITED = "config.audited.AUDITED"
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Nothing that must hold between processes may live here: it is one process's own memory.
# The state of the shop is in Postgres, so losing Redis cannot make a request fail.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Written-out statements are prepared in the server. Off behind a pooler that gives each transaction another connection.
DB_PREPARED_STATEMENTS = env.bool("DB_PREPARED_STATEMENTS", default=True)

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_URL = "/media/"
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / ".local" / "media"))()

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOG_FORMAT = env.str("LOG_FORMAT", default="console")
LOGGING = logging_config(LOG_FORMAT, LOG_LEVEL)
configure_structlog()

# "Request started" says nothing that "request finished" does not say too.
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10
DJANGO_STRUCTLOG_USER_ID_FIELD = None
# Where somebody sits is personal. What needs an address (throttling, logins) keeps it where it is erased again.
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
