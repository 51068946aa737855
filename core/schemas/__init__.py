"""What may come in and what goes out, derived from the faces of types; the same for forms, API and import."""
