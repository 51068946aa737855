"""A server that dies amid sales: nothing acknowledged is lost, nothing is half done, and a repeated call acts once."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Mapping, Sequence
from datetime import date
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from sqlalchemy import func, select

from benchmarks.selling import AREAS, PEOPLE, Call, ready, sale, walk
from core.app import Program
from core.documents.kinds import kind_of
from core.documents.models import Document, DocumentLine, DocumentLink
from core.records.invariants import verify_figures
from core.records.models import History
from core.testing.api import token_for
from core.testing.builders import Firm
from core.testing.fixtures import Database
from core.work import Work
from plugins.billing.documents import Invoice
from plugins.contract.documents import Contract
from plugins.logistics.documents import Delivery
from tests.core.command_line import CommandLine
from tests.core.test_crash import begun

KILLS, SELLERS = 2, 3
LINES = 2


class Gone(Exception):
    """The server went away before it answered."""


class Seller:
    """Somebody who sells again and again, and knows what was acknowledged; every call has a key of its own."""

    def __init__(self, mark: str, tokens: Mapping[str, str], steps: Sequence[Any]) -> None:
        self.mark, self.tokens, self.steps = mark, tokens, steps
        self.answers: list[Any] = []
        # What was only looked at may be gone when a sale is walked through once more.
        self.seen: dict[str, Any] = {}
        self.address = ""

    def go_on(self, address: str, sales: int) -> None:
        """Walk through ``sales`` sales, from the first call on: what was answered before is asked for again."""
        self.address = address
        before, self.answers = self.answers, []
        try:
            for place in range(sales):
                walk(sale(*self.steps), lambda call, place=place: self._send(call, place))  # type: ignore[misc]
        except Gone:
            return
        finally:
            for old, new in zip(before, self.answers, strict=False):
                assert old == new, "an answer that was given before is another one now"

    def _send(self, call: Call, place: int) -> Any:
        key = f"{self.mark}-{place}-{call.name}".replace(" ", "_")
        if key in self.seen:
            return self.seen[key]
        head = {"Authorization": f"Bearer {self.tokens[call.who]}", "Content-Type": "application/json"}
        head |= {"Idempotency-Key": key} if call.writes else {}
        body = json.dumps(call.body).encode() if call.writes else None
        request = urllib.request.Request(f"{self.address}/api/v1{call.path}", body, head, method=call.method)  # noqa: S310 - our own
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own server
                found = json.load(answer)
        except HTTPError as error:
            raise AssertionError(f"{call.name}: {error.read().decode()}") from error
        except (OSError, ValueError, HTTPException) as error:
            raise Gone from error
        if call.writes:
            self.answers.append((key, found))
        else:
            self.seen[key] = found
        return found


def killed_amid(sellers: Sequence[Seller], server: subprocess.Popen[str], address: str) -> None:
    """Let everybody sell, kill the server amid it, and wait until all have noticed."""
    threads = [threading.Thread(target=one.go_on, args=(address, 1000)) for one in sellers]
    before = {one.mark: len(one.answers) for one in sellers}
    for thread in threads:
        thread.start()
    until = time.monotonic() + 8
    while time.monotonic() < until and any(len(one.answers) <= before[one.mark] + 20 for one in sellers):
        time.sleep(0.01)
    server.send_signal(signal.SIGKILL)
    server.wait(timeout=5)
    for thread in threads:
        thread.join(timeout=15)
    assert not any(thread.is_alive() for thread in threads)


def test_a_server_killed_amid_sales_leaves_nothing_half_done(
    database: Database, program: Program, tmp_path: Path
) -> None:
    """Killed twice amid sales; afterwards every call is made once more, and every document stands once."""
    firm = Firm.founded(program, "sale", "销售照明有限公司", areas=AREAS)
    items = [firm.item().id for _n in range(LINES)]
    party = firm.party(credit_code="91350100M000100Y43").id
    ready(firm, [party], items)
    tokens = {who: token_for(firm, who) for who in PEOPLE}
    steps = (party, items, firm.as_program(_today), firm.people["manager"])
    sellers = [Seller(f"seller{n}", tokens, steps) for n in range(SELLERS)]
    line = CommandLine.over(database.url, database.owner_url, tmp_path / "data")
    for _kill in range(KILLS):
        server, address = begun(line.environment)
        try:
            killed_amid(sellers, server, address)
        finally:
            server.kill()
            server.communicate(timeout=5)
        assert firm.as_program(_half_done) == []
    sales = 1 + max(sum(key.endswith("receipt_allocated") for key, _answer in one.answers) for one in sellers)
    server, address = begun(line.environment)
    try:
        for one in sellers:
            one.go_on(address, sales)
    finally:
        server.terminate()
        server.communicate(timeout=20)
    assert firm.as_program(_counted) == dict.fromkeys(KINDS, sales * SELLERS)
    assert firm.as_program(_half_done) == []
    assert [str(one.text) for one in firm.as_program(lambda w: list(verify_figures(w)))] == []
    line.fine("verify")


KINDS = ("quotation.quotation", "contract.contract", "logistics.delivery", "billing.invoice", "billing.receipt")
DRAWN = tuple(kind_of(cls) for cls in (Contract, Delivery, Invoice))


def _today(work: Work) -> date:
    return work.today


def _counted(work: Work) -> dict[str, int]:
    rows = work.session.execute(select(Document.kind, func.count()).group_by(Document.kind))
    return {kind: count for kind, count in rows if kind in KINDS}


def _half_done(work: Work) -> list[int]:
    """Drafts that draw on nothing or lack lines, and documents whose last state their history does not know."""
    linked = (
        select(DocumentLink.target_document_id, func.count().label("count")).group_by("target_document_id").subquery()
    )
    lines = select(DocumentLine.document_id, func.count().label("count")).group_by("document_id").subquery()
    loose = (
        select(Document.id)
        .outerjoin(linked, linked.c.target_document_id == Document.id)
        .outerjoin(lines, lines.c.document_id == Document.id)
        .where(Document.kind.in_(DRAWN), (func.coalesce(linked.c.count, 0) != LINES) | (lines.c.count != LINES))
    )
    last = select(func.max(History.id)).where(History.document_id == Document.id).correlate(Document).scalar_subquery()
    unknown = (
        select(Document.id)
        .outerjoin(History, History.id == last)
        .where(func.coalesce(History.target, "") != Document.state)
    )
    return [*work.session.scalars(loose), *work.session.scalars(unknown)]
