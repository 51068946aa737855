"""The thin core of Zhanggui: entities, roles, numbering, approvals and hooks; it knows no plug-in."""
