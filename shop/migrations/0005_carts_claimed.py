"""Anonymous carts claimed at login; the share of a discount each line has."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "0004_promotions_paused_and_returned")]
    operations = [
        migrations.AddField(
            model_name='cart',
            name='merged_into',
            field=models.UUIDField(blank=True, db_comment='The cart its items went to when its owner logged in', null=True),
        ),
        migrations.AddField(
            model_name='cartitem',
            name='discount',
            field=models.BigIntegerField(db_comment="Its share of the cart's discount, minor units", db_default=0, default=0),
        ),
        migrations.AddIndex(
            model_name='cart',
            index=models.Index(condition=models.Q(('customer_id__isnull', False), ('status', 'OPEN')), fields=['customer_id', '-last_touched_at'], name='cart_open_of_customer'),
        ),
        migrations.AddConstraint(
            model_name='cartitem',
            constraint=models.CheckConstraint(condition=models.Q(('discount__gte', 0)), name='cart_item_discount_not_negative'),
        ),
    ]
