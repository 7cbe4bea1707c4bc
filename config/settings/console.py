"""How the back office looks."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static


def console_style(_request: HttpRequest) -> str:
    """The console's own pieces."""
    return static("console/console.css")


def console_icon(_request: HttpRequest) -> str:
    """What the browser's tab shows."""
    return static("console/icon.svg")


def console_script(_request: HttpRequest) -> str:
    """Dialogs."""
    return static("console/console.js")


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Shop operations",
    "SITE_HEADER": "Shop operations",
    "SITE_SUBHEADER": "Back office",
    "SITE_SYMBOL": "storefront",
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "ENVIRONMENT": "config.navigation.environment",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": console_icon}],
    "LOGIN": {"form": "config.login.LoginForm"},
    "STYLES": [console_style],
    "SCRIPTS": [console_script],
    "COLORS": {
        "primary": {
            "50": "#f0f9ff", "100": "#e0f2fe", "200": "#bae6fd", "300": "#7dd3fc", "400": "#38bdf8", "500": "#0ea5e9",
            "600": "#0369a1", "700": "#075985", "800": "#0c4a6e", "900": "#0b3b58", "950": "#082f49",
        },
    },
    "COMMAND": {"search_models": False, "search_callback": "config.searching.command_search"},
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "show_all_applications": False,
        "navigation": "config.navigation.navigation",
    },
}  # fmt: skip
