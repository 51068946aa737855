"""Row isolation: one listener keeps every ORM statement inside the session's company.

The listener is the first wall; on PostgreSQL row-level security (``core.db.security``) is the second. A session that
was not told its company, nor opened for the installation as a whole, is refused: it fails closed.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from core.db.base import OfCompany

INSTALLATION = 0


class CompanySession(Session):
    """A session opened for one company. It reads; only ``core.operations`` writes, and not through it."""

    def __init__(self, bind: Any, company_id: int) -> None:
        super().__init__(bind, autoflush=False, expire_on_commit=False)
        self.company_id = company_id
        self.criteria = with_loader_criteria(
            OfCompany,
            lambda cls: cls.company_id == company_id,
            include_aliases=True,
            track_closure_variables=True,
        )


@event.listens_for(CompanySession, "do_orm_execute")
def _stay_in_company(state: ORMExecuteState) -> None:
    """Selects are confined, all else is refused; column and relationship loads inherit the option of their parent."""
    session = state.session
    if not isinstance(session, CompanySession):
        raise RuntimeError("A session without a company may not run statements.")
    if not state.is_select:
        raise RuntimeError("The session reads; write through core.operations.")
    if state.is_column_load or state.is_relationship_load or state.execution_options.get("scoped"):
        return
    if session.company_id != INSTALLATION:
        state.statement = state.statement.options(session.criteria)
    elif any(issubclass(m.class_, OfCompany) for m in state.all_mappers):
        raise RuntimeError("Rows of a company are read in a work of that company.")


@event.listens_for(CompanySession, "before_flush")
def _never_flush(session: Session, context: Any, instances: Any) -> None:
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("The session reads; write through core.operations.")
