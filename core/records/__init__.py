"""Records: what happened, to what, by whom and why; nothing is erased."""
