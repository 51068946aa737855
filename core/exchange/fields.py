"""The columns that a file of one type may have, and which of them a header means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from core.documents.faces import Face, faces
from core.documents.kinds import Type
from core.documents.models import Document, DocumentLine
from core.exchange.cells import header_key, labels, spoken
from core.schemas.inputs import LINE_INPUT, schema, writable
from core.text import LANGUAGES, Text, _, speaking
from core.work import Work

# Rows with the same value here belong to one record; the value itself goes nowhere.
TOGETHER = "_together"
MOST_HEAD_ROWS = 10
# Further words for fields, as Chinese offices head their columns. For a path, else for the field's name anywhere.
WORDS: dict[str, tuple[str, ...]] = {
    TOGETHER: ("单据号", "单号", "原单号", "单据编号", "Document no."),
    "date": ("日期", "单据日期", "制单日期", "开票日期", "收款日期", "Day"),
    "code": (
        "编码",
        "编号",
        "代码",
        "客户编号",
        "客户代码",
        "产品编码",
        "物料编码",
        "存货编码",
        "商品编码",
        "Code",
        "No.",
    ),
    "name": ("名称", "客户名称", "公司名称", "企业名称", "单位名称", "品名", "产品名称", "物料名称", "Name", "Company"),
    "name_en": ("英文名", "英文名称"),
    "short_name": ("简称", "客户简称"),
    "credit_code": ("信用代码", "社会信用代码", "税号", "纳税人识别号", "Tax number", "USCC"),
    "phone": ("电话", "联系电话", "座机", "公司电话", "Telephone", "Tel"),
    "email": ("邮箱", "电子邮箱", "Email", "E-mail"),
    "website": ("网址", "网站"),
    "region": ("地区", "区域", "省市"),
    "address": ("地址", "公司地址", "通讯地址"),
    "industry": ("行业", "所属行业"),
    "party_class": ("客户等级", "等级", "客户级别"),
    "owner_id": ("业务员", "负责人", "销售员", "销售", "跟进人", "Owner", "Sales representative"),
    "department_id": ("部门", "所属部门"),
    "parent_id": ("集团", "上级单位", "母公司"),
    "party_id": ("客户", "客户名称", "客户编码", "购货单位", "Customer"),
    "remark": ("备注", "说明", "Note", "Notes"),
    "specification": ("规格", "规格型号", "型号"),
    "unit": ("单位", "计量单位"),
    "list_price": ("单价", "销售价", "含税单价", "价格", "Price"),
    "reference": ("客户单号", "客户订单号"),
    "contacts.name": ("联系人", "联系人姓名", "Contact", "Contact name"),
    "contacts.mobile": ("手机", "手机号", "联系人手机", "联系人电话", "Mobile"),
    "contacts.title": ("职务", "联系人职务"),
    "contacts.email": ("联系人邮箱",),
    "contacts.wechat": ("微信", "微信号"),
    "addresses.line": ("收货地址", "送货地址"),
    "tax_titles.title": ("发票抬头", "开票名称"),
    "bank_accounts.bank": ("开户行", "开户银行"),
    "bank_accounts.account": ("银行账号", "账号"),
    "lines.item_id": (
        "产品",
        "产品编码",
        "物料编码",
        "商品编码",
        "存货编码",
        "商品",
        "Product",
        "Product code",
        "Item",
    ),
    "lines.name": ("品名", "产品名称", "物料名称"),
    "lines.quantity": ("数量", "Qty", "Quantity"),
    "lines.gross_price": ("单价", "含税单价", "Price", "Unit price"),
    "lines.price": ("不含税单价",),
    "lines.unit": ("单位", "计量单位"),
    "lines.discount_rate": ("折扣",),
    "lines.tax_rate_id": ("税率",),
    "lines.specification": ("规格", "规格型号"),
    "lines.remark": ("行备注",),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One field that a column of a file may fill: ``path`` is ``name``, or ``contacts.name`` of a part or a line."""

    path: str
    face: Face | None
    owner: Text | None = None
    required: bool = False

    @property
    def part(self) -> str:
        """The list that it belongs to; empty for the record itself."""
        return self.path.partition(".")[0] if "." in self.path else ""

    @property
    def name(self) -> str:
        """The field within its record, line or part."""
        return self.path.rpartition(".")[2]

    @property
    def label(self) -> str:
        """What heads the column, in the reader's language."""
        own = str(self.face.label) if self.face else str(_("Rows together"))
        return f"{self.owner}: {own}" if self.owner else own


def columns(work: Work, cls: Type) -> dict[str, Column]:
    """Every field of ``cls`` that the actor may fill from a file, by its path; none that he does not see."""
    return {column.path: column for column in all_columns(cls) if column.face is None or work.sees(column.face.needs)}


