"""Django's Postgres, except that an idle connection is looked at instead of asked."""
