"""Two companies offer to their customers, each in its own way; neither ever sees the other.

An LED distributor and a bearing manufacturer share one installation. Each registers a customer, talks to it, receives
an inquiry, quotes it from its price list, gets the consents it wants, prints, sends, revises, and wins the order.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from core.app import Program
from core.approvals import reading
from core.approvals.models import ApprovalPolicy, PolicyStep
from core.documents.models import Document
from core.documents.reading import load
from core.duties.reading import my_duties
from core.entities.item import Item
from core.entities.party import Party
from core.errors import Conflict, Forbidden, Invalid, NotEnabled, Refused, Unknown
from core.operations import company, editions, masters
from core.operations.roles import name_role
from core.printing.documents import print_document
from core.schemas import inputs
from core.search import figures
from core.search.listing import Query, page
from core.testing.builders import Firm, line
from core.text import CHINESE, speaking
from core.work import Work
from plugins.crm.documents import Talk
from plugins.crm.masters import Tracking
from plugins.quotation.documents import Inquiry, Quotation
from plugins.quotation.masters import PriceList

TODAY = date(2026, 11, 25)


@dataclass
class Story:
    """One company's way from the first contact to the accepted offer, and what came of each step."""

    firm: Firm
    customer: Party
    product: Item
    inquiry: Inquiry | None = None
    quotation: Quotation | None = None

    @property
    def offer(self) -> Quotation:
        """The quotation as it is now."""
        assert self.quotation is not None
        key = self.quotation.id
        return self.firm.read("manager", lambda w: load(w, Quotation, key))


# The two companies ------------------------------------------------------------------------------------------------


def lighting(program: Program) -> Firm:
    """The distributor: offers numbered by day, the leader asked from 100,000 on, talks needed before an offer."""
    firm = Firm.founded(program, "led", "海天照明有限公司", "Haitian Lighting Co., Ltd.", policies=True)
    firm.today = TODAY
    firm.as_program(lambda w: company.choose_series(w, "quotation.quotation", "BJ-{yyyy}{MM}{dd}-{n:03}"))
    firm.settings(crm__require_talk="block", quotation__valid_days=30)
    return firm


def bearings(program: Program) -> Firm:
    """The manufacturer: offers numbered by year, the leader (called 总裁) asked from 300,000 on, go or no-go first."""
    firm = Firm.founded(program, "brg", "中原轴承有限公司", "Zhongyuan Bearing Co., Ltd.", policies=True)
    firm.today = TODAY
    firm.as_program(lambda w: company.choose_series(w, "quotation.quotation", "GF{yy}-{n:05}"))
    firm.as_program(lambda w: name_role(w, "general_manager", "总裁", "President"))
    firm.as_program(lambda w: raise_threshold(w, Decimal(300_000)))
    firm.settings(quotation__go_no_go=True, quotation__valid_days=60, quotation__major_amount="300000")
    return firm


def raise_threshold(work: Work, amount: Decimal) -> None:
    """The administrator changes the amount from which the leader is asked."""
    mine = select(ApprovalPolicy.id).where(ApprovalPolicy.document_kind == "quotation.quotation")
    of_quotations = select(PolicyStep).where(PolicyStep.policy_id.in_(mine))
    steps = list(work.session.scalars(of_quotations.order_by(PolicyStep.position)))
    rows = [{"id": s.id, "from_amount": amount if s.from_amount else Decimal(0)} for s in steps]
    masters.save(work, ApprovalPolicy, {"steps": rows}, key=steps[0].policy_id)


def listed(firm: Firm, code: str, item: Item, party_class: str, *steps: tuple[str, str]) -> None:
    """A price list for a class of customers, approved by the manager."""
    prices = [{"item_id": item.id, "minimum": minimum, "price": price} for minimum, price in steps]
    given = {"code": code, "name": "年度价目表", "party_class": party_class, "approved": True, "prices": prices}
    firm.run("manager", lambda w: masters.save(w, PriceList, inputs.read(PriceList, given)))


# The steps of the story -------------------------------------------------------------------------------------------


def registers_a_customer(firm: Firm, name: str, name_en: str, code: str, party_class: str) -> Party:
    """The code is checked; a second registration by a colleague is refused and tells whose it is."""
    with pytest.raises(Invalid):
        firm.party(name=name, credit_code=code[:-1] + "A")
    contacts = [{"name": "单晓明", "mobile": "13912345678", "is_primary": True}]
    customer = firm.party(
        name=name,
        name_en=name_en,
        credit_code=code,
        party_class=party_class,
        contacts=contacts,
        payment_terms="款到发货",
    )
    with speaking(CHINESE), pytest.raises(Invalid) as refused:
        firm.party("rep2", name=name.replace("（", "("), credit_code=code)
    assert any("王小明" in str(fault.text) for fault in refused.value.faults)
    return customer


