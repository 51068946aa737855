"""Operations: the only writers. Each is a verb, takes the ``Work`` first and leaves nothing half done."""
