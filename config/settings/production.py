"""Production: everything from the environment, and no start without it."""

import os

from config.logs import logging_config
from config.settings import databases
from config.settings.base import *  # noqa: F403
from config.settings.base import STORAGES, env
from config.settings.guard import refuse_unsafe

refuse_unsafe(dict(os.environ))

SHOP_ENV = "production"
DEBUG = False
SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

DATABASES = databases.postgres(env.str("DATABASE_URL"))
REDIS_URL = env.str("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL

STRIPE_API_KEY = env.str("STRIPE_API_KEY")
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="https://api.stripe.com")
STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET")
FRAUD_API_KEY = env.str("FRAUD_API_KEY")
FRAUD_API_BASE = env.str("FRAUD_API_BASE")
CARRIER_API_KEY = env.str("CARRIER_API_KEY")
CARRIER_API_BASE = env.str("CARRIER_API_BASE")
CARRIER_WEBHOOK_SECRET = env.str("CARRIER_WEBHOOK_SECRET")

STORAGES = STORAGES | {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
# Health probes and the metrics scraper speak plain HTTP inside the network.
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.int("PROXY_COUNT", default=0) else None
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

ADMIN_OTP_REQUIRED = env.bool("ADMIN_OTP_REQUIRED", default=True)

LOG_FORMAT = env.str("LOG_FORMAT", default="json")
LOGGING = logging_config(LOG_FORMAT, env.str("LOG_LEVEL", default="INFO"))
