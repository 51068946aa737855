"""No contact with a customer without a record, and the manager's word on it."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from core.documents.reading import load
from core.duties.reading import my_duties
from core.errors import Conflict, Forbidden, Invalid, Refused, Unconfirmed, Unknown
from core.operations import company
from core.printing.documents import print_document
from core.testing.builders import Firm, line
from core.text import CHINESE, speaking
from plugins.crm.documents import Talk
from plugins.crm.services import people
from plugins.quotation.documents import Inquiry, Quotation


def talk(firm: Firm, who: str = "rep", **values: Any) -> Talk:
    """A talk about lamps, written down."""
    given = {"topic": "洗墙灯选型", "content": "客户要两周内供货。", **values}
    given.setdefault("party_id", firm.party(who).id)
    return firm.create(Talk, who, **given)


def recorded(firm: Firm, who: str = "rep", **values: Any) -> Talk:
    """A talk that is on record."""
    return firm.move(talk(firm, who, **values), "submit", who)


def test_a_talk_is_numbered_at_once_and_frozen_when_it_is_submitted(firm: Firm) -> None:
    """CRM-01: the record carries number, customer, way and the customer's contact; submitted, nobody changes it."""
    party = firm.party(contacts=[{"name": "李工", "mobile": "13900000000", "is_primary": True}])
    written = talk(firm, party_id=party.id, way="phone")
    assert str(written.number).startswith("QT-")
    assert (written.contact_name, written.contact_phone, written.party_name) == ("李工", "13900000000", party.name)
    changed = firm.edit(written, agreed="先送样")
    done = firm.move(changed, "submit")
    assert done.state == "submitted"
    with pytest.raises(Conflict):
        firm.edit(done, content="其实没谈")


@pytest.mark.parametrize(
    ("values", "code"), [({"content": " "}, "talk.empty"), ({"date": "2999-01-01"}, "talk.future")]
)
def test_a_record_of_nothing_is_no_record(firm: Firm, values: dict[str, str], code: str) -> None:
    written = talk(firm, **values)
    with pytest.raises(Refused) as refused:
        firm.move(written, "submit")
    assert [o.code for o in refused.value.objections] == [code]


def test_a_talk_needs_a_customer_and_a_topic(firm: Firm) -> None:
    with pytest.raises(Invalid) as refused:
        firm.create(Talk, content="x")
    assert {fault.path for fault in refused.value.faults} == {"party_id", "topic"}


def test_the_managers_guidance_stays_on_the_talk(firm: Firm) -> None:
    """PLT-13: guidance needs words, is kept on the record, and is never one's own."""
    done = recorded(firm)
    with pytest.raises(Invalid):
        firm.move(done, "review", "manager")
    with pytest.raises(Forbidden):
        firm.move(done, "review", "rep", reason="很好")
    firm.move(done, "review", "manager", reason="先送样，再谈价")
    kept = firm.read("rep", lambda w: load(w, Talk, done.id))
    assert (kept.state, kept.guidance) == ("reviewed", "先送样，再谈价")
    own = recorded(firm, "manager")
    with pytest.raises(Refused) as refused:
        firm.move(own, "review", "manager", reason="很好")
    assert refused.value.objections[0].code == "talk.own"
    assert firm.move(own, "review", "boss", reason="继续跟进").state == "reviewed"


def test_a_talk_sent_back_is_written_again(firm: Firm) -> None:
    done = recorded(firm)
    back = firm.move(done, "return", "manager", reason="请补充价格要求")
    again = firm.edit(back, needs="不高于100元")
    assert firm.move(again, "submit").state == "submitted"


def test_talks_wait_on_the_managers_desk_for_guidance(firm: Firm) -> None:
    """PLT-13: the manager sees what waits; the representative and who wrote it do not."""
    done = recorded(firm)
    with speaking(CHINESE):
        wanted = f"请批阅：与{done.party_name}的洽谈，洗墙灯选型"
        for who, found in (("manager", [wanted]), ("boss", [wanted]), ("rep", []), ("rep2", [])):
            titles = [str(d.title) for d in firm.read(who, lambda w: my_duties(w))]
            assert [t for t in titles if t.startswith("请批阅")] == found, who


def test_talks_are_shown_where_the_customer_is_dealt_with(firm: Firm) -> None:
    done = recorded(firm, next_step="送样")
    inquiry = firm.create(Inquiry, party_id=done.party_id, lines=[{"name": "灯", "quantity": "1"}])
    (panel,) = firm.read("rep", lambda w: w.hooks.document_panels(load(w, Inquiry, inquiry.id)))
    assert [(row[0].label, row[3], row[4]) for row in panel.rows] == [(done.number, "洗墙灯选型", "送样")]  # type: ignore[union-attr]
    key = done.party_id or 0
    moments = firm.read("rep", lambda w: w.hooks.party_timeline(key))
    assert done.id in {m.record.id for m in moments if m.record.kind == "crm.talk"}
    assert firm.read("rep2", lambda w: w.hooks.party_timeline(key)) == []


