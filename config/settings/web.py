"""What the web side is told: the API, passwords, logins and the content security policy."""

import environ
from csp.constants import NONE, SELF

env = environ.Env()

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "shop.customers.authentication.CustomerToken",
        "shop.http.authentication.ServiceToken",
        "shop.http.authentication.StaffSession",
    ],
    "UNAUTHENTICATED_USER": "shop.http.principal.anonymous",
    "UNAUTHENTICATED_TOKEN": None,
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["shop.http.parsing.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "shop.http.openapi.ContractSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "shop.http.errors.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
}
APPEND_SLASH = False

# How many proxies of ours stand in front; only what they append to X-Forwarded-For is believed.
PROXY_COUNT = env.int("PROXY_COUNT", default=0)

# An answer is kept this long for repeats of its request; a request that died holds its key for this lease.
IDEMPOTENCY_KEEP_HOURS = env.int("IDEMPOTENCY_KEEP_HOURS", default=48)
IDEMPOTENCY_LEASE_SECONDS = env.int("IDEMPOTENCY_LEASE_SECONDS", default=60)

# What the groups of the back office may do over the API; a superuser may do everything.
STAFF_SCOPES = {
    "operations lead": ["*"],
    "merchandiser": ["catalog:write", "promotions:write"],
    "warehouse": ["inventory:write", "shipping:write", "ordering:read"],
    "finance": ["payments:write", "ordering:read"],
    "support": ["customers:write", "ordering:write", "shipping:read", "carts:write"],
    "moderator": ["reviews:write"],
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Shop operations",
    "DEFAULT_GENERATOR_CLASS": "shop.http.openapi.ContractGenerator",
    "VERSION": "1.0.0",
    "DESCRIPTION": "Orders, payments, stock, catalogue, customers and reviews of one shop.",
    "SERVE_INCLUDE_SCHEMA": False,
    # One component per contract, exactly as published: nothing is factored out of them.
    "POSTPROCESSING_HOOKS": [],
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None, "docExpansion": "list"},
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# What `/metrics` reports, and to whom: whoever shows the token, or without one only this machine itself.
METRICS = [
    "shop.messaging.metrics.samples",
    "fulfilment.inventory.metrics.samples",
    "fulfilment.warehouse.metrics.samples",
    "fulfilment.shipping.metrics.samples",
    "ordering.orders.metrics.samples",
    "shop.customers.metrics.samples",
    "shop.console.batches.metrics.samples",
    "shop.console.checking.figures.samples",
    "catalog.search.metrics.samples",
    "catalog.metrics.samples",
    "reviews.moderation.metrics.samples",
    "shop.outward.metrics.samples",
]
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# One megabyte of request body; file uploads are counted apart.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
LOGIN_URL = "admin:login"

# Operators locked out by account and address together, so nobody can lock a colleague out from elsewhere.
AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURE_LIMIT", default=5)
AXES_COOLOFF_TIME = 1  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_IPWARE_PROXY_COUNT = PROXY_COUNT

ADMIN_OTP_REQUIRED = env.bool("ADMIN_OTP_REQUIRED", default=False)
OTP_TOTP_ISSUER = "Shop operations"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
