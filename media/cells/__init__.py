"""Pictures to terminal cells to bytes."""
