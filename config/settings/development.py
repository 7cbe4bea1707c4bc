"""One developer's machine: embedded servers, sandbox providers, no secrets worth stealing.

`DATABASE_URL` and `REDIS_URL` win over the embedded servers, provider variables win over the sandbox.
"""

from config import embedded
from config.settings import addresses, databases
from config.settings.base import *  # noqa: F403
from config.settings.base import env
from config.settings.guard import DEVELOPMENT

SHOP_ENV = "development"
DEBUG = env.bool("DEBUG", default=True)
SECRET_KEY = env.str("SECRET_KEY", default=DEVELOPMENT["SECRET_KEY"])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

servers = embedded.urls()  # not in capitals: the page that shows an error shows every setting
DATABASES = databases.postgres(servers.database)
REDIS_URL = servers.redis
CELERY_BROKER_URL = REDIS_URL

STRIPE_API_KEY = env.str("STRIPE_API_KEY", default=DEVELOPMENT["STRIPE_API_KEY"])
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default=addresses.STRIPE)
STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET", default=DEVELOPMENT["STRIPE_WEBHOOK_SECRET"])
STRIPE_DEFAULT_PAYMENT_METHOD = env.str("STRIPE_DEFAULT_PAYMENT_METHOD", default="pm_card_visa")
FRAUD_API_KEY = env.str("FRAUD_API_KEY", default=DEVELOPMENT["FRAUD_API_KEY"])
FRAUD_API_BASE = env.str("FRAUD_API_BASE", default=addresses.FRAUD)
CARRIER_API_KEY = env.str("CARRIER_API_KEY", default=DEVELOPMENT["CARRIER_API_KEY"])
CARRIER_API_BASE = env.str("CARRIER_API_BASE", default=addresses.CARRIER)
CARRIER_WEBHOOK_SECRET = env.str("CARRIER_WEBHOOK_SECRET", default=DEVELOPMENT["CARRIER_WEBHOOK_SECRET"])

# No collectstatic on a developer's machine: files are served from where they are.
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = None