@cache
def all_columns(cls: Type) -> tuple[Column, ...]:
    """Every field that a file may fill, whoever sees it."""
    return tuple(_columns(cls))


def _columns(cls: Type) -> Iterator[Column]:
    needed = schema(cls, False)().fields
    lined = issubclass(cls, Document) and cls.has_lines
    yield from (Column(name, face, required=needed[name].required) for name, face in _tellable(writable(cls)))
    if lined:
        known = faces(DocumentLine)
        yield from (Column(f"lines.{name}", known[name], _("Line")) for name in LINE_INPUT)
    for part in cls.parts:
        for name, face in _tellable(writable(part, owner=part.owner)):
            yield Column(f"{part.key}.{name}", face, part.label, face.field.required)
    if cls.parts or lined:
        yield Column(TOGETHER, None)


def _tellable(known: Mapping[str, Face]) -> Iterator[tuple[str, Face]]:
    """What a cell can say."""
    return ((name, face) for name, face in known.items() if face.kind not in {"json", "instant"})


def _meanings(cls: Type, column: Column) -> dict[str, int]:
    """Every header that means the column, with how surely (less is surer)."""
    found: dict[str, int] = {header_key(column.path): 0}
    if column.face is not None:
        found |= {header_key(word): 3 if column.part else 1 for word in labels(column.face.label)}
    if column.face is None or column.owner is not None:
        found |= dict.fromkeys(_in_both(lambda: column.label), 0)
    for word in WORDS.get(column.path, ()):
        found.setdefault(header_key(word), 2)
    for word in () if column.part else WORDS.get(column.name, ()):
        found.setdefault(header_key(word), 4)
    if column.path == "name":
        for key in _in_both(lambda: f"{cls.label}{_('Name')}"):
            found.setdefault(key, 2)
    return found


def _in_both(said: Callable[[], str]) -> set[str]:
    found = set()
    for language in LANGUAGES:
        with speaking(language):
            found.add(header_key(said()))
    return found


@cache
def _dictionary(cls: Type, _spoken: int) -> dict[str, tuple[str, ...]]:
    """The paths that a header may mean, the surest first. Made anew when catalogues are loaded."""
    found: dict[str, list[tuple[int, int, str]]] = {}
    # Of two that are called alike, the one that forms and lists show.
    every = all_columns(cls)
    order = dict.fromkeys([*template_columns({column.path: column for column in every}, cls), *every])
    for place, column in enumerate(order):
        for word, sure in _meanings(cls, column).items():
            if word:
                found.setdefault(word, []).append((sure, place, column.path))
    return {word: tuple(path for _sure, _place, path in sorted(hits)) for word, hits in found.items()}


def guessed(known: Mapping[str, Column], cls: Type, headers: Sequence[str], kept: Mapping[str, str]) -> dict[int, str]:
    """The field of each column by its place: as the company read the header before, else by its words; each once."""
    words = _dictionary(cls, spoken())
    found: dict[int, str] = {}
    for place, header in enumerate(headers):
        before = kept.get(header_key(header), "")
        if before in known and before not in found.values():
            found[place] = before
    for place, header in enumerate(headers):
        if place in found or not header or header_key(header) in kept:
            continue
        for path in words.get(header_key(header), ()):
            if path in known and path not in found.values():
                found[place] = path
                break
    return found


def header_place(cls: Type, first: Sequence[tuple[int, list[str]]]) -> int:
    """Which of the first rows heads the columns: the one that says most of our words, else the first."""
    words = _dictionary(cls, spoken())
    best, most = 0, 0
    for place, (_number, cells) in enumerate(first[:MOST_HEAD_ROWS]):
        count = len({header_key(cell) for cell in cells if cell} & words.keys())
        if count > most:
            best, most = place, count
    return best


def template_columns(known: Mapping[str, Column], cls: Type) -> list[Column]:
    """The columns of an empty file to fill in: what is needed first, then what lists and forms show."""
    shown: list[str] = [column.path for column in known.values() if column.required and not column.part]
    wanted: list[str] = [*shown, *getattr(cls, "header", ()), *cls.columns]
    if not issubclass(cls, Document):
        wanted += [column.path for column in known.values() if not column.part and column.path != "active"]
    else:
        wanted.insert(0, TOGETHER)
        wanted += ["lines.item_id", "lines.name", "lines.specification", "lines.quantity", "lines.unit"]
        wanted += ["lines.gross_price", "lines.discount_rate", "lines.deadline", "lines.remark"]
    for part in cls.parts:
        wanted += [f"{part.key}.{name}" for name in part.columns]
    return [known[path] for path in dict.fromkeys(wanted) if path in known and path != "active"]
