"""The roles of the back office. A later change of ``config/roles.py`` comes with a migration that does the same again."""

from typing import Any

from django.db import migrations

from config.roles import bring_up_to_date


def make_roles(apps: Any, _editor: Any) -> None:
    """Every role as the table says."""
    bring_up_to_date(apps)


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("auth", "0012_alter_user_first_name_max_length"), ("contenttypes", "0002_remove_content_type_name")]
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
