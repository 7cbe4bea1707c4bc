"""Which admin site this project has. Apart from the site itself, because apps are loaded before any model is."""

from django.contrib.admin.apps import AdminConfig


class BackOfficeConfig(AdminConfig):
    """Makes ``BackOffice`` the site that every ``@admin.register`` means. Named in INSTALLED_APPS."""

    default_site = "config.backoffice.BackOffice"