# No offer without a talk ------------------------------------------------------------------------------------------


def offer(firm: Firm, party_id: int) -> Quotation:
    return firm.create(Quotation, party_id=party_id, lines=[line(firm.item())])


def test_no_offer_goes_out_to_a_customer_nobody_has_talked_to(firm: Firm) -> None:
    """CRM-01: where the company refuses it, an offer waits for the record; a draft of a talk is none."""
    firm.settings(crm__require_talk="block", crm__talk_days=30)
    party = firm.party()
    quotation = offer(firm, party.id)
    written = talk(firm, party_id=party.id)
    with pytest.raises(Refused) as refused:
        firm.move(quotation, "submit")
    assert [o.code for o in refused.value.objections] == ["crm.no_talk"]
    with speaking(CHINESE):
        assert str(refused.value) == f"最近30天内没有与{party.name}的洽谈记录，请先登记。"
    firm.move(written, "submit")
    assert firm.move(quotation, "submit").state == "approved"


def test_an_old_talk_no_longer_counts(firm: Firm) -> None:
    firm.settings(crm__require_talk="block", crm__talk_days=30)
    today = firm.read("rep", lambda w: w.today)
    old = recorded(firm, date=str(today - timedelta(days=31)))
    with pytest.raises(Refused):
        firm.move(offer(firm, old.party_id or 0), "submit")
    young = recorded(firm, date=str(today - timedelta(days=30)))
    assert firm.move(offer(firm, young.party_id or 0), "submit").state == "approved"


def test_a_colleagues_talk_counts_though_one_may_not_read_it(firm: Firm) -> None:
    firm.settings(crm__require_talk="block")
    party = firm.party()
    recorded(firm, "manager", party_id=party.id)
    assert firm.move(offer(firm, party.id), "submit").state == "approved"


def test_a_company_may_only_warn_or_say_nothing(firm: Firm) -> None:
    quotation = offer(firm, firm.party().id)
    firm.settings(crm__require_talk="warn")
    with pytest.raises(Unconfirmed):
        firm.move(quotation, "submit")
    assert firm.move(quotation, "submit", confirmed=["crm.no_talk"]).state == "approved"
    firm.settings(crm__require_talk="off")
    assert firm.move(offer(firm, firm.party().id), "submit").state == "approved"


def test_switched_off_customer_relations_are_silent(firm: Firm) -> None:
    """PLT-01: without the area no offer waits for a talk and nothing is shown of it; on again, all is back."""
    firm.settings(crm__require_talk="block")
    reviewed = firm.move(recorded(firm), "review", "manager", reason="好")
    quotation, key = offer(firm, firm.party().id), reviewed.party_id or 0
    firm.run("admin", lambda w: company.switch_off(w, "crm"))
    assert firm.move(quotation, "submit").state == "approved"
    assert firm.read("rep", lambda w: w.hooks.party_timeline(key)) == []
    cards = firm.read("rep", lambda w: w.hooks.dashboard_cards())
    assert [c.key for c in cards if c.key.startswith("crm.")] == []
    with pytest.raises(Unknown):
        firm.read("rep", lambda w: load(w, Talk, reviewed.id))
    firm.run("admin", lambda w: company.switch_on(w, "crm"))
    assert firm.read("rep", lambda w: load(w, Talk, reviewed.id)).guidance == "好"


# On paper ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("李工/技术主管/139；王总", [("李工", "技术主管", "139"), ("王总", "", "")]),
        ("", []),
        (" ; ／x ; 甲 / 乙 / 丙 / 丁", [("甲", "乙", "丙")]),
    ],
)
def test_people_are_read_as_they_are_written(written: str, found: list[tuple[str, str, str]]) -> None:
    assert [(p["name"], p["title"], p["phone"]) for p in people(written)] == found


def test_a_talk_is_printed_as_a_form_to_be_signed(firm: Firm) -> None:
    """CRM-01: customer, those present, what was said, needed and agreed, the next step and the guidance."""
    done = recorded(
        firm,
        their_people="李工/技术主管/13900000000",
        needs="IP66",
        agreed="先送样",
        open_points="付款方式",
        next_step="送样并报价",
        next_on="2026-12-01",
    )
    firm.move(done, "review", "manager", reason="注意交期")
    pdf = print_document(firm.program.works, firm.ask("rep"), Talk, done.id, "zh")
    reader = PdfReader(io.BytesIO(pdf))
    whole = re.sub(r"\s+", "", "".join(page.extract_text() for page in reader.pages))
    assert len(reader.pages) == 1
    for said in (
        "客户洽谈记录表",
        done.party_name,
        "参加人员",
        "李工",
        "技术主管",
        "洽谈内容",
        "客户要两周内供货。",
        "客户需求与意见",
        "IP66",
        "达成共识",
        "先送样",
        "下一步计划",
        "2026年12月1日",
        "主管指导意见",
        "注意交期",
        "记录人",
    ):
        assert said in whole, said
