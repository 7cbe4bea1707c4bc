from django.db.models import TextChoices


class CartState(TextChoices):
    OPEN = "OPEN", "Open"  # → checked out, abandoned
    CHECKED_OUT = "CHECKED_OUT", "Checked out"  # final: priced, frozen, and in the hands of its checkout
    ABANDONED = "ABANDONED", "Abandoned"  # final: nobody came back for it
