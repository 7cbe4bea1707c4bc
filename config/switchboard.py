"""Every message and who answers it: the table of contents of the running system."""

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings

from catalog.categories import handlers as categories
from catalog.categories import queries as category_queries
from catalog.categories.invariants import category_violations
from catalog.enrichment import handlers as enrichment
from catalog.feeds import handlers as feeds
from catalog.feeds import queries as feed_queries
from catalog.feeds.invariants import import_violations
from catalog.images import handlers as images
from catalog.products import handlers as products
from catalog.products import queries as product_queries
from catalog.products.invariants import product_violations
from catalog.products.snapshots import get_product_snapshots
from catalog.search import handlers as search
from catalog.search.invariants import search_violations
from catalog.search.queries import get_search_rebuild
from catalog.search.searching import search_products
from catalog.uploads import handlers as uploads
from config.deliveries import violations_on_the_way
from config.invariants import violations_about_customers, violations_between_departments
from fulfilment import personal_data as destinations
from fulfilment.inventory import handlers as inventory
from fulfilment.inventory import queries as inventory_queries
from fulfilment.inventory.invariants import check as inventory_violations
from fulfilment.shipping import handlers as shipping
from fulfilment.shipping import queries as shipping_queries
from fulfilment.shipping.invariants import check as shipping_violations
from fulfilment.warehouse import handlers as warehouse
from fulfilment.warehouse.invariants import check as warehouse_violations
from ordering import personal_data as orders_of_customer
from ordering.amending.saga import Amendment
from ordering.checkout import queries as checkout_queries
from ordering.checkout.invariants import checkout_violations
from ordering.checkout.saga import Checkout
from ordering.orders import amendments
from ordering.orders import handlers as orders
from ordering.orders import queries as order_queries
from ordering.orders.invariants import order_violations
from payments import handlers as payments
from payments import personal_data as payments_of_customer
from payments import queries as payment_queries
from payments.invariants import check as payment_violations
from reviews.erasure import handlers as erasure
from reviews.flags import handlers as flags
from reviews.invariants import review_violations
from reviews.moderation import handlers as moderation
from reviews.purchases import handlers as purchases
from reviews.ratings import handlers as ratings
from reviews.screening import handlers as screening
from reviews.submissions import handlers as submissions
from reviews.submissions import queries as review_queries
from reviews.votes import handlers as votes
from shop.carts import claiming
from shop.carts import handlers as carts
from shop.carts import personal_data as carts_of_customer
from shop.carts import queries as cart_queries
from shop.carts.invariants import cart_violations
from shop.console.batches import handlers as batches
from shop.console.batches.invariants import batch_violations
from shop.console.checking import handlers as checking
from shop.contracts.accounts import (
    AdmitToCheckout,
    AssignSegment,
    ChangePassword,
    ConfirmEmailChange,
    EmailChangeRequested,
    EndSession,
    EndSessions,
    GetSegments,
    GetSessions,
    LiftLegalHold,
    PasswordChanged,
    PasswordResetRequested,
    PlaceLegalHold,
    RemoveFromSegment,
    RequestEmailChange,
    RequestPasswordReset,
    ResetPassword,
)
from shop.contracts.base import Command, Event, Message, Query
from shop.contracts.categories import CreateCategory, DeleteCategory, GetCategories, MoveCategory, RenameCategory
from shop.contracts.console import (
    CheckInvariants,
    CheckNextInvariant,
    ContinueBatch,
    PruneBatches,
    RetryBatch,
    RunBatch,
    StopBatch,
)
from shop.contracts.customers import (
    AddCustomerAddress,
    AuthenticateCustomer,
    CustomerAuthenticated,
    CustomerRegistered,
    CustomerUpdated,
    GetCustomer,
    GetCustomerAddresses,
    PurgeLogins,
    RegisterCustomer,
    RemoveCustomerAddress,
    RevokeSession,
    UpdateCustomer,
    UpdateCustomerAddress,
)
from shop.contracts.feeds import (
    ApplyProductImport,
    ApplyProductImportChunk,
    CancelProductImport,
    DiscardFiles,
    GetProductImport,
    GetProductImportRows,
    PruneUploads,
    RecordUpload,
    StageProductImport,
    StartProductImport,
)
from shop.contracts.fulfilment.adjusting import (
    AdjustReservation,
    ReservationAdjusted,
    ReservationNotAdjusted,
    ReservationReverted,
    RevertReservation,
)
from shop.contracts.fulfilment.decisions import OrderUndeliverable, ShortPickAccepted
from shop.contracts.fulfilment.inventory import (
    AdjustStock,
    ConsumeReservation,
    ExpireReservations,
    ExtendReservation,
    GetStockLevel,
    GetStockLevels,
    InventoryConsumed,
    InventoryReleased,
    InventoryReserved,
    InventoryUnavailable,
    ReceiveStock,
    RecountStock,
    ReleaseInventory,
    SetLowStockThreshold,
    StockLow,
)
from shop.contracts.fulfilment.shipping import (
    CreateShipment,
    FollowShipments,
    GetOrderShipment,
    GetShipment,
    GiveUpShipment,
    HandOverOrder,
    MarkShipmentLost,
    OrderPacked,
    OrderReadyForShipping,
    ReceiveCarrierWebhook,
    RedeliverShipment,
    ReplaceShipment,
    RetryBooking,
    ShipmentCreated,
    ShipmentDelivered,
    ShipmentFailed,
    TrackShipment,
)
from shop.contracts.fulfilment.warehouse import (
    AcceptShortPick,
    FindMissing,
    GiveUpPicking,
    PackOrder,
    PickAllLines,
    PickLine,
    StartPicking,
)
from shop.contracts.messaging import ForgetAnswers, PruneAuditTrail, PruneMessages, RedactMessages
from shop.contracts.moderation import (
    AddDenyWord,
    ApproveReview,
    DismissReviewFlags,
    RebuildRatings,
    RefreshRatings,
    RejectReview,
    RemoveDenyWord,
    UndoModeration,
)
from shop.contracts.ordering.amending import (
    AmendmentRefused,
    AmendOrder,
    ApplyAmendment,
    GetAmendment,
    OrderAmendmentCompleted,
    OrderAmendmentRejected,
    OrderAmendmentRequested,
    PreviewAmendment,
    PreviewOrderAmendment,
)
from shop.contracts.ordering.archiving import ArchiveOrder, ArchiveOrders, GetArchivedOrder, SetLegalHold
from shop.contracts.ordering.checkout import AuthorizePayment, CheckoutAborted, CheckoutCompleted, GetCheckout, ReserveInventory
from shop.contracts.ordering.events import (
    OrderAmended,
    OrderArchived,
    OrderCancelled,
    OrderCompleted,
    OrderConfirmed,
    OrderCreated,
    OrderCreatedV03,
    OrderCreatedV06,
    OrderDeliveryAddressChanged,
    OrderFulfilmentStarted,
    OrderHoldReleased,
    OrderPlacedOnHold,
    OrderStatusChanged,
)
from shop.contracts.ordering.operating import ChangeDeliveryAddress, GetHeldOrders, ReleaseOrder, ReleaseOrders
from shop.contracts.ordering.orders import (
    CancelOrder,
    CreateOrder,
    GetOrder,
    GetOrdersForFulfilment,
    GetOrderStatusHistory,
    ListOrders,
    PlaceOrderHold,
    ReleaseOrderHold,
)
from shop.contracts.outward import (
    CreateWebhookEndpoint,
    DeliverWebhook,
    DisableWebhookEndpoint,
    EnableWebhookEndpoint,
    GetWebhookEndpoint,
    ListWebhookEndpoints,
    ListWebhookSendings,
    PruneOutward,
    RedeliverWebhook,
    RelayEventStream,
    RotateWebhookSecret,
    SendTestWebhook,
    UpdateWebhookEndpoint,
    WebhookEndpointDisabled,
)
from shop.contracts.payments import (
    ApproveRefund,
    AuthorizationVoided,
    AuthorizeDifference,
    CapturePayment,
    DifferenceAuthorized,
    DifferenceDeclined,
    DifferenceVoided,
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
    VoidDifference,
)
from shop.contracts.personal_data import (
    CustomerErased,
    EraseCustomer,
    ForgetCarrierWebhooks,
    ForgetCarts,
    ForgetOrders,
    ForgetStripeWebhooks,
    GetCartsOfCustomer,
    GetOpenBusiness,
    GetOrdersOfCustomer,
    GetPersonalData,
    GetPromotionUsesOfCustomer,
    GetReviewsOfCustomer,
    OrderPseudonymised,
)
from shop.contracts.products import (
    AddProductImage,
    AddVariant,
    ArrangeProductImages,
    CreateProduct,
    DeleteProduct,
    EnrichProducts,
    GetProduct,
    GetProducts,
    ProductCreated,
    ProductDeleted,
    ProductUpdated,
    RefileProducts,
    RemoveProductImage,
    RenderProductImage,
    UpdateProduct,
)
from shop.contracts.promotions import (
    ActivatePromotion,
    ClonePromotion,
    CreatePromotion,
    EndPromotion,
    HoldPromotionUse,
    PausePromotion,
    ResumePromotion,
    UpdatePromotion,
)
from shop.contracts.reviews import (
    FlagReview,
    GetProductReviews,
    RatingUpdated,
    ReviewFlagged,
    ReviewHelpfulVoted,
    ReviewPublished,
    ReviewRejected,
    ReviewSubmitted,
    ReviewWithdrawn,
    SubmitReview,
    VoteReviewHelpful,
)
from shop.contracts.search import (
    AbandonSearchRebuild,
    ClearSearchGeneration,
    DropSearchIndex,
    FillSearchIndex,
    GetSearchRebuild,
    PushSearchDocuments,
    RebuildSearch,
    ReindexProducts,
    SearchProducts,
)
from shop.contracts.shopping import (
    AbandonCarts,
    AddItemToCart,
    CalculateDiscount,
    CartAbandoned,
    CartCheckedOut,
    CartClaimed,
    CheckoutCart,
    ClaimCart,
    CreateCart,
    DiscountCalculated,
    GetCart,
    GetCheckedOutCart,
    PurgeCarts,
    RemoveItemFromCart,
)
from shop.contracts.snapshots import GetProductSnapshots
from shop.customers import accounts, admission, personal_data, segments, sessions
from shop.customers import erasure as customer_erasure
from shop.customers import handlers as customers
from shop.customers import queries as customer_queries
from shop.customers.invariants import customer_violations
from shop.http import handlers as http
from shop.messaging.audit_retention import prune_audit_trail
from shop.messaging.handlers import Handler
from shop.messaging.redaction import redact_messages
from shop.messaging.retention import prune_messages
from shop.messaging.routing import Route, ordered, route
from shop.messaging.switchboard import Every, Switchboard
from shop.outward import handlers as outward
from shop.outward import queries as outward_queries
from shop.outward.invariants import check as outward_violations
from shop.promotions import editing as promotion_terms
from shop.promotions import handlers as promotions
from shop.promotions import queries as promotion_queries
from shop.promotions.invariants import promotion_violations