def records_a_talk(story: Story) -> Talk:
    """Written down, submitted, and read by the manager; the customer is on the tracking sheet from then on."""
    firm, customer = story.firm, story.customer
    talk = firm.create(Talk, party_id=customer.id, topic="年度采购", content="客户计划扩产。", next_step="报价")
    firm.move(talk, "submit")
    reviewed = firm.move(talk, "review", "manager", reason="重点跟进")
    (row,) = firm.read("rep", lambda w: w.session.scalars(select(Tracking)).all())
    assert (row.party_name, row.last_contact) == (customer.name, TODAY)
    return reviewed


def receives_an_inquiry(story: Story, quantity: str, *, go_first: bool) -> None:
    """The manager hears of it at once; where the company decides first, nothing is quoted before he has."""
    firm = story.firm
    lines = [line(story.product, quantity), {"name": "现场服务", "unit": "项", "quantity": "1"}]
    inquiry = firm.create(
        Inquiry, party_id=story.customer.id, project="二期", way="email", deadline="2026-12-01", lines=lines
    )
    assert inquiry.id in {d.record.id for d in firm.read("manager", lambda w: my_duties(w))}
    if go_first:
        with pytest.raises(Refused):
            firm.move(inquiry, "quote")
        firm.move(inquiry, "accept", "manager")
    story.inquiry = firm.move(inquiry, "quote")
    (row,) = firm.read("rep", lambda w: figures.some(w, Quotation))
    story.quotation = firm.read("rep", lambda w: load(w, Quotation, row.id))


def prices_it(story: Story, price: str, source: str) -> None:
    """The product's price is that of the customer's class for the quantity; the service is priced by hand."""
    product, service = story.offer.lines
    assert (product.gross_price, product.price_source) == (Decimal(price), source)
    rows: list[dict[str, Any]] = [{"id": product.id}, {"id": service.id, "gross_price": "1200"}]
    story.quotation = story.firm.edit(story.offer, lines=rows, warranty="两年", delivery_terms="送货上门")


def gets_it_approved(story: Story, *, by_leader: bool) -> None:
    """The manager agrees, the leader to major ones; who made it never does, and nothing is printed before."""
    firm, offer = story.firm, story.offer
    with pytest.raises(Refused):
        printed(story, "zh")
    assert firm.move(offer, "submit").approval == "pending"
    for who in ("rep", "boss"):
        with pytest.raises(Forbidden):
            firm.agree(offer, who)
    agreed = firm.agree(offer, "manager", "同意")
    assert (agreed.number is None) == by_leader
    if by_leader:
        with pytest.raises(Forbidden):
            firm.agree(offer, "manager")
        firm.agree(offer, "boss", "同意，注意回款")
    assert story.offer.state == "approved"


def printed(story: Story, language: str) -> str:
    """The text of the paper, without blanks."""
    pdf = print_document(story.firm.program.works, story.firm.ask("rep"), Quotation, story.offer.id, language)
    pages = PdfReader(io.BytesIO(pdf)).pages
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in pages))


def sends_revises_and_wins(story: Story, quantity: str) -> None:
    """The customer wants more: V2 goes the same way again, both versions can be compared, the customer accepts."""
    firm = story.firm
    assert firm.move(story.offer, "send").state == "sent"
    with pytest.raises(Conflict):
        firm.edit(story.offer, lines=[{"id": story.offer.lines[0].id, "quantity": quantity}])
    firm.move(story.offer, "revise")
    product, service = story.offer.lines
    firm.edit(story.offer, lines=[{"id": product.id, "quantity": quantity}, {"id": service.id}])
    before = story.offer.number
    firm.move(story.offer, "submit")
    approve(story)
    assert (story.offer.number, story.offer.revision) == (before, 2)
    lines = firm.read("rep", lambda w: editions.compare(w, load(w, Quotation, story.offer.id), 1, 2)).lines
    pairs = [(row.left, row.right) for row in lines]
    changed = [(a["quantity"], b["quantity"]) for a, b in pairs if a and b and a["quantity"] != b["quantity"]]
    assert [Decimal(new) for _old, new in changed] == [Decimal(quantity)]
    firm.move(story.offer, "send")
    assert firm.move(story.offer, "accept").state == "accepted"


def approve(story: Story) -> None:
    """Everybody who is asked agrees."""
    for who in ("manager", "boss"):
        if story.offer.approval == "pending":
            story.firm.agree(story.offer, who)


def sees_nothing_of(firm: Firm, other: Story) -> None:
    """Not by address, in no list, no search, no figure, no duty, no decision, and no print."""
    assert other.inquiry is not None
    records: list[tuple[type[Document], int]] = [(Quotation, other.offer.id), (Inquiry, other.inquiry.id)]
    for who in ("boss", "admin", "manager", "rep"):
        for cls, key in records:
            with pytest.raises((Unknown, Forbidden)):
                firm.read(who, lambda w, c=cls, k=key: load(w, c, k))  # type: ignore[misc]
    for listed_type in (Quotation, Inquiry, Talk, Party, PriceList, Tracking):
        found = firm.read("manager", lambda w, c=listed_type: page(w, c, Query()).rows)  # type: ignore[misc]
        assert found
        assert not any(other.customer.name in str(dict(row)) for row in found), listed_type
    assert not firm.read("manager", lambda w: page(w, Party, Query(search=other.customer.name)).rows)
    assert firm.read("manager", lambda w: w.hooks.party_timeline(other.customer.id)) == []
    assert firm.read("boss", reading.my_tasks) == []
    with pytest.raises(Unknown):
        print_document(firm.program.works, firm.ask("boss"), Quotation, other.offer.id)
    with pytest.raises(Invalid):
        firm.create(Quotation, party_id=other.customer.id, lines=[])


