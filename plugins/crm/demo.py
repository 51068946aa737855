"""A season of talks for the demonstration: recorded, submitted, answered with guidance, and followed up."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import select

from core.demonstration.companies import Demonstration
from core.demonstration.talks_and_projects import TalkNote, talk_notes
from core.operations import create, masters, move
from core.roles import SALES_MANAGER
from core.schemas import inputs
from core.work import Work
from plugins.crm.documents import Talk
from plugins.crm.masters import Tracking

PER_FIRM = 1.1
SEASON = 110  # working days
DRAFTS = 4  # talks of today, still being written
WAITING = 9  # about so many talks wait for the manager at any time
LATE = 8  # customers somebody should have called by now
OUTCOMES = {"design": "needs", "sale": "offer", "dealer": "offer"}
GUIDANCE = {
    "design": ("请技术部配合一次现场交流", "先摸清决策人，再谈价格", "安排客户来公司参观", "把样品和检测报告准备好"),
    "sale": ("抓紧跟进，本周内拿到清单", "价格可以谈，但预付款不能少", "注意了解竞争对手的报价和交期"),
    "dealer": ("先小批量合作，款到发货", "按价目表执行，返利年底再谈", "抓紧落实订货数量"),
    "complaint": ("两天内必须答复客户", "请售后先到现场看一下，再谈责任", "查清批次，防止类似问题再出现"),
    "money": ("回款优先，月底前落实", "与财务核对后，每周催一次"),
    "meeting": ("请质检部一起准备，按时参加", "借会议机会拜访采购负责人"),
    "wait": ("先稳住，等对方资金到位再报价", "保持联系，每月至少一次", "同意你的计划，下周例会汇报进展"),
}
HEATS = {"A": ("hot", "interested"), "B": ("interested", "promising"), "C": ("promising", "possible")}
CHANCES = {"hot": 70, "interested": 50, "promising": 30, "possible": 10}


def season(demo: Demonstration) -> None:
    """Record the talks of the last months day by day; the last ones are still being written."""
    count = max(DRAFTS + WAITING + 10, int(len(demo.firms) * PER_FIRM))
    seed = demo.chance("talks").randrange(10**6)
    notes = talk_notes(seed, demo.market, demo.firms, count, days=demo.days[-SEASON:-1])
    days: dict[datetime.date, list[TalkNote]] = defaultdict(list)
    for note in notes[:-DRAFTS]:
        days[note.on].append(note)
    unread: list[tuple[int, str]] = []
    for day, told in sorted(days.items()):
        _answer(demo, day, unread[:-WAITING])
        unread = unread[-WAITING:] + _record(demo, day, told)
    for note in notes[-DRAFTS:]:
        demo.run(
            demo.owners[note.firm], demo.today, partial(_talks, demo, [replace(note, on=demo.today, next_on=None)])
        )


def _record(demo: Demonstration, day: datetime.date, told: Sequence[TalkNote]) -> list[tuple[int, str]]:
    """The day's talks, written and submitted by who answers for the customer: their ids and what they are about."""
    recorded: list[tuple[int, str]] = []
    for owner in sorted({demo.owners[note.firm] for note in told}):
        mine = [note for note in told if demo.owners[note.firm] == owner]
        keys = demo.run(owner, day, partial(_submitted, demo, mine), hour=16)
        recorded += [(key, note.about) for key, note in zip(keys, mine, strict=True)]
    return recorded


def _talks(demo: Demonstration, notes: Sequence[TalkNote], work: Work) -> list[int]:
    return [_talk(work, demo, note) for note in notes]


def _submitted(demo: Demonstration, notes: Sequence[TalkNote], work: Work) -> list[int]:
    keys = _talks(demo, notes, work)
    for key in keys:
        move.move(work, Talk, key, "submit")
    return keys


def _talk(work: Work, demo: Demonstration, note: TalkNote) -> int:
    given = {
        "party_id": demo.parties[note.firm],
        "date": note.on.isoformat(),
        "way": note.method,
        "topic": note.subject,
        "contact_name": note.contact.name,
        "contact_phone": note.contact.mobile,
        "content": note.content,
        "next_step": note.next_step,
        "next_on": note.next_on.isoformat() if note.next_on else "",
        "outcome": OUTCOMES.get(note.about, ""),
    }
    return create.create(work, Talk, inputs.read(Talk, given)).id


def _answer(demo: Demonstration, day: datetime.date, unread: Sequence[tuple[int, str]]) -> None:
    """The manager reads in the morning what came in before, and says what to do."""
    if unread:
        demo.run(demo.holders(SALES_MANAGER.key)[0], day, partial(_guide, demo, unread), hour=8.5)


def _guide(demo: Demonstration, unread: Sequence[tuple[int, str]], work: Work) -> None:
    for key, about in unread:
        move.move(work, Talk, key, "review", reason=demo.chance(f"guidance {key}").choice(GUIDANCE[about]))


def ending(demo: Demonstration) -> None:
    """Say on the tracking sheet how warm each customer is, and when the next call is due; a few are late."""
    random = demo.chance("tracking")
    owners = dict(zip(demo.parties, demo.owners, strict=True))
    with demo.program.works.read(demo.ask("system", demo.today)) as work:
        known = {row.party_id: row for row in work.session.scalars(select(Tracking))}
    late = set(random.sample(sorted(known), min(LATE, len(known))))
    sheets: dict[str, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    for party, row in sorted(known.items()):
        values = _sheet(demo, demo.parties.index(party))
        if party in late:
            values["next_contact"] = demo.today - datetime.timedelta(days=random.randint(1, 9))
        elif row.next_contact < demo.today:
            values["next_contact"] = demo.today + datetime.timedelta(days=random.randint(0, 25))
        sheets[owners[party]].append((row.id, values))
    for owner, rows in sorted(sheets.items()):
        demo.run(owner, demo.today, partial(_fill, rows), hour=8.5)


def _fill(rows: Sequence[tuple[int, dict[str, Any]]], work: Work) -> None:
    for key, values in rows:
        masters.save(work, Tracking, values, key=key)


def _sheet(demo: Demonstration, index: int) -> dict[str, Any]:
    firm, random = demo.firms[index], demo.chance(f"sheet {index}")
    heat = random.choice(HEATS[firm.customer_class])
    values: dict[str, Any] = {"heat": heat, "source": firm.source, "chance": CHANCES[heat]}
    if heat in ("hot", "interested"):
        values["wanted"] = "、".join(sorted({str(random.choice(demo.preset.items)["name"]) for _n in range(2)}))
        values["expected_amount"] = Decimal(random.randint(2, 90) * 10_000)
        values["expected_on"] = demo.today + datetime.timedelta(days=random.randint(10, 90))
    return values