COMMANDS: dict[type[Command], Handler | Route] = {
    # Shopping
    CreateCart: carts.create_cart,
    AddItemToCart: carts.add_item_to_cart,
    RemoveItemFromCart: carts.remove_item_from_cart,
    CheckoutCart: carts.checkout_cart,
    AbandonCarts: carts.abandon_carts,
    PurgeCarts: carts.purge_carts,
    ClaimCart: claiming.claim_cart,
    ForgetCarts: carts_of_customer.forget_carts,
    CalculateDiscount: promotions.calculate_discount,
    HoldPromotionUse: promotions.hold_promotion_use,
    CreatePromotion: promotions.create_promotion,
    ActivatePromotion: promotions.activate_promotion,
    EndPromotion: promotions.end_promotion,
    UpdatePromotion: promotion_terms.update_promotion,
    PausePromotion: promotion_terms.pause_promotion,
    ResumePromotion: promotion_terms.resume_promotion,
    ClonePromotion: promotion_terms.clone_promotion,
    RegisterCustomer: customers.register_customer,
    UpdateCustomer: customers.update_customer,
    AddCustomerAddress: customers.add_customer_address,
    UpdateCustomerAddress: customers.update_customer_address,
    RemoveCustomerAddress: customers.remove_customer_address,
    AuthenticateCustomer: customers.authenticate_customer,
    RevokeSession: customers.revoke_session,
    PurgeLogins: customers.purge_logins,
    EndSession: sessions.end_session,
    EndSessions: sessions.end_sessions,
    ChangePassword: accounts.change_password,
    RequestPasswordReset: accounts.request_password_reset,
    ResetPassword: accounts.reset_password,
    RequestEmailChange: accounts.request_email_change,
    ConfirmEmailChange: accounts.confirm_email_change,
    AdmitToCheckout: admission.admit_to_checkout,
    AssignSegment: segments.assign_segment,
    RemoveFromSegment: segments.remove_from_segment,
    PlaceLegalHold: customer_erasure.place_legal_hold,
    LiftLegalHold: customer_erasure.lift_legal_hold,
    EraseCustomer: customer_erasure.erase_customer,
    ForgetAnswers: http.forget_answers,
    # Catalogue
    CreateProduct: products.create_product,
    UpdateProduct: products.update_product,
    DeleteProduct: products.delete_product,
    AddVariant: products.add_variant,
    RefileProducts: products.refile_products,
    EnrichProducts: enrichment.enrich_products,
    CreateCategory: categories.create_category,
    RenameCategory: categories.rename_category,
    MoveCategory: categories.move_category,
    DeleteCategory: categories.delete_category,
    AddProductImage: images.add_product_image,
    RenderProductImage: images.render_product_image,
    RemoveProductImage: images.remove_product_image,
    ArrangeProductImages: images.arrange_product_images,
    RecordUpload: uploads.record_upload,
    DiscardFiles: uploads.discard_files,
    PruneUploads: uploads.prune_uploads,
    StartProductImport: feeds.start_product_import,
    StageProductImport: feeds.stage_product_import,
    ApplyProductImport: feeds.apply_product_import,
    ApplyProductImportChunk: feeds.apply_product_import_chunk,
    CancelProductImport: feeds.cancel_product_import,
    ReindexProducts: search.reindex_products,
    RebuildSearch: search.rebuild_search,
    FillSearchIndex: search.fill_search_index,
    ClearSearchGeneration: search.clear_search_generation,
    AbandonSearchRebuild: search.abandon_search_rebuild,
    PushSearchDocuments: search.push_search_documents,
    DropSearchIndex: search.drop_search_index,
    # Ordering
    CreateOrder: orders.create_order,
    PlaceOrderHold: orders.place_order_hold,
    ReleaseOrderHold: orders.release_order_hold,
    CancelOrder: orders.cancel_order,
    ArchiveOrders: orders.archive_orders,
    ArchiveOrder: orders.archive_order,
    SetLegalHold: orders.set_legal_hold,
    ChangeDeliveryAddress: orders.change_delivery_address,
    AmendOrder: orders.amend_order,
    PreviewOrderAmendment: orders.preview_order_amendment,
    ApplyAmendment: orders.apply_amendment,
    ForgetOrders: orders_of_customer.forget_orders,
    ReleaseOrders: orders.release_orders,
    ReleaseOrder: orders.release_order,
    # Payments
    AuthorizePayment: payments.authorize_payment,
    VoidAuthorization: payments.void_authorization,
    CapturePayment: payments.capture_payment,
    RefundPayment: payments.refund_payment,
    RefundOrder: payments.refund_order,
    ApproveRefund: payments.approve_refund,
    RejectRefund: payments.reject_refund,
    RetryRefund: payments.retry_refund,
    ReturnDifference: payments.return_difference,
    AuthorizeDifference: payments.authorize_difference,
    VoidDifference: payments.void_difference,
    ReceiveStripeWebhook: payments.receive_stripe_webhook,
    ReconcilePayments: payments.reconcile_payments,
    # Fulfilment
    ReserveInventory: inventory.reserve_inventory,
    ReleaseInventory: inventory.release_inventory,
    AdjustReservation: inventory.adjust_reservation,
    RevertReservation: inventory.revert_reservation,
    ConsumeReservation: inventory.consume_reservation,
    ExtendReservation: inventory.extend_reservation,
    ExpireReservations: inventory.expire_reservations,
    ReceiveStock: inventory.receive_stock,
    AdjustStock: inventory.adjust_stock,
    RecountStock: inventory.recount_stock,
    SetLowStockThreshold: inventory.set_low_stock_threshold,
    StartPicking: warehouse.start_picking,
    PickLine: warehouse.pick_line,
    PickAllLines: warehouse.pick_all_lines,
    FindMissing: warehouse.find_missing,
    AcceptShortPick: warehouse.accept_short_pick,
    GiveUpPicking: warehouse.give_up_picking,
    PackOrder: warehouse.pack_order,
    CreateShipment: shipping.create_shipment,
    RetryBooking: shipping.retry_booking,
    RedeliverShipment: shipping.redeliver_shipment,
    ReplaceShipment: shipping.replace_shipment,
    MarkShipmentLost: shipping.mark_shipment_lost,
    GiveUpShipment: shipping.give_up_shipment,
    HandOverOrder: shipping.hand_over_order,
    TrackShipment: shipping.track_shipment,
    FollowShipments: shipping.follow_shipments,
    ReceiveCarrierWebhook: shipping.receive_carrier_webhook,
    # Reviews
    SubmitReview: submissions.submit_review,
    FlagReview: flags.flag_review,
    VoteReviewHelpful: votes.vote_review_helpful,
    ApproveReview: moderation.approve_review,
    RejectReview: moderation.reject_review,
    DismissReviewFlags: moderation.dismiss_review_flags,
    UndoModeration: moderation.undo_moderation,
    AddDenyWord: screening.add_deny_word,
    RemoveDenyWord: screening.remove_deny_word,
    RefreshRatings: route(ratings.refresh_ratings, queue="reviews"),
    RebuildRatings: ratings.rebuild_ratings,
    # Outsiders
    CreateWebhookEndpoint: outward.create_webhook_endpoint,
    UpdateWebhookEndpoint: outward.update_webhook_endpoint,
    EnableWebhookEndpoint: outward.enable_webhook_endpoint,
    DisableWebhookEndpoint: outward.disable_webhook_endpoint,
    RotateWebhookSecret: outward.rotate_webhook_secret,
    SendTestWebhook: route(outward.send_test_webhook, queue="outward"),
    RedeliverWebhook: outward.redeliver_webhook,
    DeliverWebhook: route(outward.deliver_webhook, queue="outward"),
    RelayEventStream: route(outward.relay_event_stream, queue="outward"),
    PruneOutward: outward.prune_outward,
    # The back office
    RunBatch: batches.run_batch,
    StopBatch: batches.stop_batch,
    ContinueBatch: batches.continue_batch,
    RetryBatch: batches.retry_batch,
    PruneBatches: batches.prune_batches,
    CheckInvariants: checking.check_invariants,
    # A statement of theirs may take seconds: on the queue of work that nobody waits for.
    CheckNextInvariant: route(checking.check_next_invariant, queue="catalog"),
    # The mailbox itself
    PruneMessages: prune_messages,
    PruneAuditTrail: prune_audit_trail,
    RedactMessages: redact_messages,
    ForgetStripeWebhooks: payments_of_customer.forget_stripe_webhooks,
    ForgetCarrierWebhooks: destinations.forget_carrier_webhooks,
}

