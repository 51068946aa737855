"""What is done with money beyond single moves: titles, receivables, allocation, milestones, accounts."""
