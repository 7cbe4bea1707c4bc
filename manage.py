#!/usr/bin/env python
"""Django's command line; development settings unless told otherwise."""

import os
import sys

from django.core.management import execute_from_command_line

from config.keyboard import declare_keyboard


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.development")
    if sys.argv[1:2] == ["services"]:
        # This command looks after the embedded servers, so loading the settings must not start them.
        os.environ["SHOP_EMBEDDED"] = "off"
    declare_keyboard("".join(sys.argv[1:2]))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
