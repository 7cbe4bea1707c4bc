"""Categories and imports for those who keep the catalogue."""

from typing import Any

from django.db import migrations

from config.roles import bring_up_to_date


def make_roles(apps: Any, _editor: Any) -> None:
    """Every role as the table says."""
    bring_up_to_date(apps)


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("config", "0004_roles_reviews")]
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
