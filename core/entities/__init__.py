"""What every company has, whichever areas it uses: people, parties, items, settings, taxes, days."""
