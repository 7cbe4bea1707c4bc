"""Secrets everybody knows, and what production makes of them."""

from django.core.exceptions import ImproperlyConfigured

DEVELOPMENT = {
    "SECRET_KEY": "development-only-not-a-secret-0f6a2c5d9b8e41737d3c",
    "CONFIRMATION_NUMBER_KEY": "confirmation-numbers",
    "STRIPE_API_KEY": "sk_test_sandbox",
    "STRIPE_WEBHOOK_SECRET": "whsec_sandbox",
    "FRAUD_API_KEY": "fraud_sandbox",
    "CARRIER_API_KEY": "carrier_sandbox",
    "CARRIER_WEBHOOK_SECRET": "carrier_whsec_sandbox",
}

REQUIRED = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "CONFIRMATION_NUMBER_KEY",
    "STRIPE_API_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "FRAUD_API_BASE",
    "FRAUD_API_KEY",
    "CARRIER_API_BASE",
    "CARRIER_API_KEY",
    "CARRIER_WEBHOOK_SECRET",
)
SECRET_KEY_LENGTH = 50
SECRET_KEY_VARIETY = 5  # different characters; both as Django's own deployment check has them
FORBIDDEN = ("CRASH_AT", "CRASH_ONCE_FILE")


def problems(variables: dict[str, str]) -> list[str]:
    """Return one sentence per variable that production cannot run with."""
    found = [f"{name} is missing" for name in REQUIRED if not variables.get(name, "").strip()]
    found += [f"{name} is for fault tests only" for name in FORBIDDEN if variables.get(name)]
    found += [f"{name} is the development default" for name, known in DEVELOPMENT.items() if variables.get(name, "") == known]
    key = variables.get("SECRET_KEY", "").strip()
    if key and (len(key) < SECRET_KEY_LENGTH or len(set(key)) < SECRET_KEY_VARIETY):
        found.append(f"SECRET_KEY is too weak: {SECRET_KEY_LENGTH} random characters or more")
    if "*" in variables.get("ALLOWED_HOSTS", "").replace(" ", "").split(","):
        found.append("ALLOWED_HOSTS may not be *")
    return found


def refuse_unsafe(variables: dict[str, str]) -> None:
    """Raise ImproperlyConfigured naming everything that is wrong at once, not only the first."""
    if found := problems(variables):
        raise ImproperlyConfigured("Production cannot start: " + "; ".join(found) + ".")
