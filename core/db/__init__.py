"""Tables, column types, the company scope and the engines."""
