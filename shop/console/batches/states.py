from django.db.models import TextChoices


class BatchState(TextChoices):
    WAITING = "WAITING", "Waiting"  # → RUNNING with its first rows, DONE, STOPPED
    RUNNING = "RUNNING", "Running"  # → DONE with its last row, STOPPED by somebody or when it may not go on
    DONE = "DONE", "Done"  # → WAITING, when somebody tries the refused ones again
    STOPPED = "STOPPED", "Stopped"  # → WAITING, when somebody lets it go on


class Outcome(TextChoices):
    REFUSED = "REFUSED", "Refused"  # nothing was changed; → WAITING, when it is tried again
    FAILED = "FAILED", "Failed"  # by no rule of ours, nothing was changed; → WAITING, when it is tried again
    DONE = "DONE", "Done"
    WAITING = "WAITING", "Not yet"  # → DONE, REFUSED, FAILED


class Selection(TextChoices):
    ROWS = "ROWS", "Chosen rows"
    CAUSE = "CAUSE", "Everything with one cause"
    LIST = "LIST", "Everything in a list"
