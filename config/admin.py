"""Staff and their roles. Roles come from a migration; people are given them here. Who gave whom what, and why, is on record."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminTextareaWidget

from shop.console.changes import object_changes
from shop.messaging.audit import LONGEST_REASON
from shop.messaging.declaring import deed

admin.site.unregister(User)
admin.site.unregister(Group)

SAFE: Final = ("GET", "HEAD", "OPTIONS")
SAY_WHY: Final = "Say why: this is written into the audit trail."


class Reason(forms.Form):
    """Why somebody gets or loses an account or a right."""

    reason = forms.CharField(
        max_length=LONGEST_REASON,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="Kept in the record of changes with your name.",
        error_messages={"required": SAY_WHY},
    )


class StaffForm(UserChangeForm, Reason):
    """Somebody's account."""


class NewStaffForm(UserCreationForm, Reason):
    """A new account."""


class PasswordForm(AdminPasswordChangeForm, Reason):
    """A new password for somebody else."""


class RoleForm(forms.ModelForm, Reason):
    """What a role may do."""


class OnRecord(ModelAdmin):
    """Django's own forms, each POST one transaction that says who sends it and why."""

    change_form_after_template = "backoffice/changes_of.html"

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._on_record(request, super().changeform_view, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._on_record(request, super().delete_view, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._on_record(request, super().changelist_view, *args, **kwargs)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row = kwargs.get("obj")
        context["changes"] = object_changes(self.model, row, request) if row is not None else []
        response: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return response

    def _on_record(self, request: HttpRequest, view: Any, *args: Any, **kwargs: Any) -> Any:
        if request.method in SAFE:
            return view(request, *args, **kwargs)
        reason = request.POST.get("reason", "").replace("\x00", "").strip()[:LONGEST_REASON]
        if request.POST.get("post") == "yes" and not reason:  # what Django's two pages that confirm a deletion send
            messages.error(request, SAY_WHY)
            return redirect(request.get_full_path())
        with deed(f"{self.opts.model_name}.form", reason):
            return view(request, *args, **kwargs)


@admin.register(User)
class StaffAdmin(OnRecord, UserAdmin):
    """People who may sign in here."""

    form = StaffForm
    add_form = NewStaffForm
    change_password_form = PasswordForm
    change_user_password_template = "backoffice/staff_password.html"  # noqa: S105
    list_display = ("username", "first_name", "last_name", "is_active", "is_superuser", "last_login")
    sortable_by = ()
    list_per_page = 50

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_fieldsets(request, obj), ("Why", {"fields": ("reason",)}))

    def user_change_password(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._on_record(request, super().user_change_password, *args, **kwargs)


@admin.register(Group)
class RoleAdmin(OnRecord, GroupAdmin):
    """What a role may do."""

    form = RoleForm
    list_per_page = 50