# What happens to a product reaches the index in its order.
INDEXING = ordered(search.index_products_when_catalogue_changed)

# An empty list says: nobody listens, on purpose.
EVENTS: dict[type[Event], Sequence[Handler | Route]] = {
    # Shopping
    CartCheckedOut: [],
    CartAbandoned: [],
    CartClaimed: [],
    DiscountCalculated: [],
    CustomerRegistered: [],
    CustomerUpdated: [],
    CustomerAuthenticated: [],
    CustomerErased: [
        carts_of_customer.forget_carts_when_customer_erased,
        http.forget_answers_when_customer_erased,
        orders_of_customer.forget_orders_when_customer_erased,
        erasure.forget_author_when_customer_erased,
    ],
    PasswordResetRequested: [],
    PasswordChanged: [],
    EmailChangeRequested: [],
    # Catalogue
    ProductCreated: [INDEXING],
    ProductUpdated: [INDEXING],
    ProductDeleted: [INDEXING],
    # Ordering
    CheckoutCompleted: [promotions.keep_promotion_uses_when_checkout_completed],
    CheckoutAborted: [promotions.give_back_promotion_uses_when_checkout_aborted],
    OrderCreatedV03: [],
    OrderCreatedV06: [],
    OrderCreated: [inventory.bind_reservation_when_order_created],
    OrderConfirmed: [payments.capture_payment_when_order_confirmed],
    OrderStatusChanged: [],
    OrderCompleted: [purchases.remember_purchases_when_order_completed],
    OrderPlacedOnHold: [],
    OrderHoldReleased: [payments.capture_payment_when_hold_released],
    OrderCancelled: [
        promotions.give_back_promotion_uses_when_order_cancelled,
        inventory.release_reservation_when_order_cancelled,
        payments.return_money_when_order_cancelled,
        warehouse.stop_picking_when_order_cancelled,
    ],
    OrderAmended: [],
    OrderAmendmentRequested: [],
    AmendmentRefused: [],
    OrderAmendmentCompleted: [],
    OrderAmendmentRejected: [orders.close_amendment_when_rejected],
    OrderArchived: [],
    OrderFulfilmentStarted: [warehouse.create_picking_job_when_fulfilment_started],
    OrderDeliveryAddressChanged: [shipping.replace_address_when_delivery_address_changed],
    OrderPseudonymised: [
        payments_of_customer.forget_webhooks_when_order_pseudonymised,
        destinations.forget_destinations_when_order_pseudonymised,
    ],
    # Payments
    PaymentRequested: [],
    PaymentAuthorized: [],
    PaymentFailed: [],
    PaymentSucceeded: [orders.await_fulfilment_when_payment_succeeded],
    AuthorizationVoided: [],
    FraudCheckPassed: [],
    FraudCheckFailed: [],
    DifferenceAuthorized: [],
    DifferenceDeclined: [],
    DifferenceVoided: [],
    RefundRequested: [payments.process_refund_when_refund_requested],
    RefundProcessed: [],
    # Fulfilment
    InventoryReserved: [],
    InventoryUnavailable: [],
    InventoryReleased: [],
    ReservationAdjusted: [],
    ReservationNotAdjusted: [],
    ReservationReverted: [],
    InventoryConsumed: [],
    StockLow: [],
    OrderPacked: [shipping.wait_for_customer_when_order_packed],
    OrderReadyForShipping: [shipping.book_shipment_when_order_ready],
    ShipmentCreated: [orders.note_shipment_when_created, payments.capture_payment_when_shipment_created],
    ShipmentDelivered: [orders.complete_order_when_shipment_delivered],
    ShipmentFailed: [orders.free_address_when_shipment_failed],
    ShortPickAccepted: [orders.reduce_order_when_short_pick_accepted],
    OrderUndeliverable: [
        orders.give_up_order_when_undeliverable,
        inventory.release_reservation_when_order_undeliverable,
        payments.return_money_when_order_undeliverable,
    ],
    # Reviews
    ReviewSubmitted: [screening.screen_review_when_submitted],
    ReviewPublished: [ratings.count_review_when_published],
    ReviewRejected: [ratings.count_review_no_longer_when_rejected],
    ReviewWithdrawn: [ratings.count_review_no_longer_when_withdrawn],
    ReviewFlagged: [screening.screen_review_again_when_flagged],
    ReviewHelpfulVoted: [],
    RatingUpdated: [route(ratings.tell_redis_when_rating_updated, queue="reviews"), INDEXING],
    # Outsiders
    WebhookEndpointDisabled: [],
}

