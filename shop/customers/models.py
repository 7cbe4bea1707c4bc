"""Customers and their address books, and apart from them what a login needs: a credential, sessions, counted attempts."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django_fsm import FSMField, transition

from shop.customers.states import CustomerState, VerificationPurpose


class CustomerProfile(models.Model):
    """Who a customer is. Nothing in here lets anybody log in."""

    id = models.UUIDField(primary_key=True)
    email = models.EmailField(max_length=254, db_comment="As the customer writes it")
    email_key = models.CharField(
        max_length=254, unique=True, db_comment="The e-mail address without the difference of case; who has it has it alone"
    )
    name = models.CharField(max_length=200, blank=True)
    status = FSMField(choices=CustomerState.choices, default=CustomerState.ACTIVE, protected=True)
    status_reason = models.CharField(max_length=250, blank=True, default="", db_default="", db_comment="Why it is what it is")
    legal_hold = models.BooleanField(default=False, db_default=False, db_comment="Evidence: must not be erased")
    registered_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "customer"
        constraints = (models.CheckConstraint(condition=Q(status__in=CustomerState.values), name="customer_status_known"),)
        indexes = (
            models.Index(fields=("-registered_at", "-id"), name="customer_newest"),
            models.Index(fields=("-registered_at", "-id"), condition=~Q(status=CustomerState.ACTIVE), name="customer_not_active"),
        )

    def __str__(self) -> str:
        return self.email

    @transition(field=status, source=CustomerState.ACTIVE, target=CustomerState.SUSPENDED)
    def suspend(self) -> None:
        """No login and no checkout until it is reactivated."""

    @transition(field=status, source=CustomerState.SUSPENDED, target=CustomerState.ACTIVE)
    def reactivate(self) -> None:
        """Everything is allowed again; the customer has to log in anew."""

    @transition(field=status, source=[CustomerState.ACTIVE, CustomerState.SUSPENDED], target=CustomerState.CLOSED)
    def close(self) -> None:
        """For good. The e-mail address stays taken."""


class CustomerAddress(models.Model):
    """One entry of an address book."""

    id = models.UUIDField(primary_key=True)
    customer = models.ForeignKey(CustomerProfile, on_delete=models.CASCADE, related_name="addresses", db_index=False)
    recipient_name = models.CharField(max_length=200, blank=True)
    line1 = models.CharField(max_length=200)
    line2 = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=200)
    postal_code = models.CharField(max_length=200)
    country_code = models.CharField(max_length=2)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "address"
        verbose_name_plural = "addresses"
        constraints = (
            models.UniqueConstraint("customer", condition=Q(is_default=True), name="one_default_address"),
            models.CheckConstraint(condition=Q(country_code__regex=r"^[A-Z]{2}$"), name="address_country_is_a_code"),
        )
        indexes = (models.Index("customer", "id", name="address_book"),)

    def __str__(self) -> str:
        return f"{self.line1}, {self.city}"


class CustomerAccount(models.Model):
    """What proves that somebody is this customer: an Argon2 hash. Failed attempts are counted in ``LoginCounter``, by what was
    typed and from where, so that an e-mail address nobody has is locked exactly like one somebody has."""

    customer = models.OneToOneField(CustomerProfile, on_delete=models.CASCADE, primary_key=True, related_name="account")
    password = models.CharField(max_length=200)
    password_changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "account"

    def __str__(self) -> str:
        return str(self.customer_id)


class AuthenticationSession(models.Model):
    """One login: an opaque token of which only the SHA-256 is kept."""

    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(CustomerAccount, on_delete=models.CASCADE, related_name="sessions")
    token_sha256 = models.CharField(max_length=64, unique=True)
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "login session"
        indexes = (models.Index("expires_at", name="session_expiry"),)

    def __str__(self) -> str:
        return str(self.id)


class LoginCounter(models.Model):
    """How often something that costs a password hash was tried lately, by a digest of what was typed and from where."""

    subject = models.CharField(max_length=64, primary_key=True)
    attempts = models.IntegerField()
    window_ends_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index("window_ends_at", name="login_counter_window"),)

    def __str__(self) -> str:
        return self.subject


class Verification(models.Model):
    """A change that waits for a token to come back. Of the token only the SHA-256 is kept; the row goes when it is used."""

    id = models.UUIDField(primary_key=True)
    customer = models.ForeignKey(CustomerProfile, on_delete=models.CASCADE, related_name="verifications", db_index=False)
    purpose = models.CharField(max_length=10, choices=VerificationPurpose)
    token_sha256 = models.CharField(max_length=64, unique=True)
    email = models.EmailField(max_length=254, blank=True, db_default="", db_comment="The new address, for a change of it")
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (models.UniqueConstraint("customer", "purpose", name="one_verification_per_purpose"),)
        indexes = (models.Index("expires_at", name="verification_expiry"),)

    def __str__(self) -> str:
        return f"{self.purpose} {self.id}"


class SegmentMember(models.Model):
    """A customer in a segment that operators have filled; promotions may be meant for it."""

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(CustomerProfile, on_delete=models.CASCADE, related_name="segments", db_index=False)
    segment = models.CharField(max_length=30)
    assigned_at = models.DateTimeField(db_default=Now())
    assigned_by = models.CharField(max_length=120)

    class Meta:
        verbose_name = "segment member"
        constraints = (models.UniqueConstraint("customer", "segment", name="once_in_a_segment"),)
        indexes = (models.Index(fields=("segment", "-id"), name="segment_members"),)

    def __str__(self) -> str:
        return f"{self.customer_id} in {self.segment}"


class Erasure(models.Model):
    """All that is left of a customer: that there was one under this id, when it was erased, and at whose request."""

    customer_id = models.UUIDField(primary_key=True)
    requested_at = models.DateTimeField(db_default=Now())
    requested_by = models.CharField(max_length=120)
    reason = models.CharField(max_length=250, blank=True)

    class Meta:
        indexes = (models.Index(fields=("-requested_at", "-customer_id"), name="erasure_newest"),)

    def __str__(self) -> str:
        return f"erased customer {self.customer_id}"
