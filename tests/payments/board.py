"""A switchboard with the payments department only: nobody else hears what it says."""

from uuid import UUID

from payments import handlers, queries
from shop.contracts.fulfilment.decisions import OrderUndeliverable
from shop.contracts.fulfilment.shipping import ShipmentCreated
from shop.contracts.ordering.checkout import AuthorizePayment
from shop.contracts.ordering.events import OrderCancelled, OrderConfirmed, OrderHoldReleased
from shop.contracts.ordering.operating import GetHeldOrders, HeldOrders
from shop.contracts.payments import (
    ApproveRefund,
    AuthorizationVoided,
    CapturePayment,
    FraudCheckFailed,
    FraudCheckPassed,
    GetPayment,
    PaymentAuthorized,
    PaymentFailed,
    PaymentRequested,
    PaymentSucceeded,
    ReceiveStripeWebhook,
    ReconcilePayments,
    RefundOrder,
    RefundPayment,
    RefundProcessed,
    RefundRequested,
    RejectRefund,
    RetryRefund,
    ReturnDifference,
    VoidAuthorization,
)
from shop.messaging.switchboard import Switchboard

ON_HOLD: set[UUID] = set()
"""Orders that ordering would say are held."""


def _held(query: GetHeldOrders) -> HeldOrders:
    return HeldOrders(order_ids=[order_id for order_id in query.order_ids if order_id in ON_HOLD])


BOARD = Switchboard(
    commands={
        AuthorizePayment: handlers.authorize_payment,
        VoidAuthorization: handlers.void_authorization,
        CapturePayment: handlers.capture_payment,
        RefundPayment: handlers.refund_payment,
        RefundOrder: handlers.refund_order,
        ApproveRefund: handlers.approve_refund,
        RejectRefund: handlers.reject_refund,
        RetryRefund: handlers.retry_refund,
        ReturnDifference: handlers.return_difference,
        ReceiveStripeWebhook: handlers.receive_stripe_webhook,
        ReconcilePayments: handlers.reconcile_payments,
    },
    events={
        OrderConfirmed: [handlers.capture_payment_when_order_confirmed],
        OrderHoldReleased: [handlers.capture_payment_when_hold_released],
        OrderCancelled: [handlers.return_money_when_order_cancelled],
        OrderUndeliverable: [handlers.return_money_when_order_undeliverable],
        ShipmentCreated: [handlers.capture_payment_when_shipment_created],
        PaymentRequested: [],
        PaymentAuthorized: [],
        PaymentFailed: [],
        PaymentSucceeded: [],
        AuthorizationVoided: [],
        FraudCheckPassed: [],
        FraudCheckFailed: [],
        RefundRequested: [handlers.process_refund_when_refund_requested],
        RefundProcessed: [],
    },
    queries={GetPayment: queries.get_payment, GetHeldOrders: _held},
)
