"""How customers stand, what is granted to them, and who is to be watched."""
