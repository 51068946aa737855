"""A quotation is agreed to before anybody outside sees it, never changed after, and revised as often as needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import select

from core.approvals.models import ApprovalPolicy, PolicyStep
from core.documents.reading import load
from core.errors import Conflict, DomainError, Forbidden, IllegalMove, Refused
from core.jobs.job import JOBS
from core.operations import company, decide, editions, masters, move
from core.records.models import History
from core.search import figures
from core.testing.builders import Firm, line
from core.text import CHINESE, speaking
from core.work import Work
from plugins.quotation import services
from plugins.quotation.documents import Quotation
from tests.plugins.quotation.test_inquiries import titles


def offered(firm: Firm, price: str = "100", who: str = "rep", **values: Any) -> Quotation:
    """A quotation over one product at its list price."""
    return firm.create(Quotation, who, party_id=firm.party(who).id, lines=[line(firm.item(price))], **values)


def sent(firm: Firm, **values: Any) -> Quotation:
    """A quotation that the customer has."""
    quotation = offered(firm, **values)
    firm.move(quotation, "submit")
    return firm.move(quotation, "send")


def history(firm: Firm, quotation: Quotation) -> list[Any]:
    """What happened to a quotation, in order."""
    statement = select(History).where(History.document_id == quotation.id).order_by(History.id)
    return firm.read("boss", lambda w: list(w.session.scalars(statement)))


def policies(work: Work) -> list[tuple[int, Decimal]]:
    """The steps with which quotations are agreed to: role and amount."""
    statement = (
        select(PolicyStep.role_id, PolicyStep.from_amount)
        .join(ApprovalPolicy, ApprovalPolicy.id == PolicyStep.policy_id)
        .where(ApprovalPolicy.document_kind == "quotation.quotation", ApprovalPolicy.active)
        .order_by(PolicyStep.position)
    )
    return [(row.role_id, row.from_amount) for row in work.session.execute(statement)]


# Consent ----------------------------------------------------------------------------------------------------------


def test_a_company_begins_with_the_manager_and_for_major_ones_the_leader(strict_firm: Firm) -> None:
    """QTN-05, PLT-07: the manager always; from the company's amount on the general manager after him."""
    small, major = offered(strict_firm, "99999.99"), offered(strict_firm, "100000")
    for quotation in (small, major):
        assert strict_firm.move(quotation, "submit").approval == "pending"
    assert strict_firm.agree(small, "manager").state == "approved"
    assert strict_firm.agree(major, "manager", "同意").state == "draft"
    done = strict_firm.agree(major, "boss", "同意，注意回款")
    assert (done.state, done.approval) == ("approved", "approved")


def test_the_usual_consents_are_data_that_the_administrator_changes(strict_firm: Firm) -> None:
    """Switching the area off and on again keeps what the company has made of its policy."""
    firm = strict_firm
    key = firm.read(
        "admin",
        lambda w: w.session.scalars(
            select(ApprovalPolicy.id).where(ApprovalPolicy.document_kind == "quotation.quotation")
        ).one(),
    )
    (manager, _amount), _leader = firm.read("admin", policies)
    steps = [{"name": "一级", "role_id": manager, "from_amount": Decimal(500)}]
    firm.run("admin", lambda w: masters.save(w, ApprovalPolicy, {"steps": steps}, key=key))
    firm.run("admin", lambda w: company.switch_off(w, "quotation"))
    firm.run("admin", lambda w: company.switch_on(w, "quotation"))
    assert firm.read("admin", policies) == [(manager, Decimal(500))]
    assert firm.move(offered(firm, "499.99"), "submit").state == "approved"
    assert firm.move(offered(firm, "500"), "submit").approval == "pending"


