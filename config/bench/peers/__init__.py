"""What others would have built: the floor's rows written by a Celery chain, and by one Django view.

Settings, addresses and tasks of their own; the product knows nothing of them.
"""
