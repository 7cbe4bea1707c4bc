"""The deny words a new shop starts with. Moderators edit them from then on."""

from typing import Any

from django.db import migrations

from reviews.screening.words import load_shipped


def load(apps: Any, _editor: Any) -> None:
    """Every word of the shipped list."""
    load_shipped(apps.get_model("reviews", "DenyWord"))


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("reviews", "0001_reviews")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