# The story --------------------------------------------------------------------------------------------------------


def test_two_companies_quote_each_in_its_own_way(program: Program) -> None:
    """QTN-01, QTN-02, QTN-05, QTN-09, CRM-01, CRM-06, PLT-04, PLT-07: from the first contact to the accepted offer."""
    led, brg = lighting(program), bearings(program)

    lamp = led.item("3000", name="室外全彩显示屏", name_en="Outdoor LED display", specification="P6", unit="平方米")
    listed(led, "A26", lamp, "A", ("0", "2800"), ("30", "2600"))
    client = registers_a_customer(led, "上海浦江（会展）有限公司", "Pujiang Exhibition", "91350100M000100Y43", "A")
    screen = Story(led, client, lamp)
    records_a_talk(screen)
    receives_an_inquiry(screen, "40", go_first=False)
    prices_it(screen, "2600", "A26 年度价目表 ≥ 30")
    assert screen.offer.gross == Decimal("105200.00")
    gets_it_approved(screen, by_leader=True)
    assert screen.offer.number == "BJ-20261125-001"
    assert screen.offer.valid_until == TODAY + timedelta(days=30)

    ring = brg.item("860", name="圆锥滚子轴承", name_en="Tapered roller bearing", specification="30310", unit="套")
    listed(brg, "B26", ring, "B", ("0", "850"), ("100", "800"))
    maker = registers_a_customer(brg, "洛阳重型（机床）有限公司", "Luoyang Machine Tools", "91350100M000100Y43", "B")
    spindle = Story(brg, maker, ring)
    records_a_talk(spindle)
    receives_an_inquiry(spindle, "130", go_first=True)
    prices_it(spindle, "800", "B26 年度价目表 ≥ 100")
    gets_it_approved(spindle, by_leader=False)
    assert spindle.offer.number == "GF26-00001"
    assert spindle.offer.valid_until == TODAY + timedelta(days=60)

    chinese, english = printed(screen, "zh"), printed(screen, "en")
    for said in ("海天照明有限公司", "室外全彩显示屏", "人民币壹拾万伍仟贰佰元整", "¥105,200.00"):
        assert said in chinese, said
    assert "注意回款" not in chinese, "what was said among us is not for the customer"
    for said in ("HaitianLightingCo.,Ltd.", "OutdoorLEDdisplay", "SayRMBonehundredfivethousandtwohundredonly"):
        assert said in english, said
    assert "人民币壹拾万伍仟贰佰元整" in printed(spindle, "zh")

    sends_revises_and_wins(screen, "50")
    assert screen.offer.gross == Decimal("131200.00")
    sends_revises_and_wins(spindle, "150")
    assert "V2" in printed(screen, "zh")

    sees_nothing_of(led, spindle)
    sees_nothing_of(brg, screen)


def test_a_company_that_uses_no_area_hears_of_nothing(program: Program) -> None:
    """PLT-01: switched off, an area gives no price, asks for no talk, shows no figure and knows no document."""
    firm = Firm.founded(program, "led", "海天照明有限公司", areas=["crm", "quotation"], policies=True)
    lamp, party = firm.item("100"), firm.party(party_class="A")
    listed(firm, "A", lamp, "A", ("0", "90"))
    firm.settings(crm__require_talk="block")
    quotation = firm.create(Quotation, party_id=party.id, lines=[line(lamp)])
    assert quotation.gross == 90

    firm.run("admin", lambda w: company.switch_off(w, "crm"))
    firm.move(quotation, "submit")
    firm.agree(quotation, "manager")
    firm.move(quotation, "cancel", reason="停用前作废")
    with pytest.raises(NotEnabled):
        firm.create(Talk, party_id=party.id, topic="x")

    firm.run("admin", lambda w: company.switch_off(w, "quotation"))
    with pytest.raises(NotEnabled):
        firm.read("boss", lambda w: load(w, Quotation, quotation.id))

    def everything(work: Work) -> list[Any]:
        return [
            *my_duties(work),
            *work.hooks.dashboard_cards(),
            *work.hooks.party_timeline(party.id),
            *(answer for answer in work.hooks.line_prices([]) if answer),
        ]

    for who in ("rep", "manager", "boss"):
        assert firm.read(who, everything) == []

    firm.run("admin", lambda w: company.switch_on(w, "quotation"))
    assert firm.read("boss", lambda w: load(w, Quotation, quotation.id)).state == "cancelled"
