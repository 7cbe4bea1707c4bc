"""Promotions that pause, segments by name, uses that know their order and come back when it is cancelled."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "0003_accounts_segments_erasures")]
    operations = [
        migrations.CreateModel(
            name='CancelledOrder',
            fields=[
                ('order_id', models.UUIDField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.AddField(
            model_name='promotion',
            name='paused',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='promotion',
            name='returns_when_cancelled',
            field=models.BooleanField(db_comment='A use is given back when its order is cancelled', db_default=True, default=True),
        ),
        migrations.AddField(
            model_name='promotion',
            name='version',
            field=models.PositiveIntegerField(db_comment='Grows with every change of the terms', db_default=1, default=1),
        ),
        migrations.AddField(
            model_name='promotionuse',
            name='order_id',
            field=models.UUIDField(blank=True, db_comment='Once its checkout has become an order', null=True),
        ),
        migrations.AlterField(
            model_name='promotion',
            name='customer_segment',
            field=models.CharField(blank=True, db_comment='NEW and RETURNING are rules, every other one is assigned by operators', max_length=30),
        ),
        migrations.AlterField(
            model_name='promotionuse',
            name='promotion',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='promotion_uses', to='shop.promotion'),
        ),
        migrations.AddIndex(
            model_name='promotion',
            index=models.Index(fields=['status', '-id'], name='promotion_status'),
        ),
        migrations.AddIndex(
            model_name='promotion',
            index=models.Index(condition=models.Q(('code', ''), _negated=True), fields=['code'], name='promotion_code_begins', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='promotionuse',
            index=models.Index(fields=['promotion', '-id'], name='promotion_use_newest'),
        ),
        migrations.AddIndex(
            model_name='promotionuse',
            index=models.Index(condition=models.Q(('order_id__isnull', False)), fields=['order_id'], name='promotion_use_order'),
        ),
        migrations.AddIndex(
            model_name='promotionuse',
            index=models.Index(fields=['status', '-id'], name='promotion_use_status'),
        ),
    ]
