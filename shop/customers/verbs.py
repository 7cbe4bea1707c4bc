"""What an operator can do to customers, through the same commands as the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import Model
from unfold.widgets import UnfoldAdminTextInputWidget

from shop.console.verbs import CommandVerb, ReasonForm, Verb, locked
from shop.contracts.accounts import AssignSegment, EndSessions, LiftLegalHold, PlaceLegalHold, RemoveFromSegment
from shop.contracts.base import Command
from shop.contracts.customers import UpdateCustomer
from shop.contracts.personal_data import EraseCustomer
from shop.customers.models import CustomerProfile
from shop.customers.states import CustomerState
from shop.messaging.audit import record_action, valid_reason
from shop.messaging.bus import unit_of_work
from shop.messaging.errors import Invalid


class EditForm(ReasonForm):
    """How the customer is called and reached."""

    email = forms.EmailField(label="E-mail", max_length=254, widget=UnfoldAdminTextInputWidget)
    name = forms.CharField(max_length=200, required=False, widget=UnfoldAdminTextInputWidget)
    field_order = ("email", "name", "reason")


class SureForm(ReasonForm):
    """Asks a second time, in the customer's own terms."""

    confirm = forms.CharField(
        label="Type the customer's e-mail address",
        max_length=254,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text="This cannot be undone.",
    )
    field_order = ("confirm", "reason")


class SegmentForm(ReasonForm):
    """Which segment."""

    segment = forms.RegexField(
        r"^[A-Z][A-Z0-9_]{0,29}$",
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "VIP"}),
        help_text="Up to 30 capitals, digits and underscores, a letter first.",
    )
    field_order = ("segment", "reason")


class CustomerVerb(CommandVerb):
    """A verb on one customer. Names and addresses are personal data: the audit row keeps the state only."""

    bulk = False

    def snapshot(self, row: CustomerProfile) -> dict[str, Any]:
        return {"status": str(row.status)}


class Edit(CustomerVerb):
    """Change name or e-mail."""

    name, label, icon, tone = "edit", "Edit", "edit", "good"
    meaning = "Changes what the customer is called and where mail goes. The new address need not confirm."
    form: ClassVar[type[forms.Form]] = EditForm

    def refusal(self, row: CustomerProfile) -> str:
        return "It is closed." if row.status == CustomerState.CLOSED else ""

    def initial(self, row: CustomerProfile | None) -> dict[str, Any]:
        return {"email": row.email, "name": row.name} if row else {}

    def command(self, row: CustomerProfile, given: Mapping[str, Any]) -> Command:
        return UpdateCustomer(customer_id=row.pk, email=given["email"], name=given["name"] or None)

    def sentence(self, row: CustomerProfile, answer: Any) -> str:
        return "saved."


class StatusVerb(CustomerVerb):
    """Moves a customer to one status; the handler keeps the reason and writes the audit row."""

    audited = True
    to: ClassVar[str]
    sources: ClassVar[tuple[str, ...]]

    def refusal(self, row: CustomerProfile) -> str:
        return "" if row.status in self.sources else f"It is {row.get_status_display().lower()}."

    def command(self, row: CustomerProfile, given: Mapping[str, Any]) -> Command:
        reason = str(given["reason"])[:250]
        return UpdateCustomer(customer_id=row.pk, status=self.to, reason=reason)  # type: ignore[arg-type]  # one of the published

    def sentence(self, row: CustomerProfile, answer: Any) -> str:
        return f"is {answer.status.lower()} now."


class Suspend(StatusVerb):
    """No login, no checkout."""

    name, label, icon, tone = "suspend", "Suspend", "block", "bad"
    meaning = "No login and no checkout until it is reactivated; every login ends now. Open orders go on."
    bulk = True
    to, sources = "SUSPENDED", ("ACTIVE",)


class Reactivate(StatusVerb):
    """Everything is allowed again."""

    name, label, icon, tone = "reactivate", "Reactivate", "check", "good"
    meaning = "Everything is allowed again; the customer has to log in anew."
    bulk = True
    to, sources = "ACTIVE", ("SUSPENDED",)


class SureVerb(CustomerVerb):
    """Something final: the e-mail address is typed once more."""

    form: ClassVar[type[forms.Form]] = SureForm

    def must_be_sure(self, row: CustomerProfile, given: Mapping[str, Any]) -> None:
        """Raises ``Invalid`` when something else was typed."""
        if str(given["confirm"]).strip().casefold() != row.email.casefold():
            raise Invalid("not_confirmed", "That is not this customer's e-mail address. Nothing was done.")


class Close(SureVerb, StatusVerb):
    """For good."""

    name, label, icon, tone = "close", "Close", "person_off", "bad"
    meaning = "Closes the account for good and ends every login. The e-mail address stays taken until the customer is erased."
    to, sources = "CLOSED", ("ACTIVE", "SUSPENDED")

    def command(self, row: CustomerProfile, given: Mapping[str, Any]) -> Command:
        self.must_be_sure(row, given)
        return super().command(row, given)


