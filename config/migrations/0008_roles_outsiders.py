"""What may be done for partners, added to the roles."""

from typing import Any

from django.db import migrations

from config.roles import bring_up_to_date


def make_roles(apps: Any, _editor: Any) -> None:
    """Every role as the table says."""
    bring_up_to_date(apps)


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("config", "0007_roles_people")]
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
