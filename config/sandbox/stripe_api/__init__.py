"""A stand-in for Stripe: payment intents, refunds and signed events, close enough for the official SDK."""