QUERIES: dict[type[Query], Callable[[Any], Any]] = {
    # Shopping
    GetCart: cart_queries.get_cart,
    GetCheckedOutCart: cart_queries.get_checked_out_cart,
    GetCustomer: customer_queries.get_customer,
    GetCustomerAddresses: customer_queries.get_customer_addresses,
    GetSessions: sessions.get_sessions,
    GetSegments: segments.get_segments,
    GetPersonalData: personal_data.get_personal_data,
    GetCartsOfCustomer: carts_of_customer.get_carts_of_customer,
    GetPromotionUsesOfCustomer: promotion_queries.get_promotion_uses_of_customer,
    # Catalogue
    GetProduct: product_queries.get_product,
    GetProducts: product_queries.get_products,
    GetCategories: category_queries.get_categories,
    GetProductImport: feed_queries.get_product_import,
    GetProductImportRows: feed_queries.get_product_import_rows,
    GetProductSnapshots: get_product_snapshots,
    SearchProducts: search_products,
    GetSearchRebuild: get_search_rebuild,
    # Ordering
    GetCheckout: checkout_queries.get_checkout,
    GetOrder: order_queries.get_order,
    ListOrders: order_queries.list_orders,
    GetOrderStatusHistory: order_queries.get_order_status_history,
    PreviewAmendment: amendments.preview_amendment,
    GetArchivedOrder: amendments.get_archived_order,
    GetAmendment: amendments.get_amendment,
    GetOrdersOfCustomer: orders_of_customer.get_orders_of_customer,
    GetOpenBusiness: orders_of_customer.get_open_business,
    GetHeldOrders: order_queries.get_held_orders,
    GetOrdersForFulfilment: order_queries.get_orders_for_fulfilment,
    # Payments
    GetPayment: payment_queries.get_payment,
    # Fulfilment
    GetStockLevel: inventory_queries.get_stock_level,
    GetStockLevels: inventory_queries.get_stock_levels,
    GetShipment: shipping_queries.get_shipment,
    GetOrderShipment: shipping_queries.get_order_shipment,
    # Reviews
    GetProductReviews: review_queries.get_product_reviews,
    GetReviewsOfCustomer: review_queries.get_reviews_of_customer,
    # Outsiders
    GetWebhookEndpoint: outward_queries.get_webhook_endpoint,
    ListWebhookEndpoints: outward_queries.list_webhook_endpoints,
    ListWebhookSendings: outward_queries.list_webhook_sendings,
}

