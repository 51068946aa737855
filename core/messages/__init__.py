"""Messages to people: what they were told, by which channels, and what became of it."""
