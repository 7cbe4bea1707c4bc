"""What speaks for or against a review, one kind per module. Every signal says in words what it found."""