TIMETABLE: list[Every] = [
    Every(300, AbandonCarts()),
    Every(900, PurgeLogins()),
    Every(900, ForgetAnswers()),
    Every(10, ExpireReservations()),
    Every(10, ReconcilePayments()),
    Every(60, EnrichProducts()),
    Every(3_600, PruneUploads()),
    Every(30, FollowShipments()),
    Every(10, ReleaseOrders()),
    Every(3_600, ArchiveOrders()),
    Every(3_600, PurgeCarts()),
    Every(60, RefreshRatings()),
    Every(3_600, PruneMessages()),
    Every(3_600, PruneAuditTrail()),
    Every(3_600, PruneOutward()),
    Every(3_600, PruneBatches()),
    *([Every(3_600 * settings.INVARIANTS_EVERY_HOURS, CheckInvariants())] if settings.INVARIANTS_EVERY_HOURS else []),
    *([Every(10, RelayEventStream())] if settings.EVENT_STREAM else []),
]

# Published and not served yet: the system check knows them by name, so that a forgotten one cannot hide among them.
LATER: tuple[type[Message], ...] = ()

# Whoever gets every event, on behalf of outsiders: nobody unless the shop is told to.
TAPS: list[Route] = [
    *([ordered(outward.note_event_for_stream_when_it_happened, queue="outward")] if settings.EVENT_STREAM else []),
    *([route(outward.collect_webhooks_when_event_happened, queue="outward")] if settings.PARTNER_WEBHOOKS else []),
]

SWITCHBOARD = Switchboard(
    commands=COMMANDS,
    events=EVENTS,
    queries=QUERIES,
    sagas=(Checkout, Amendment),
    timetable=TIMETABLE,
    invariants={
        "Carts": cart_violations,
        "Promotions": promotion_violations,
        "Customers": customer_violations,
        "Checkouts": checkout_violations,
        "Orders": order_violations,
        "Payments": payment_violations,
        "Stock": inventory_violations,
        "Categories": category_violations,
        "Products": product_violations,
        "Imports": import_violations,
        "Warehouse": warehouse_violations,
        "Shipments": shipping_violations,
        "Search": search_violations,
        "Reviews": review_violations,
        "Partners": outward_violations,
        "Batches": batch_violations,
        "Between departments": violations_between_departments,
        "Erased customers": violations_about_customers,
        "Mail on the way": violations_on_the_way,
    },
    later=LATER,
    taps=TAPS,
)
