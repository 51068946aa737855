"""Duties: what somebody has to do by a day, read out of the records themselves, and what people say to it (PLT-11)."""
