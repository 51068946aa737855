"""Making and buying in the demonstration: planned, begun, reported, held up now and then, ready."""

from __future__ import annotations

import datetime
from typing import Any

from core.demonstration.desk import Desk
from core.roles import PRODUCTION, PURCHASING
from plugins.production.documents import FollowUp, ProductionOrder

ORDERS = {"planned": (1, 3), "scheduled": (1, 3), "started": (2, 9), "troubled": (2, 5)}
PURCHASES = {"waiting": (0, 3), "told": (2, 8), "troubled": (2, 4)}
PROBLEMS = (
    ("关键设备故障，预计影响三天", "调整班次，周末补回"),
    ("来料检验不合格，需要换料", "改用合格供方库存，延后两天"),
    ("客户变更了技术要求", "评审后重新排期"),
)
REPORTS = ("主要工序已完成，按计划推进", "装配过半，进度正常", "等待检验，预计按期完成")
WORKSHOPS = ("一车间", "二车间", "装配线")


def workday(desk: Desk) -> None:
    """Bring on what is to be made and what is to be bought."""
    for row in desk.ready(ProductionOrder, ORDERS):
        _make(desk, row)
    for row in desk.ready(FollowUp, PURCHASES):
        _buy(desk, row)


def _make(desk: Desk, row: Any) -> None:
    owner, works = desk.login(row.owner_id), desk.somebody(PRODUCTION.key)
    random, end = desk.chance("make", row.id), desk.today + datetime.timedelta(days=14)
    match row.state:
        case "planned":
            plan = {"planned_start": desk.today.isoformat(), "planned_end": end.isoformat()}
            desk.go(works, ProductionOrder, row.id, "schedule", plan | {"workshop": random.choice(WORKSHOPS)})
        case "scheduled":
            desk.go(works, ProductionOrder, row.id, "start", {"started_on": desk.today.isoformat()})
        case "started" if random.random() < 0.22 and (row.id, "solved") not in desk.since:
            problem, proposal = random.choice(PROBLEMS)
            desk.go(works, ProductionOrder, row.id, "stop", {"problem": problem, "proposal": proposal})
        case "started" if desk.since.setdefault((row.id, "reported"), desk.place) == desk.place:
            told = {"progress": "60", "report": random.choice(REPORTS), "expected_on": end.isoformat()}
            desk.go(works, ProductionOrder, row.id, "report", told)
        case "started":
            done = {"finished_on": desk.today.isoformat(), "tested_by": "检验员"}
            desk.go(works, ProductionOrder, row.id, "finish", done, hour=15)
        case "troubled" if desk.left > 6:
            desk.since[row.id, "solved"] = desk.place
            desk.go(owner, ProductionOrder, row.id, "resume", {"solution": "同意方案，已与客户说明"})


def _buy(desk: Desk, row: Any) -> None:
    owner, buyer = desk.login(row.owner_id), desk.somebody(PURCHASING.key)
    random, day = desk.chance("buy", row.id), desk.today + datetime.timedelta(days=7)
    match row.state:
        case "waiting":
            desk.go(owner, FollowUp, row.id, "tell")
        case "told" if random.random() < 0.22 and (row.id, "solved") not in desk.since:
            problem, proposal = PROBLEMS[1]
            desk.go(buyer, FollowUp, row.id, "stop", {"problem": problem, "proposal": proposal})
        case "told" if desk.since.setdefault((row.id, "urged"), desk.place) == desk.place:
            told = {"expected_on": day.isoformat(), "purchase_number": f"PO{row.id:06}", "answer": "已排产，按期发货"}
            desk.go(buyer, FollowUp, row.id, "urge", told)
        case "told":
            desk.go(buyer, FollowUp, row.id, "arrive", {"finished_on": desk.today.isoformat()}, hour=15)
        case "troubled" if desk.left > 6:
            desk.since[row.id, "solved"] = desk.place
            desk.go(owner, FollowUp, row.id, "resume", {"solution": "同意换供方", "expected_on": day.isoformat()})
