"""Jobs: what is done after the commit, once, although processes die."""
