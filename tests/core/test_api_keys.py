"""Repeating safely: a request with an Idempotency-Key acts once, on both engines, whoever repeats it and when."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from core.entities.account import SeenRequest
from core.entities.party import Party
from core.testing.api import Api, api_for, said
from core.testing.builders import Firm, line
from core.testing.sites import api_app
from plugins.quotation.documents import Quotation

PARTIES = "/core/parties"


def count(firm: Firm, cls: type[Any]) -> int:
    """How many rows of a table the firm has."""
    statement = select(func.count()).select_from(cls.__table__).where(cls.__table__.c.company_id == firm.id)
    return int(firm.read("boss", lambda w: w.connection.execute(statement).scalar_one()))


def test_a_repeated_request_is_answered_as_the_first_and_acts_once(firm: Firm) -> None:
    """Status, address, mark and body are those of the first time, and one header says that nothing was done again."""
    rep = api_for(firm, "rep")
    first = rep.post(PARTIES, {"name": "甲公司"}, Idempotency_Key="k-1")
    again = rep.post(PARTIES, {"name": "甲公司"}, Idempotency_Key="k-1")
    assert first.status_code == again.status_code == 201
    assert first.data == again.data
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert [first.headers[n] for n in ("Location", "ETag")] == [again.headers[n] for n in ("Location", "ETag")]
    assert count(firm, Party) == 1


def test_eight_at_once_with_one_key_act_once(firm: Firm) -> None:
    """The race that a nervous client makes: eight threads send the same thing in the same moment."""
    app = api_app(firm)
    one = api_for(firm, "rep", app)
    ready = Barrier(8)

    def send(_n: int) -> tuple[int, bytes, str | None]:
        api = Api(app.test_client(), one.token)
        ready.wait()
        answer = api.post(PARTIES, {"name": "甲公司"}, Idempotency_Key="race")
        return answer.status_code, answer.data, answer.headers.get("Idempotent-Replayed")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert {status for status, _body, _replayed in answers} == {201}
    assert len({body for _status, body, _replayed in answers}) == 1
    assert [replayed for _status, _body, replayed in answers].count(None) == 1
    assert count(firm, Party) == 1


def test_a_key_stands_for_one_request_only(firm: Firm) -> None:
    """The same key with another body or address is a mistake of the caller, and is told so."""
    rep = api_for(firm, "rep")
    rep.post(PARTIES, {"name": "甲公司"}, Idempotency_Key="k-1")
    for path, body in ((PARTIES, {"name": "乙公司"}), ("/quotation/quotations", {"name": "甲公司"})):
        other = rep.post(path, body, Idempotency_Key="k-1")
        assert (other.status_code, said(other)["errors"][0]["code"]) == (422, "key.reused"), other.text
    assert count(firm, Party) == 1


def test_the_key_of_one_person_is_nothing_to_another(firm: Firm, other_firm: Firm) -> None:
    """Keys belong to company and account; nobody is answered with what somebody else did."""
    answers = [
        api_for(of, who).post(PARTIES, {"name": f"{who}的客户"}, Idempotency_Key="same")
        for of, who in ((firm, "rep"), (firm, "rep2"), (other_firm, "rep"))
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert (count(firm, Party), count(other_firm, Party)) == (2, 1)


def test_a_refused_attempt_leaves_nothing_and_may_be_tried_again(firm: Firm) -> None:
    """What was refused was not done: the same key works once the reason is gone."""
    rep = api_for(firm, "rep")
    quotation = firm.create(Quotation, party_id=firm.party().id)
    path = f"/quotation/quotations/{quotation.id}"
    refused = rep.post(f"{path}/moves/submit", {}, Idempotency_Key="k-2")
    assert refused.status_code == 409
    assert rep.post(PARTIES, {"name": ""}, Idempotency_Key="k-3").status_code == 422
    assert count(firm, SeenRequest) == 0
    firm.edit(quotation, lines=[line(firm.item())])
    done = rep.post(f"{path}/moves/submit", {}, Idempotency_Key="k-2")
    assert (done.status_code, said(done)["state"]) == (200, "approved")
    again = rep.post(f"{path}/moves/submit", {}, Idempotency_Key="k-2")
    assert (again.status_code, again.data) == (200, done.data)


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "钥匙"])
def test_a_key_that_cannot_be_kept_is_refused(firm: Firm, key: str) -> None:
    """1 to 255 visible ASCII characters."""
    answer = api_for(firm, "rep").post(PARTIES, {"name": "甲公司"}, Idempotency_Key=key)
    assert (answer.status_code, said(answer)["code"]) == (400, "key.invalid")
    assert count(firm, Party) == 0
