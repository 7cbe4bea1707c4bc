"""What becomes of rows, recorded by triggers, and an audit trail that refuses to be changed.

An action of before has no transaction id: a column added with its default would give all of them this migration's.
"""

import django.db.models.functions.datetime
import shop.messaging.models
from django.db import migrations, models

from shop.messaging.audit_sql import GUARD, RECORD, guards


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0004_subscriptions'),
    ]

    operations = [
        migrations.CreateModel(
            name='ObjectChange',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('table_name', models.CharField(max_length=63)),
                ('object_id', models.CharField(max_length=64)),
                ('operation', models.CharField(choices=[('insert', 'Added'), ('update', 'Changed'), ('delete', 'Removed')], max_length=6)),
                ('actor', models.CharField(db_comment='As in messages; database:<role> for whoever came past the application', max_length=120)),
                ('via', models.CharField(blank=True, db_comment='application_name of the connection', max_length=64)),
                ('verb', models.CharField(blank=True, max_length=60)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('before', models.JSONField(default=dict)),
                ('after', models.JSONField(default=dict)),
                ('correlation_id', models.UUIDField(null=True)),
                ('request_id', models.CharField(blank=True, db_comment='Of the HTTP request, as in the log', max_length=64)),
                ('transaction_id', models.BigIntegerField()),
            ],
            options={
                'verbose_name': 'change',
            },
        ),
        migrations.AddField(
            model_name='operatoraction',
            name='transaction_id',
            field=models.BigIntegerField(db_comment='The same as that of the changes it made; null before these were kept', null=True),
        ),
        migrations.AlterField(
            model_name='operatoraction',
            name='transaction_id',
            field=models.BigIntegerField(db_comment='The same as that of the changes it made; null before these were kept', db_default=shop.messaging.models.TransactionId(), null=True),
        ),
        migrations.AddIndex(
            model_name='operatoraction',
            index=models.Index(fields=['at', 'id'], name='action_at'),
        ),
        migrations.AddIndex(
            model_name='operatoraction',
            index=models.Index(fields=['transaction_id'], name='action_transaction'),
        ),
        migrations.AddIndex(
            model_name='objectchange',
            index=models.Index(fields=['table_name', 'object_id', '-id'], name='change_object'),
        ),
        migrations.AddIndex(
            model_name='objectchange',
            index=models.Index(fields=['table_name', '-id'], name='change_table'),
        ),
        migrations.AddIndex(
            model_name='objectchange',
            index=models.Index(fields=['actor', '-id'], name='change_actor'),
        ),
        migrations.AddIndex(
            model_name='objectchange',
            index=models.Index(fields=['at', 'id'], name='change_at'),
        ),
        migrations.AddIndex(
            model_name='operatoraction',
            index=models.Index(condition=models.Q(('correlation_id__isnull', False)), fields=['correlation_id'], name='action_chain'),
        ),
        migrations.AddIndex(
            model_name='objectchange',
            index=models.Index(condition=models.Q(('correlation_id__isnull', False)), fields=['correlation_id'], name='change_chain'),
        ),
        migrations.AddIndex(
            model_name='objectchange',
            index=models.Index(condition=models.Q(('operation', 'update'), _negated=True), fields=['operation', '-id'], name='change_operation'),
        ),
        migrations.AddIndex(
            model_name='objectchange',
            index=models.Index(condition=models.Q(('actor__startswith', 'staff:')), fields=['-id'], name='change_by_people'),
        ),
        migrations.AddIndex(
            model_name='objectchange',
            index=models.Index(condition=models.Q(('actor__startswith', 'database:'), ('actor__startswith', 'staff:shell'), _connector='OR'), fields=['-id'], name='change_past_application'),
        ),
        migrations.AddIndex(
            model_name='objectchange',
            index=models.Index(fields=['transaction_id'], name='change_transaction'),
        ),
        migrations.RunSQL([RECORD, GUARD, *guards()], migrations.RunSQL.noop),
    ]
