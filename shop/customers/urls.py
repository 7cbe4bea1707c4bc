"""Addresses of the customers' API."""

from django.urls import path

from shop.customers import api
from shop.http.routing import resource

CUSTOMER = "customers/<uuid:customer_id>"
ADDRESSES = f"{CUSTOMER}/addresses"

urlpatterns = [
    path("customers", resource(api.RegisterCustomerView)),
    path(CUSTOMER, resource(api.GetCustomerView, api.UpdateCustomerView)),
    path(ADDRESSES, resource(api.GetCustomerAddressesView, api.AddCustomerAddressView)),
    path(f"{ADDRESSES}/<uuid:address_id>", resource(api.UpdateCustomerAddressView, api.RemoveCustomerAddressView)),
    path(f"{CUSTOMER}/sessions", resource(api.GetSessionsView, api.EndSessionsView)),
    path(f"{CUSTOMER}/sessions/<uuid:session_id>", resource(api.EndSessionView)),
    path(f"{CUSTOMER}/password", resource(api.ChangePasswordView)),
    path(f"{CUSTOMER}/email", resource(api.RequestEmailChangeView)),
    path("email-confirmations", resource(api.ConfirmEmailChangeView)),
    path("password-resets", resource(api.RequestPasswordResetView)),
    path("password-resets/confirm", resource(api.ResetPasswordView)),
    path(f"{CUSTOMER}/personal-data", resource(api.GetPersonalDataView)),
    path(f"{CUSTOMER}/erasure", resource(api.EraseCustomerView)),
    path("oauth/token", resource(api.LogInView, api.LogOutView)),
]
