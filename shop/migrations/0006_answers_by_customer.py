"""Kept answers can be found by the customer they are about."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "0005_carts_claimed")]
    operations = [
        migrations.AddField(
            model_name='idempotencykey',
            name='customer_id',
            field=models.UUIDField(db_comment='Whom the answer is about, so that an erasure finds it', null=True),
        ),
        migrations.AddIndex(
            model_name='idempotencykey',
            index=models.Index(models.F('customer_id'), condition=models.Q(('customer_id__isnull', False)), name='idempotency_key_customer'),
        ),
    ]