class LogOut(CustomerVerb):
    """Out everywhere."""

    name, label, icon, tone = "logout", "Log out everywhere", "logout", "warn"
    meaning = "Ends every login; the customer has to log in anew."

    def command(self, row: CustomerProfile, given: Mapping[str, Any]) -> Command:
        return EndSessions(customer_id=row.pk)

    def sentence(self, row: CustomerProfile, answer: Any) -> str:
        return "is logged out everywhere."


class Assign(CustomerVerb):
    """Into a segment."""

    name, label, icon = "assign", "Put into a segment", "label"
    meaning = "Promotions for this segment are for these customers from now on."
    bulk = True
    form: ClassVar[type[forms.Form]] = SegmentForm

    def refusal(self, row: CustomerProfile) -> str:
        return "It is closed." if row.status == CustomerState.CLOSED else ""

    def snapshot(self, row: CustomerProfile) -> dict[str, Any]:
        return {"segments": sorted(row.segments.values_list("segment", flat=True))}

    def command(self, row: CustomerProfile, given: Mapping[str, Any]) -> Command:
        return AssignSegment(customer_id=row.pk, segment=given["segment"])

    def sentence(self, row: CustomerProfile, answer: Any) -> str:
        return f"is in {', '.join(answer.segments) or 'no segment'} now."


class Unassign(Assign):
    """Out of a segment."""

    name, label, icon = "unassign", "Take out of a segment", "label_off"
    meaning = "Promotions for this segment are not for these customers any more."

    def command(self, row: CustomerProfile, given: Mapping[str, Any]) -> Command:
        return RemoveFromSegment(customer_id=row.pk, segment=given["segment"])


class Hold(CustomerVerb):
    """Evidence."""

    name, label, icon, tone = "legalhold", "Place a legal hold", "gavel", "warn"
    meaning = "Keeps everything about the customer: no erasure before the hold is lifted."

    def refusal(self, row: CustomerProfile) -> str:
        return "There is one already." if row.legal_hold else ""

    def snapshot(self, row: CustomerProfile) -> dict[str, Any]:
        return {"legal hold": row.legal_hold}

    def command(self, row: CustomerProfile, given: Mapping[str, Any]) -> Command:
        return PlaceLegalHold(customer_id=row.pk, reason=str(given["reason"])[:250])

    def sentence(self, row: CustomerProfile, answer: Any) -> str:
        return "cannot be erased now."


class Lift(Hold):
    """No evidence any more."""

    name, label, icon, tone = "lifthold", "Lift the legal hold", "gavel", "good"
    meaning = "Allows the customer to be erased again."

    def refusal(self, row: CustomerProfile) -> str:
        return "" if row.legal_hold else "There is none."

    def command(self, row: CustomerProfile, given: Mapping[str, Any]) -> Command:
        return LiftLegalHold(customer_id=row.pk, reason=str(given["reason"])[:250])

    def sentence(self, row: CustomerProfile, answer: Any) -> str:
        return "can be erased again."


class Export(Verb):
    """Everything the shop holds, as a file. Who took it and why is written down first; the file comes from the next page."""

    name, label, icon = "export", "Export personal data", "download"
    meaning = "Gives you a file with everything the shop holds about the customer. Who took it and why is written down."
    bulk = False

    def do(self, model: type[Model], key: Any, seen: str, given: Mapping[str, Any]) -> str:
        reason = valid_reason(str(given.get("reason", "")))
        with unit_of_work():
            row = locked(model, key, "")
            record_action(
                verb=f"{model._meta.model_name}.export", target_type=model._meta.label_lower, target_id=row.pk, reason=reason
            )
        return "The download may be taken from this page for the next ten minutes."


class Erase(SureVerb):
    """Forget the customer."""

    name, label, icon, tone = "erase", "Erase personal data", "delete_forever", "bad"
    meaning = (
        "Forgets the customer: profile, addresses and logins now, every other copy within minutes. Orders stay, without name and "
        "address. Refused while an order or a checkout is under way."
    )
    audited = removes = True

    def refusal(self, row: CustomerProfile) -> str:
        return "It is under a legal hold." if row.legal_hold else ""

    def command(self, row: CustomerProfile, given: Mapping[str, Any]) -> Command:
        self.must_be_sure(row, given)
        return EraseCustomer(customer_id=row.pk, reason=str(given["reason"])[:250])

    def sentence(self, row: CustomerProfile, answer: Any) -> str:
        return "is being erased."


VERBS = (
    Edit(), Suspend(), Reactivate(), Close(), LogOut(), Assign(), Unassign(), Hold(), Lift(), Export(), Erase(),
)  # fmt: skip
