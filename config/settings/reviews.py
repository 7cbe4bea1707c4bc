"""How strictly reviews are screened, and how long decisions about them stand."""

import environ

env = environ.Env()

# What speaks against a review adds up. Below the first it is published, from the second on a person looks at it; rejected without
# a person is only what reaches the third and has evidence of two kinds.
REVIEWS_PUBLISH_BELOW = env.int("REVIEWS_PUBLISH_BELOW", default=30)
REVIEWS_REJECT_FROM = env.int("REVIEWS_REJECT_FROM", default=90)

# Published reviews, and none rejected, that make a reviewer a trusted one.
REVIEWS_TRUSTED_FROM = env.int("REVIEWS_TRUSTED_FROM", default=10)

# How long flags do not bring back what a person has just approved, and how long that person may change their mind.
REVIEWS_APPROVAL_STANDS_HOURS = env.int("REVIEWS_APPROVAL_STANDS_HOURS", default=168)
REVIEWS_UNDO_MINUTES = env.int("REVIEWS_UNDO_MINUTES", default=15)

# One customer's, in any hour.
REVIEWS_PER_CUSTOMER_PER_HOUR = env.int("REVIEWS_PER_CUSTOMER_PER_HOUR", default=30)
REVIEW_FLAGS_PER_CUSTOMER_PER_HOUR = env.int("REVIEW_FLAGS_PER_CUSTOMER_PER_HOUR", default=60)
REVIEW_VOTES_PER_CUSTOMER_PER_HOUR = env.int("REVIEW_VOTES_PER_CUSTOMER_PER_HOUR", default=600)

# How long a reader waits for Redis before the database answers instead.
RATING_CACHE_TIMEOUT_SECONDS = env.float("RATING_CACHE_TIMEOUT_SECONDS", default=0.1)
