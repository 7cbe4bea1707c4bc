"""What the demo plays, by what goes wrong in it."""
