"""What a customer does with the account, segments, legal holds, and what is left of an erased customer."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop", "0002_carts_and_promotions")]
    operations = [
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('customer_id', models.UUIDField(primary_key=True, serialize=False)),
                ('requested_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('requested_by', models.CharField(max_length=120)),
                ('reason', models.CharField(blank=True, max_length=250)),
            ],
        ),
        migrations.CreateModel(
            name='SegmentMember',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('segment', models.CharField(max_length=30)),
                ('assigned_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('assigned_by', models.CharField(max_length=120)),
            ],
            options={
                'verbose_name': 'segment member',
            },
        ),
        migrations.CreateModel(
            name='Verification',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('purpose', models.CharField(choices=[('EMAIL', 'Another e-mail address'), ('PASSWORD', 'Another password')], max_length=10)),
                ('token_sha256', models.CharField(max_length=64, unique=True)),
                ('email', models.EmailField(blank=True, db_comment='The new address, for a change of it', db_default='', max_length=254)),
                ('expires_at', models.DateTimeField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.AddField(
            model_name='customerprofile',
            name='legal_hold',
            field=models.BooleanField(db_comment='Evidence: must not be erased', db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='customerprofile',
            name='status_reason',
            field=models.CharField(blank=True, db_comment='Why it is what it is', db_default='', default='', max_length=250),
        ),
        migrations.AddIndex(
            model_name='customerprofile',
            index=models.Index(condition=models.Q(('status', 'ACTIVE'), _negated=True), fields=['-registered_at', '-id'], name='customer_not_active'),
        ),
        migrations.AddIndex(
            model_name='erasure',
            index=models.Index(fields=['-requested_at', '-customer_id'], name='erasure_newest'),
        ),
        migrations.AddField(
            model_name='segmentmember',
            name='customer',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='segments', to='shop.customerprofile'),
        ),
        migrations.AddField(
            model_name='verification',
            name='customer',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='verifications', to='shop.customerprofile'),
        ),
        migrations.AddIndex(
            model_name='segmentmember',
            index=models.Index(fields=['segment', '-id'], name='segment_members'),
        ),
        migrations.AddConstraint(
            model_name='segmentmember',
            constraint=models.UniqueConstraint(models.F('customer'), models.F('segment'), name='once_in_a_segment'),
        ),
        migrations.AddIndex(
            model_name='verification',
            index=models.Index(models.F('expires_at'), name='verification_expiry'),
        ),
        migrations.AddConstraint(
            model_name='verification',
            constraint=models.UniqueConstraint(models.F('customer'), models.F('purpose'), name='one_verification_per_purpose'),
        ),
    ]
