"""The search index: its table in two partitions, the functions that turn a product into words, and its generations."""

import django.contrib.postgres.search
import django.db.models.functions.datetime
import django_fsm
from django.db import migrations, models

from catalog.search import schema


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_products_in_full")]

    operations = [
        migrations.RunSQL(list(schema.EXTENSIONS), migrations.RunSQL.noop),
        migrations.RunSQL(list(schema.FUNCTIONS), list(schema.NO_FUNCTIONS)),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL([schema.TABLE, *schema.PARTITIONS, *schema.INDEXES], "DROP TABLE catalog_searchdocument"),
            ],
            state_operations=[
                migrations.CreateModel(
                    name='SearchDocument',
                    fields=[
                        ('product_id', models.UUIDField(primary_key=True, serialize=False)),
                        ('half', models.PositiveSmallIntegerField()),
                        ('sequence', models.BigIntegerField(db_comment="The product's last message that is in here")),
                        ('version', models.BigIntegerField(db_comment='Grows with every change, ratings included')),
                        ('sku', models.CharField(max_length=200)),
                        ('name', models.CharField(max_length=200)),
                        ('description', models.TextField()),
                        ('category', models.CharField(max_length=200)),
                        ('price', models.BigIntegerField(db_comment='Minor units of the currency')),
                        ('currency', models.CharField(max_length=3)),
                        ('status', models.CharField(choices=[('DRAFT', 'Draft'), ('ACTIVE', 'Active'), ('ARCHIVED', 'Archived'), ('DELETED', 'Deleted')], max_length=8)),
                        ('rating', models.FloatField(db_comment='Average stars; 0 without reviews')),
                        ('reviews', models.IntegerField(db_comment='Published reviews')),
                        ('rated_at', models.DateTimeField(null=True)),
                        ('changed_at', models.DateTimeField(db_comment='When the product changed to this')),
                        ('indexed_at', models.DateTimeField()),
                        ('name_words', models.PositiveSmallIntegerField()),
                        ('head', django.contrib.postgres.search.SearchVectorField(db_comment='Words of the name (A), SKU (B) and category (C): what a score looks at')),
                        ('words', django.contrib.postgres.search.SearchVectorField(db_comment='The same, the description (D), and terms for filters: what a search looks at')),
                    ],
                    options={
                        'verbose_name': 'search document',
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name='SearchGeneration',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('half', models.PositiveSmallIntegerField(db_comment='Partition of catalog_searchdocument its documents are in')),
                ('status', django_fsm.FSMField(choices=[('BUILDING', 'Being built'), ('LIVE', 'Answers'), ('RETIRED', 'Replaced'), ('ABANDONED', 'Given up'), ('CLEARED', 'Emptied')], default='BUILDING', max_length=50, protected=True)),
                ('config', models.CharField(db_comment='Text search configuration its words were stemmed with', max_length=63)),
                ('reason', models.CharField(blank=True, db_default='', max_length=500)),
                ('started_by', models.CharField(blank=True, db_default='', max_length=120)),
                ('started_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('cursor', models.UUIDField(blank=True, db_comment='The last product that was filled in', null=True)),
                ('filled', models.BigIntegerField(db_default=0, default=0)),
                ('expected', models.BigIntegerField(db_comment='Products there were as it began, estimated', db_default=0, default=0)),
                ('live_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'search index',
                'verbose_name_plural': 'search indexes',
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'LIVE')), fields=('status',), name='one_live_generation'), models.UniqueConstraint(condition=models.Q(('status', 'BUILDING')), fields=('status',), name='one_generation_building'), models.UniqueConstraint(condition=models.Q(('status', 'CLEARED'), _negated=True), fields=('half',), name='one_generation_per_half'), models.CheckConstraint(condition=models.Q(('half__in', (1, 2))), name='generation_half_known'), models.CheckConstraint(condition=models.Q(('status__in', ['BUILDING', 'LIVE', 'RETIRED', 'ABANDONED', 'CLEARED'])), name='generation_status_known')],
            },
        ),
        migrations.CreateModel(
            name='SearchWord',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('half', models.PositiveSmallIntegerField()),
                ('word', models.CharField(max_length=40)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('half', 'word'), name='search_word_once')],
            },
        ),
        migrations.RunSQL(list(schema.WORD_INDEXES), ["DROP INDEX search_word_alike", "DROP INDEX search_word_beginning"]),
    ]