def test_nobody_agrees_to_what_he_made(strict_firm: Firm) -> None:
    """Not who made it, not who asked; a manager's own offer needs another manager, and says so."""
    firm = strict_firm
    quotation = offered(firm)
    firm.move(quotation, "submit")
    for who in ("rep", "rep2", "clerk", "finance"):
        with pytest.raises(Forbidden):
            firm.agree(quotation, who)
    own = offered(firm, who="manager")
    with pytest.raises(Refused) as refused:
        firm.move(own, "submit", "manager")
    assert refused.value.objections[0].code == "approval.nobody"


def test_who_changes_somebody_elses_draft_does_not_agree_to_it(strict_firm: Firm) -> None:
    firm = strict_firm
    quotation = offered(firm)
    firm.edit(quotation, "manager", remark="经理改过")
    with pytest.raises(Refused):
        firm.move(quotation, "submit")


def test_a_refused_quotation_goes_back_with_the_reason_and_may_be_asked_for_again(strict_firm: Firm) -> None:
    """Refused with a reason, on the maker's desk; asked for again, unchanged or mended."""
    firm = strict_firm
    quotation = offered(firm)
    firm.move(quotation, "submit")
    refused = firm.reject(quotation, "manager", "毛利太低")
    assert (refused.state, refused.approval, refused.number) == ("draft", "rejected", None)
    assert titles(firm, "rep") == [f"请修改被驳回的报价：{quotation.party_name}"]
    assert firm.move(quotation, "submit").approval == "pending"
    assert firm.agree(quotation, "manager").state == "approved"
    assert titles(firm, "rep") == []


def test_what_is_in_approval_is_not_changed_but_withdrawn_first(strict_firm: Firm) -> None:
    firm = strict_firm
    quotation = offered(firm)
    pending = firm.move(quotation, "submit")
    with pytest.raises(Conflict):
        firm.edit(pending, subject="偷改")
    firm.run("rep", lambda w: decide.withdraw(w, Quotation, quotation.id))
    again = firm.read("rep", lambda w: load(w, Quotation, quotation.id))
    assert firm.edit(again, subject="改好了").subject == "改好了"


def test_of_four_consents_at_once_one_counts(strict_firm: Firm) -> None:
    """The same consent given four times at the same moment moves the quotation once; the others hear of it."""
    firm = strict_firm
    quotation = offered(firm)
    firm.move(quotation, "submit")
    task = firm.task(quotation, "manager")
    outcomes = at_once(4, lambda: firm.run("manager", lambda w: decide.agree(w, task)).state)
    assert sorted(outcomes) == ["approval.decided"] * 3 + ["approved"]
    assert [entry.what for entry in history(firm, quotation)].count("submit") == 1
    again = firm.read("rep", lambda w: load(w, Quotation, quotation.id))
    assert str(again.number).endswith("-0001")


def test_four_quotations_at_once_take_four_numbers(firm: Firm) -> None:
    """PLT-04: never two alike, and none left out when all go through."""
    quotations = iter([offered(firm) for _n in range(4)])
    numbers = at_once(4, lambda q=quotations: str(firm.move(next(q), "submit").number))  # type: ignore[misc]
    assert sorted(number[-4:] for number in numbers) == ["0001", "0002", "0003", "0004"]


