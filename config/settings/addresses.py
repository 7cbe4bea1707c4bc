"""Where the sandbox listens, for the environments that talk to it instead of to real providers."""

from config.settings import operations


def sandbox(port: int) -> str:
    """Return the base address of one stand-in, without a trailing slash."""
    return f"http://{operations.SANDBOX_HOST}:{port}"


STRIPE = sandbox(operations.SANDBOX_STRIPE_PORT)
FRAUD = sandbox(operations.SANDBOX_FRAUD_PORT)
CARRIER = sandbox(operations.SANDBOX_CARRIER_PORT)
