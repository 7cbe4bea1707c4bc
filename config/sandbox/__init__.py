"""Stand-ins for Stripe, the fraud service and the carrier, as real HTTP servers that can be told to fail.

They know nothing of the shop. See docs/sandbox.md.
"""

from config.sandbox.client import SandboxControl
from config.sandbox.sandbox import CARRIER_WEBHOOK_SECRET, STRIPE_WEBHOOK_SECRET, Ports, Sandbox
from config.sandbox.webhooks import sign

__all__ = ["CARRIER_WEBHOOK_SECRET", "STRIPE_WEBHOOK_SECRET", "Ports", "Sandbox", "SandboxControl", "sign"]
