"""Search over everything by one index of tokens; see ``core.search.index``."""
