"""The delivery table lives by its partial indexes: vacuum it early, and leave room on its pages for the done-mark."""

from django.db import migrations

LEAN = """
    ALTER TABLE messaging_delivery SET (
        fillfactor = 85, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000,
        autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1
    )
"""
USUAL = """
    ALTER TABLE messaging_delivery RESET (
        fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold,
        autovacuum_analyze_scale_factor, autovacuum_vacuum_cost_delay
    )
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial")]
    operations = [migrations.RunSQL(LEAN, USUAL)]
