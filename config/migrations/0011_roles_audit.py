"""Who sees and exports what became of rows, added to the roles; and from then on every change of a role is recorded itself."""

from typing import Any

from django.db import migrations

from config import audited, roles
from shop.messaging.audited import bring_up_to_date


def make_roles(apps: Any, _editor: Any) -> None:
    """Every role as the table says."""
    roles.bring_up_to_date(apps)


def make_triggers(_apps: Any, editor: Any) -> None:
    """Every audited table as the table says."""
    bring_up_to_date(editor, audited.AUDITED)


class Migration(migrations.Migration):
    """Data and triggers. Every table that is audited has to be there."""

    dependencies = [
        ("config", "0010_roles_changes"),
        ("messaging", "0005_object_changes"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("otp_totp", "0003_add_timestamps"),
        ("shop", "0007_old_carts"),
        ("outward", "0001_webhooks_and_stream"),
        ("catalog", "0004_import_rows_by_sku"),
        ("ordering", "0007_archive"),
        ("payments", "0005_forgone"),
        ("fulfilment", "0004_webhooks_of_shipments"),
        ("reviews", "0002_deny_words"),
    ]
    operations = [
        migrations.RunPython(make_roles, migrations.RunPython.noop),
        migrations.RunPython(make_triggers, migrations.RunPython.noop),
    ]
