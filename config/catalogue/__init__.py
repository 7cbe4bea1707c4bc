"""The published language as data: who says what to whom, which flows that makes, and the documents written from it."""
