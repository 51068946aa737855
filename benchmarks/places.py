"""Where is measured: a database on each engine that keeps what it acknowledged, and a company with many records."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from core.app import Program, open_program
from core.db.engine import open_engine
from core.db.migrate import upgrade
from core.entities.item import Item
from core.entities.party import Party
from core.entities.territory import Territory, territories
from core.extension.loader import load
from core.operations import masters, people
from core.operations.roles import name_role, set_grants
from core.roles import Scope
from core.schemas import inputs
from core.testing import bulk
from core.testing.builders import Firm, line
from core.testing.servers import APP, OWNER, Postgres
from core.work import Work
from plugins.quotation.documents import Quotation

# As a careful installation sets them: nothing acknowledged is lost.
SAFE = ("max_connections=60", "shared_buffers=512MB", "max_wal_size=4GB", "checkpoint_timeout=15min")
PARTIES = 100_000
FOUND = 100_000
CITIES = [
    "青岛",
    "大连",
    "宁波",
    "厦门",
    "深圳",
    "苏州",
    "无锡",
    "佛山",
    "东莞",
    "温州",
    "绍兴",
    "嘉兴",
    "常州",
    "南通",
    "徐州",
    "扬州",
    "烟台",
    "潍坊",
    "洛阳",
    "襄阳",
]
NAMES = [
    "海天",
    "金辉",
    "宏达",
    "恒通",
    "瑞丰",
    "华泰",
    "永兴",
    "嘉禾",
    "鼎盛",
    "博远",
    "安信",
    "同创",
    "天成",
    "中联",
    "新源",
    "立德",
    "百川",
    "四海",
    "东方",
    "长城",
]
TRADES = ["照明工程", "机电设备", "建筑装饰", "轴承贸易", "景观设计"]
# Two thousand names; each word is in one record of a hundred, one trade in five.
WORDS = [f"{city}{name}{trade}有限公司" for name in NAMES for trade in TRADES for city in CITIES]


@dataclass(slots=True)
class Place:
    """A program over one database, with a firm, a customer and products in it."""

    engine: str
    url: str
    owner_url: str
    program: Program
    firm: Firm
    party: Party
    items: list[Item]
    quotations: int = 0
    parties: int = 0

    def grow(self, size: int) -> None:
        """Have ``size`` quotations and as many customers, up to a bound; so many of both are found by search."""
        sample = self.firm.create(Quotation, party_id=self.party.id, lines=[line(self.items[0])])
        customers = min(size, PARTIES) - self.parties
        people = [self.firm.people["rep"], self.firm.people["rep2"], self.firm.people["manager"]]
        if customers > 0:
            again = self.firm.party(name=f"中原照明工程 {size} 号有限公司")

            def more(work: Work) -> None:
                bulk.masters(work.connection, again, customers)
                bulk.searchable(work.connection, again, words=WORDS)

            self.firm.as_program(more)
            self.parties += customers
        known = self.firm.as_program(
            lambda w: list(w.connection.execute(text("SELECT id FROM party ORDER BY id DESC LIMIT 5000")).scalars())
        )
        parties = list(range(min(known), max(known) + 1))
        missing = size - self.quotations
        for count in [100_000] * (missing // 100_000) + [missing % 100_000]:
            if count:
                self._more(count, people, parties)
        if self.quotations < FOUND:
            self.firm.as_program(lambda w: bulk.searchable(w.connection, sample, words=WORDS, most=FOUND))
        self.quotations = size
        self.analyse()

    def reach(self, scope: Scope) -> None:
        """Somebody whose every right reaches as far as ``scope``: a team of three in ten, one territory in five."""
        firm = self.firm
        if "circle" not in firm.people:
            for n in range(10):
                name = "circle" if n == 0 else f"seller{n}"
                firm.people[name] = people.create_account(self.program.works, f"{name}@bench", f"业务{n}")
            firm.as_program(self._circle)
            firm.as_program(self._lands)

        def command(work: Work) -> None:
            rights = work.types.permissions.items()
            set_grants(work, "circle", {k: scope if p.scoped else Scope.COMPANY for k, p in rights})
            self._spread(work)

        firm.as_program(command)

    def _circle(self, work: Work) -> None:
        people.save_department(work, "circle", "主管部")
        name_role(work, "circle", "主管")
        for n, name in enumerate(("circle", *(f"seller{n}" for n in range(1, 10)))):
            department, roles = ("circle" if n < 3 else ""), (["circle"] if n == 0 else [])
            people.employ(work, self.firm.people[name], department=department, roles=roles)

    def _lands(self, work: Work) -> None:
        for n in range(1, 6):
            holders = [{"account_id": self.firm.people["circle"]}] if n == 1 else []
            values = {"code": f"t{n}", "name": f"片区{n}", "regions": f"37{n:02}", "holders": holders}
            masters.save(work, Territory, inputs.read(Territory, values))

    def _spread(self, work: Work) -> None:
        """Let every customer and quotation belong to one of the ten people, and lie in one of five territories."""
        first, lands = self.firm.people["circle"], sorted(territories(work))
        mine = {"c": work.company.id}
        for table in ("party", "document"):
            owner = f"UPDATE {table} SET owner_id = {first} + id % 10 WHERE company_id = :c"
            work.connection.execute(text(owner), mine)
        land = f"UPDATE party SET territory_id = {lands[0]} + id % {len(lands)} WHERE company_id = :c"
        work.connection.execute(text(land), mine)

    def _more(self, count: int, people: list[int], parties: list[int]) -> None:
        like = self.firm.create(Quotation, party_id=self.party.id, lines=[line(self.items[0])])
        self.firm.as_program(lambda w: bulk.documents(w.connection, like, count, people=people, parties=parties))

    def analyse(self) -> None:
        """Let the planner know what the tables hold by now."""
        owner = open_engine(self.owner_url)
        with owner.connect() as link:
            raw = link.execution_options(isolation_level="AUTOCOMMIT") if self.engine == "PostgreSQL" else link
            raw.exec_driver_sql("VACUUM ANALYZE" if self.engine == "PostgreSQL" else "ANALYZE")
        owner.dispose()


@contextmanager
def places(engines: tuple[str, ...]) -> Iterator[list[Place]]:
    """A place on each engine, for the length of the block."""
    with tempfile.TemporaryDirectory(prefix="zhanggui-bench-") as folder:
        found = []
        servers = []
        for engine in engines:
            if engine == "SQLite":
                url = f"sqlite:///{Path(folder) / 'zhanggui.sqlite'}"
                found.append(_opened(engine, url, url))
            else:
                server = Postgres(SAFE)
                servers.append(server)
                name = server.create()
                found.append(_opened(engine, server.url(name, role=APP), server.url(name, role=OWNER)))
        try:
            yield found
        finally:
            for place in found:
                place.program.engine.dispose()
            for server in servers:
                server.stop()


def _opened(engine: str, url: str, owner_url: str) -> Place:
    owner = open_engine(owner_url)
    upgrade(owner, load()[0].packages, app_role=APP if engine == "PostgreSQL" else None)
    owner.dispose()
    program = open_program(open_engine(url))
    firm = Firm.founded(program, "bench", "基准照明有限公司")
    party = firm.party(contacts=[{"name": "王经理", "mobile": "13800000000"}])
    return Place(engine, url, owner_url, program, firm, party, [firm.item() for _n in range(5)])
