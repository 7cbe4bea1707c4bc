"""The shop's own rules and the addresses of the outside world, each read from the environment.

Durations are integers in the unit their name ends in.
"""

import environ

env = environ.Env()

MESSAGE_RETENTION_DAYS = env.int("MESSAGE_RETENTION_DAYS", default=30)
# Who did what, and what became of every row: never longer than the orders it is about (docs/audit.md).
AUDIT_RETENTION_DAYS = env.int("AUDIT_RETENTION_DAYS", default=2_557)
RESERVATION_MINUTES = env.int("RESERVATION_MINUTES", default=15)
# How long finished orders stay here before they are archived, and carts before they are removed.
ORDER_RETENTION_DAYS = env.int("ORDER_RETENTION_DAYS", default=2_557)
CART_RETENTION_DAYS = env.int("CART_RETENTION_DAYS", default=90)
CART_ABANDON_HOURS = env.int("CART_ABANDON_HOURS", default=24)
SESSION_HOURS = env.int("SESSION_HOURS", default=12)

# Failed logins of customers within the window before the next is refused without computing a hash.
LOGIN_WINDOW_SECONDS = env.int("LOGIN_WINDOW_SECONDS", default=900)
LOGIN_FAILURES_PER_EMAIL_AND_ADDRESS = env.int("LOGIN_FAILURES_PER_EMAIL_AND_ADDRESS", default=5)
LOGIN_FAILURES_PER_ADDRESS = env.int("LOGIN_FAILURES_PER_ADDRESS", default=10)
LOGIN_FAILURES_PER_EMAIL = env.int("LOGIN_FAILURES_PER_EMAIL", default=50)
PASSWORD_RESETS_PER_EMAIL = env.int("PASSWORD_RESETS_PER_EMAIL", default=3)
PASSWORD_RESETS_PER_ADDRESS = env.int("PASSWORD_RESETS_PER_ADDRESS", default=20)
VERIFICATION_MINUTES = env.int("VERIFICATION_MINUTES", default=60)
REGISTRATIONS_PER_ADDRESS = env.int("REGISTRATIONS_PER_ADDRESS", default=1_000)

# How long a checkout waits for the answer to each step before it asks again.
CHECKOUT_RESERVE_DEADLINE_SECONDS = env.int("CHECKOUT_RESERVE_DEADLINE_SECONDS", default=30)
CHECKOUT_AUTHORIZE_DEADLINE_SECONDS = env.int("CHECKOUT_AUTHORIZE_DEADLINE_SECONDS", default=60)
CHECKOUT_CREATE_ORDER_DEADLINE_SECONDS = env.int("CHECKOUT_CREATE_ORDER_DEADLINE_SECONDS", default=30)
CHECKOUT_UNDO_DEADLINE_SECONDS = env.int("CHECKOUT_UNDO_DEADLINE_SECONDS", default=60)

# Scatters confirmation numbers so that nobody can count orders along. Never change it once orders exist.
CONFIRMATION_NUMBER_KEY = env.str("CONFIRMATION_NUMBER_KEY", default="confirmation-numbers")

# Files that are uploaded, and feeds among them.
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=512 * 1024 * 1024)
IMPORT_MAX_ROWS = env.int("IMPORT_MAX_ROWS", default=1_000_000)
IMPORT_KEEP_DAYS = env.int("IMPORT_KEEP_DAYS", default=30)

# What operators do to many rows at once: the most rows of one batch, and how long it is kept what came of each.
BATCH_MAX_ROWS = env.int("BATCH_MAX_ROWS", default=100_000)
BATCH_KEEP_DAYS = env.int("BATCH_KEEP_DAYS", default=30)
# How often everything that must always be true is checked without being asked to; 0: never.
INVARIANTS_EVERY_HOURS = env.int("INVARIANTS_EVERY_HOURS", default=24)

# When an authorised payment is captured: "confirmed" (with the order) or "shipped" (with the first parcel).
PAYMENTS_CAPTURE_ON = env.str("PAYMENTS_CAPTURE_ON", default="confirmed")

# A refund of more than this (minor units of its currency) needs a second person; 0 is never.
REFUND_APPROVAL_ABOVE = env.int("REFUND_APPROVAL_ABOVE", default=50_000)

