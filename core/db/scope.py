"""Row isolation: one listener keeps every ORM statement inside the session's company.

The listener is the first wall; on PostgreSQL row-level security (``core.db.security``) is the second. A session that
was not told its company, nor opened for the installation as a whole, is refused: it fails closed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Executable, event
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from core.db.base import OfCompany

INSTALLATION = 0
# So many at once have what confines their statements at hand.
COMPANIES = 128


class CompanySession(Session):
    """A session opened for one company. It reads; only ``core.operations`` writes, and not through it."""

    def __init__(self, bind: Any, company_id: int) -> None:
        # Closing it ends nothing of the transaction that it reads in, also where that is a part of another one.
        super().__init__(bind, autoflush=False, expire_on_commit=False, join_transaction_mode="rollback_only")
        self.company_id = company_id


class _Wall:
    """What keeps statements inside one company. A statement that is made once is confined once."""

    def __init__(self, company_id: int) -> None:
        self._criteria = with_loader_criteria(
            OfCompany,
            lambda cls: cls.company_id == company_id,
            include_aliases=True,
            track_closure_variables=True,
        )
        # Weakly: those that are made for one question only go with it.
        self._confined: WeakKeyDictionary[Executable, Executable] = WeakKeyDictionary()

    def around(self, statement: Executable) -> Executable:
        """The statement, for rows of the company alone."""
        found = self._confined.get(statement)
        if found is None:
            found = self._confined[statement] = statement.options(self._criteria)
        return found


@lru_cache(maxsize=COMPANIES)
def _wall(company_id: int) -> _Wall:
    return _Wall(company_id)


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
        state.statement = _wall(session.company_id).around(state.statement)
    elif any(issubclass(m.class_, OfCompany) for m in state.all_mappers):
        raise RuntimeError("Rows of a company are read in a work of that company.")


@event.listens_for(CompanySession, "before_flush")
def _never_flush(session: Session, context: Any, instances: Any) -> None:
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("The session reads; write through core.operations.")