def at_once(count: int, act: Callable[[], str]) -> list[str]:
    """What comes of doing the same thing in so many threads that begin together: an answer, or a refusal's code."""
    barrier, outcomes = Barrier(count), list[str]()

    def begin() -> None:
        barrier.wait(timeout=30)
        try:
            outcomes.append(act())
        except DomainError as refusal:
            outcomes.append(refusal.code)

    threads = [Thread(target=begin) for _n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes


# Sent, revised, answered ------------------------------------------------------------------------------------------


def test_each_company_numbers_in_its_own_series(firm: Firm, other_firm: Firm) -> None:
    """PLT-04: own prefix, date part and width; the first of each company is its first."""
    firm.as_program(lambda w: company.choose_series(w, "quotation.quotation", "LED{yy}-{n:03}"))
    day = firm.read("rep", lambda w: w.today)
    assert firm.move(offered(firm), "submit").number == f"LED{day:%y}-001"
    assert firm.move(offered(firm), "submit").number == f"LED{day:%y}-002"
    assert other_firm.move(offered(other_firm), "submit").number == f"BJ-{day:%Y%m%d}-0001"


def test_a_sent_quotation_is_revised_never_changed(firm: Firm) -> None:
    """QTN-09: the sent content is frozen; a revision is a draft under the same number, and both stay comparable."""
    quotation = sent(firm)
    with pytest.raises(Conflict):
        firm.edit(quotation, lines=[{"id": quotation.id, "quantity": "9"}])
    draft = firm.move(quotation, "revise")
    assert (draft.state, draft.title) == ("draft", f"{quotation.number} V2")
    changed = firm.edit(draft, lines=[{"id": draft.lines[0].id, "quantity": "3"}], warranty="两年")
    header, lines, _parts = firm.read("rep", lambda w: editions.compare(w, load(w, Quotation, changed.id), 1, 2))
    assert ("warranty", "", "两年") in header
    ((before, after, *_about),) = lines
    assert before is not None
    assert after is not None
    assert (before["quantity"], after["quantity"]) == ("1", "3")
    done = firm.move(changed, "submit")
    assert (done.number, done.revision, done.state) == (quotation.number, 2, "approved")


def test_what_was_sent_expires_by_itself_after_its_last_day(firm: Firm) -> None:
    """The last day is included; the program moves it, no person can; then it is revised, not accepted."""
    today = firm.read("rep", lambda w: w.today)
    quotation, later = sent(firm, valid_until=str(today)), sent(firm, valid_until=str(today + timedelta(days=1)))
    assert firm.as_program(services.expire_due, "expire") == 0
    firm.today = today + timedelta(days=1)
    with pytest.raises(Refused):
        firm.move(quotation, "accept")
    with pytest.raises(IllegalMove):
        firm.move(quotation, "expire", "boss")
    assert firm.as_program(services.expire_due, "expire") == 1
    assert firm.as_program(services.expire_due, "expire") == 0
    assert firm.read("rep", lambda w: load(w, Quotation, quotation.id)).state == "expired"
    assert firm.move(later, "accept").state == "accepted"
    assert history(firm, quotation)[-1].actor == "system:expire"


def test_an_expired_offer_is_neither_submitted_nor_sent(firm: Firm) -> None:
    today = firm.read("rep", lambda w: w.today)
    quotation = offered(firm, valid_until=str(today))
    firm.move(quotation, "submit")
    late = offered(firm, valid_until=str(today))
    firm.today = today + timedelta(days=1)
    for late_quotation, name in ((quotation, "send"), (late, "submit")):
        with pytest.raises(Refused) as refused:
            firm.move(late_quotation, name)
        assert refused.value.objections[0].code == "quotation.expired"


def test_why_an_offer_was_lost_stays_on_it(firm: Firm) -> None:
    quotation = sent(firm)
    firm.move(quotation, "decline", reason="对手价格低一成")
    again = firm.read("rep", lambda w: load(w, Quotation, quotation.id))
    assert (again.state, again.lost_reason) == ("declined", "对手价格低一成")
    assert history(firm, quotation)[-1].reason == "对手价格低一成"


def test_an_empty_quotation_is_not_offered(firm: Firm) -> None:
    with pytest.raises(Refused) as refused:
        firm.move(firm.create(Quotation, party_id=firm.party().id), "submit")
    assert refused.value.objections[0].code == "quotation.empty"


def test_a_copy_is_priced_for_its_own_customer(firm: Firm) -> None:
    quotation = sent(firm, warranty="两年")
    other = firm.party(payment_terms="款到发货")
    copied = firm.run("rep", lambda w: services.copy(w, quotation.id, party_id=other.id))
    assert (copied.state, copied.number, copied.party_name) == ("draft", None, other.name)
    assert (copied.warranty, copied.payment_terms, copied.gross) == ("两年", "款到发货", quotation.gross)


# What others see --------------------------------------------------------------------------------------------------


def test_the_first_page_counts_offers_by_state_with_their_amount(firm: Firm) -> None:
    offered(firm, "10")
    for _n in range(2):
        sent(firm, price="100.50")
    offered(firm, "7", "rep2")

    def cards(who: str) -> dict[str, tuple[object, str]]:
        found = firm.read(who, lambda w: w.hooks.dashboard_cards())
        mine = [card for card in found if card.key.startswith("quotation.quotation.")]
        return {card.key.rpartition(".")[2]: (card.value, str(card.note)) for card in mine}

    assert cards("rep")["draft"] == (1, "¥10.00")
    assert cards("manager")["draft"] == (2, "¥17.00")
    assert cards("manager")["sent"] == (2, "¥201.00")
    assert "draft" not in cards("purchaser")


def test_who_answers_for_an_offer_is_reminded_before_it_expires(firm: Firm) -> None:
    today = firm.read("rep", lambda w: w.today)
    soon = sent(firm, valid_until=str(today + timedelta(days=5)))
    sent(firm, valid_until=str(today + timedelta(days=6)))
    wanted = f"报价即将到期，请向{soon.party_name}确认"
    # The company shows other duties for longer; an offer says itself how long before.
    assert [title for title in titles(firm, "rep", ahead=7) if "到期" in title] == [wanted]
    assert [title for title in titles(firm, "rep2", ahead=7) if "到期" in title] == []


def test_the_page_tells_what_the_customer_was_offered_before(firm: Firm) -> None:
    lamp, party = firm.item("100"), firm.party()
    first = firm.create(Quotation, party_id=party.id, lines=[line(lamp, "2", "98")])
    first = firm.move(first, "submit")
    second = firm.create(Quotation, party_id=party.id, lines=[line(lamp)])
    for who, found in (("rep", 1), ("manager", 1)):
        panels = firm.read(who, lambda w: w.hooks.document_panels(load(w, Quotation, second.id)))
        (panel,) = [p for p in panels if p.key == "quotation.earlier"]
        assert len(panel.rows) == found
        assert panel.rows[0][3:5] == (2, 98)
    moments = firm.read("rep", lambda w: w.hooks.party_timeline(party.id))
    with speaking(CHINESE):
        assert [str(m.title) for m in moments if m.record.id == first.id] == [f"报价单 {first.number}：已审核"]


def test_a_representative_sees_figures_of_his_own_only(firm: Firm) -> None:
    """The timeline of a customer shows a colleague's offers to the manager, not to another representative."""
    quotation = sent(firm)
    assert quotation.party_id is not None
    key = quotation.party_id
    assert [m.record.id for m in firm.read("manager", lambda w: w.hooks.party_timeline(key))] == [quotation.id]
    assert firm.read("rep2", lambda w: w.hooks.party_timeline(key)) == []
    assert firm.read("rep2", lambda w: figures.some(w, Quotation)) == []


def test_a_preview_names_who_would_have_to_agree(strict_firm: Firm) -> None:
    quotation = offered(strict_firm, "100000")

    def look(work: Work) -> list[str]:
        document = load(work, Quotation, quotation.id)
        return [step.name for step in move.preview(work, document, Quotation.workflow.find("submit", "draft"))]

    assert strict_firm.read("rep", look) == ["销售经理审批", "总经理审批重大报价"]


def test_the_program_lets_quotations_expire_by_a_job_of_its_own(firm: Firm) -> None:
    kind = JOBS["quotation.expire"]
    today = firm.read("rep", lambda w: w.today)
    quotation = sent(firm, valid_until=str(today))
    firm.today = today + timedelta(days=1)
    assert kind.every is not None
    firm.as_program(kind.command, "expire")
    assert firm.read("rep", lambda w: load(w, Quotation, quotation.id)).state == "expired"