# The provider's token that is used when a payment names none; empty refuses such a payment.
STRIPE_DEFAULT_PAYMENT_METHOD = env.str("STRIPE_DEFAULT_PAYMENT_METHOD", default="")

# An order waits this long before it goes to the warehouse, so that a second thought still costs nothing.
ORDER_RELEASE_GRACE_SECONDS = env.int("ORDER_RELEASE_GRACE_SECONDS", default=300)
ORDER_RELEASE_BATCH = env.int("ORDER_RELEASE_BATCH", default=200)
# The warehouse that fulfils orders, by the name it goes by in messages.
WAREHOUSE_ID = env.str("WAREHOUSE_ID", default="main")

# Outside calls: seconds to connect, and in total.
OUTSIDE_CONNECT_TIMEOUT_SECONDS = env.float("OUTSIDE_CONNECT_TIMEOUT_SECONDS", default=2.0)
OUTSIDE_TOTAL_TIMEOUT_SECONDS = env.float("OUTSIDE_TOTAL_TIMEOUT_SECONDS", default=8.0)

# Hours until a picking job that is not packed counts as overdue, and until a shipment without a word is asked about.
PICKING_HOURS = env.int("PICKING_HOURS", default=24)
SHIPMENT_SILENT_HOURS = env.int("SHIPMENT_SILENT_HOURS", default=24)

# Where parcels start from (ISO 3166-1): what is domestic to the carriers.
SHIPPING_HOME_COUNTRY = env.str("SHIPPING_HOME_COUNTRY", default="GB")

# What counts as the fraud service's verdict while it is not to be had.
FRAUD_UNAVAILABLE_VERDICT = env.str("FRAUD_UNAVAILABLE_VERDICT", default="review")

# How words are stemmed: the name of a text search configuration of Postgres. A changed one counts from the next rebuild on.
SEARCH_TEXT_CONFIG = env.str("SEARCH_TEXT_CONFIG", default="english")
# Who finds things: "postgres", or "opensearch", which is then told of every document; Postgres answers while it does not.
SEARCH_ENGINE = env.str("SEARCH_ENGINE", default="postgres")
OPENSEARCH_URL = env.str("OPENSEARCH_URL", default="http://127.0.0.1:9200")
OPENSEARCH_INDEX_PREFIX = env.str("OPENSEARCH_INDEX_PREFIX", default="products")
OPENSEARCH_TIMEOUT_SECONDS = env.float("OPENSEARCH_TIMEOUT_SECONDS", default=2.0)
# How long a replaced index is kept for those who are still reading it.
SEARCH_LEAVE_SECONDS = env.int("SEARCH_LEAVE_SECONDS", default=30)
# What outsiders are told (docs/partners.md). Off, an event costs no delivery more than its own subscribers'.
EVENT_STREAM = env.bool("EVENT_STREAM", default=False)
EVENT_STREAM_URL = env.str("EVENT_STREAM_URL", default="")
EVENT_STREAM_LENGTH = env.int("EVENT_STREAM_LENGTH", default=100_000)
EVENT_STREAM_DAYS = env.int("EVENT_STREAM_DAYS", default=7)
PARTNER_WEBHOOKS = env.bool("PARTNER_WEBHOOKS", default=False)
WEBHOOK_SIGNING_KEY = env.str("WEBHOOK_SIGNING_KEY", default="")
WEBHOOK_DISABLE_AFTER = env.int("WEBHOOK_DISABLE_AFTER", default=20)
WEBHOOK_LOG_DAYS = env.int("WEBHOOK_LOG_DAYS", default=30)
WEBHOOK_ALLOWED_NETWORKS = env.list("WEBHOOK_ALLOWED_NETWORKS", default=[])

# The stand-ins for Stripe, fraud check and carrier (`manage.py sandbox`) listen here.
SANDBOX_HOST = env.str("SANDBOX_HOST", default="127.0.0.1")
SANDBOX_STRIPE_PORT = env.int("SANDBOX_STRIPE_PORT", default=12111)
SANDBOX_FRAUD_PORT = env.int("SANDBOX_FRAUD_PORT", default=12112)
SANDBOX_CARRIER_PORT = env.int("SANDBOX_CARRIER_PORT", default=12113)

# Named crash points for fault tests; production refuses to start with either of them.
CRASH_AT = env.str("CRASH_AT", default="")
CRASH_ONCE_FILE = env.str("CRASH_ONCE_FILE", default="")
