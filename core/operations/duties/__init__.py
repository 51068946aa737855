"""What is written about duties: the daily round, what people say to late ones, reminders, and free tasks."""
