"""Every address of the interface, as values: the router and the OpenAPI document are both made from this list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from core.documents.kinds import Type, area_of, kind_of
from core.documents.models import Document
from core.extension.registry import Registry
from core.reports.report import Report
from core.search.listing import filter_names
from core.web.api import (
    approvals,
    channels,
    comments,
    company,
    documents,
    duties,
    files,
    flow,
    guidance,
    handing,
    imports,
    logs,
    notices,
    records,
    reports,
    rights,
)
from core.web.api.calls import BINARY, JSON, PDF, Answer, Call
from core.work import Work

Act = Callable[[Work, Call], Answer]
Alone = Callable[[Call], Answer]
V1 = "/api/v1"


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one address. ``takes`` names the schema of the body, ``answers`` that of the answer.

    ``query`` are the names that may follow the question mark; ``mark``: which header of versions it knows (``none``,
    ``asks``: If-None-Match, ``may``, ``must``: If-Match). ``alone`` stands in for ``act`` where the operation opens its
    units of work itself.
    """

    method: str
    path: str
    name: str
    about: str
    act: Act | None
    answers: str
    takes: str = ""
    query: tuple[str, ...] = ()
    status: int = 200
    mark: str = "none"
    cls: Type | None = None
    area: str = "core"
    gives: str = JSON
    reads: bool = False
    alone: Alone | None = None
    report: Report | None = None

    @property
    def writes(self) -> bool:
        """Whether it needs a transaction that writes."""
        return self.method != "GET" and not self.reads


def routes(registry: Registry) -> list[Route]:
    """All routes: those of the company, then those of every type, core's first, then the reports."""
    found = list(_company())
    types: list[Type] = [*registry.masters.values(), *registry.documents.values()]
    for cls in types:
        found += _records(cls)
        if issubclass(cls, Document):
            found += _documents(cls)
        if kind_of(cls) in registry.allocating:
            found += _payments(cls)
    found += [_report(report) for report in registry.reports.values()]
    return found


def _report(report: Report) -> Route:
    return Route(
        "GET",
        reports.place_of(report),
        f"read{reports.name_of(report)}",
        f"Report: {report.label.message.lower()}",
        reports.read_report,
        reports.name_of(report),
        query=reports.asked(report),
        area=report.area,
        report=report,
    )


def _company() -> Iterator[Route]:
    at = f"{V1}/core"
    yield Route("GET", f"{at}/me", "me", "Who the token acts as", company.me, "Me")
    tasks = f"{at}/approvals"
    yield Route("GET", tasks, "approvals", "What waits for my consent", approvals.my_tasks, "Tasks")
    yield Route(
        "GET",
        f"{tasks}/decided",
        "decisions",
        "What I have decided",
        approvals.my_decisions,
        "Decisions",
        query=("size", "before"),
    )
    yield Route(
        "GET",
        f"{tasks}/asked",
        "requests",
        "What I have asked for",
        approvals.my_requests,
        "Requests",
        query=("size", "before"),
    )
    yield Route(
        "GET",
        f"{tasks}/copies",
        "copies",
        "What was sent to me",
        approvals.my_copies,
        "Copies",
        query=("size", "before"),
    )
    yield Route(
        "POST",
        f"{tasks}/copies/<int:id>/read",
        "readCopy",
        "I have read what was sent to me",
        approvals.read_copy,
        "Copy",
        "NothingInput",
    )
    for act, about, takes in (
        (approvals.agree, "Agree", "DecisionInput"),
        (approvals.reject, "Refuse, with a reason", "DecisionInput"),
        (approvals.call_in, "Ask others as well", "CallInInput"),
        (approvals.call_off, "Call off whom I have called in", "NothingInput"),
        (approvals.hand_over, "Give it to somebody else for good", "HandOverInput"),
        (approvals.send_back, "Send it back", "SendBackInput"),
    ):
        name = act.__name__
        yield Route("POST", f"{tasks}/<int:id>/{name.replace('_', '-')}", name, about, act, "Decided", takes)
    away = f"{at}/stand-ins"
    yield Route("GET", away, "standIns", "Who stands in for whom", approvals.stand_ins, "StandIns")
    yield Route("POST", away, "standIn", "Let somebody stand in", approvals.stand_in, "StandIn", "StandInInput")
    yield Route(
        "POST",
        f"{away}/<int:id>/end",
        "endStandIn",
        "Let nobody stand in any more",
        approvals.end_stand_in,
        "StandIn",
        "NothingInput",
    )
    said, past = f"{at}/guidance", ("size", "before")
    yield Route("GET", said, "guidance", "What was said to me", guidance.for_me, "GuidanceBox", query=past)
    mine = "What I have said to others"
    yield Route("GET", f"{said}/given", "guidanceGiven", mine, guidance.said_by_me, "GuidanceBox", query=past)
    about = "Answer what was said to me"
    yield Route("POST", f"{said}/<int:id>/answer", "answer", about, guidance.answer, "Guidance", "AnswerInput")
    yield from _hand_overs(f"{at}/hand-overs")
    yield from _notices(f"{at}/notices")
    yield from _duties(at)
    yield from _channels(f"{at}/channels")
    yield from _imports(f"{at}/imports")
    yield Route(
        "GET", f"{at}/search", "search", "Find records of any kind", company.search, "Hits", query=("q", "size")
    )
    yield Route("GET", f"{at}/areas", "areas", "All areas", company.areas, "Areas")
    yield Route("PUT", f"{at}/areas/<name>", "area", "Switch an area on or off", company.switch, "Area", "AreaInput")
    yield from _rights(at)
    called = f"{at}/mentions"
    past = ("before", "size")
    yield Route("GET", called, "mentions", "Comments that call me", comments.mentions, "MentionList", query=past)
    read = "I have read what calls me"
    yield Route("POST", f"{called}/<int:id>/read", "readMention", read, comments.read_mention, "Count", "NothingInput")
    changed = "What was changed in the company, the latest first"
    yield Route("GET", f"{at}/history", "log", changed, logs.history, "Log", query=logs.FILTERS)
    came = "Who signed in, printed, exported, downloaded, or was refused"
    yield Route("GET", f"{at}/audit", "audit", came, logs.audit, "AuditLog", query=(*logs.FILTERS, "address"))
    yield from _beside(f"{at}/records/<kind>/<int:id>")
    yield Route("GET", f"{at}/settings", "settings", "What the company chose", company.settings, "Settings")
    yield Route("PATCH", f"{at}/settings", "choose", "Choose settings", company.choose, "Settings", "SettingsInput")


def _channels(at: str) -> Iterator[Route]:
    one = f"{at}/<int:id>"
    yield Route("GET", at, "channels", "How messages leave the company", channels.list_channels, "Channels")
    new, about = "ChannelInput", "Set a channel up"
    yield Route("POST", at, "makeChannel", about, channels.make_channel, "Channel", new, status=201)
    past, about = ("before", "size"), "What left the company, or could not"
    yield Route("GET", f"{at}/sent", "sent", about, channels.sent, "Sendings", query=past)
    yield Route("GET", one, "channel", "One channel", channels.read_channel, "Channel")
    about, patch = "Change a channel", "ChannelPatch"
    yield Route("PATCH", one, "changeChannel", about, channels.change_channel, "Channel", patch, mark="must")
    about = "Send the caller a test by it"
    yield Route("POST", f"{one}/test", "testChannel", about, channels.test_channel, "Done", "NothingInput")


def _rights(at: str) -> Iterator[Route]:
    roles, person = f"{at}/roles", f"{at}/people/<int:id>/roles"
    yield Route("GET", roles, "roles", "The roles of the company and their rights", rights.roles, "Roles")
    yield Route("PUT", f"{roles}/<name>", "role", "Make or change a role", rights.change_role, "Role", "RoleInput")
    yield Route("GET", person, "heldRoles", "The roles of a person", rights.held, "HeldRoles")
    yield Route(
        "PUT", person, "holdRoles", "Let a person hold exactly these roles", rights.hold, "HeldRoles", "HeldRolesInput"
    )
    asked = ("permission", "person_id", "id")
    about = "Why somebody may, or may not, do something"
    yield Route("GET", f"{at}/why", "why", about, None, "Explanation", query=asked, alone=rights.why)
    yield Route("GET", f"{at}/collisions", "collisions", "Whose roles collide", rights.collisions_of_all, "Collisions")


def _hand_overs(every: str) -> Iterator[Route]:
    one, asked = f"{every}/<int:id>", "HandingOverInput"
    yield Route(
        "POST",
        f"{every}/preview",
        "lookAtHandOver",
        "What would go to whom",
        handing.preview,
        "HandOverPreview",
        asked,
        reads=True,
    )
    yield Route("POST", every, "makeHandOver", "Hand over", handing.make, "HandOver", asked, status=201)
    past = ("before", "size")
    yield Route("GET", every, "handOvers", "Hand-overs", handing.list_all, "HandOvers", query=past)
    yield Route("GET", one, "handOver", "One hand-over", handing.read, "HandOver")
    further = ("after", "size")
    yield Route("GET", f"{one}/items", "handOverItems", "What went", handing.items, "HandOverItems", query=further)
    yield Route("POST", f"{one}/undo", "undoHandOver", "Undo it", handing.undo, "HandOverUndone", "NothingInput")


def _notices(every: str) -> Iterator[Route]:
    one, past = f"{every}/<int:id>", ("before", "size")
    yield Route("GET", every, "notices", "What concerns me and is in force", notices.list_mine, "Notices")
    yield Route(
        "GET", f"{every}/earlier", "earlierNotices", "What is over", notices.list_earlier, "OldNotices", query=past
    )
    yield Route("GET", one, "notice", "One announcement to read", notices.read_one, "Notice")
    papers, about = f"{one}/files", "The papers of an announcement"
    yield Route("GET", papers, "noticeFiles", about, notices.list_files, "Files")
    took, at = "A paper of an announcement; that it was taken is in the audit log", f"{papers}/<int:file>"
    yield Route("GET", at, "noticeFile", took, None, "", gives=BINARY, alone=notices.read_file)
    yield Route("POST", f"{one}/read", "readNotice", "I have read it", notices.read, "Notice", "PromiseInput")
    yield Route("GET", f"{one}/readers", "readersOfNotice", "Who has read it", notices.readers, "Readers")
    yield Route("POST", f"{one}/announce", "announce", "Announce it", notices.announce, "Notice", "NothingInput")
    yield Route("POST", f"{one}/withdraw", "withdrawNotice", "Withdraw it", notices.withdraw, "Notice", "WithdrawInput")
    yield Route(
        "POST", f"{one}/renew", "renewNotice", "A newer edition", notices.renew, "Notice", "NothingInput", status=201
    )
    yield Route(
        "POST", f"{one}/remind", "remindReaders", "Remind who has not", notices.remind, "Reminded", "NothingInput"
    )


def _duties(at: str) -> Iterator[Route]:
    all_of, tasks, told = f"{at}/duties", f"{at}/tasks", f"{at}/messages"
    yield Route("GET", all_of, "duties", "What I have to do", duties.my_duties, "Duties")
    yield Route(
        "GET",
        f"{all_of}/team",
        "teamDuties",
        "What those have to do whom I lead",
        duties.team_duties,
        "TeamDuties",
        query=("person", "kind"),
    )
    yield Route("POST", f"{all_of}/reason", "sayWhy", "Say why one is late", duties.say_why, "Done", "LateInput")
    yield Route("POST", f"{all_of}/remind", "urge", "Remind who has to do it", duties.urge, "Done", "UrgeInput")
    yield Route("POST", tasks, "giveTask", "Give a task", duties.give_task, "Made", "TaskInput", status=201)
    one = f"{tasks}/<int:id>"
    for act, path, name, about, takes in (
        (duties.finish_task, "done", "finishTask", "Tick a task off", "WithdrawInput"),
        (duties.withdraw_task, "withdraw", "withdrawTask", "Take a task back", "NothingInput"),
        (duties.urge_task, "remind", "urgeTask", "Remind who has the task", "NothingInput"),
    ):
        yield Route("POST", f"{one}/{path}", name, about, act, "Done", takes)
    asked = ("size", "before")
    yield Route("GET", told, "messages", "What I was told", duties.my_messages, "Messages", query=asked)
    yield Route("POST", f"{told}/read", "readMessages", "I have read it", duties.read_messages, "Done", "NothingInput")


def _imports(at: str) -> Iterator[Route]:
    one, upload = f"{at}/<int:id>", ("kind", "name")
    yield Route("GET", at, "imports", "What was brought in", imports.list_imports, "Imports", query=("before", "size"))
    yield Route("POST", at, "upload", "Send a file", imports.upload, "Import", BINARY, query=upload, status=201)
    about, form = "The empty file of a type", ("kind", "form")
    yield Route("GET", f"{at}/template", "template", about, imports.template, "", query=form, gives=BINARY)
    yield Route("GET", one, "readImport", "How far an import is", imports.read_import, "Import")
    yield Route("DELETE", one, "dropImport", "Forget a file", imports.drop, "", status=204)
    for act, about, takes in (
        (imports.check, "Check the rows of a file", "ImportInput"),
        (imports.go, "Bring in the good rows of a file", "NothingInput"),
        (imports.undo, "Take back all that a file brought in", "NothingInput"),
    ):
        name = act.__name__
        yield Route("POST", f"{one}/{name}", f"{name}Import", about, act, "Import", takes)
    asked = ("state", "after", "size")
    yield Route("GET", f"{one}/rows", "importRows", "What became of the rows", imports.rows, "ImportRows", query=asked)
    about = "The bad rows as a file"
    yield Route("GET", f"{one}/bad", "badRows", about, imports.bad_rows, "", query=("form",), gives=BINARY)


def _records(cls: Type) -> Iterator[Route]:
    name, area = cls.__name__, area_of(kind_of(cls))
    every, one = records.place_of(cls), f"{records.place_of(cls)}/<int:id>"
    plural, single = str(cls.label_plural.message).lower(), str(cls.label.message).lower()

    def route(method: str, path: str, act: Act, about: str, answers: str, takes: str = "", **more: Any) -> Route:
        called = act.__name__.removesuffix("s").removesuffix("_record")
        return Route(method, path, f"{called}{name}", about, act, answers, takes, cls=cls, area=area, **more)

    asked, new = (*records.PAGING, *filter_names(cls)), "New" if issubclass(cls, Document) else "Input"
    yield route("GET", every, records.list_records, f"List {plural}", f"{name}List", query=asked)
    yield route("POST", every, records.create_record, f"Create: {single}", name, f"{name}{new}", status=201)
    yield route("GET", one, records.read_record, f"Read: {single}", name, mark="asks")
    yield route("PATCH", one, records.change_record, f"Change: {single}", name, f"{name}Patch", mark="must")
    yield route("PUT", one, records.replace_record, f"Replace: {single}", name, f"{name}Input", mark="must")
    said = f"{one}/guidance"
    yield route("GET", said, guidance.guidance, f"Guidance: {single}", "GuidanceList")
    yield route("POST", said, guidance.guide, f"Give guidance: {single}", "Guidance", "GuidanceInput", status=201)
    past = ("before", "size")
    yield route("GET", f"{one}/history", documents.history, f"History: {single}", "HistoryList", query=past)


def _beside(at: str) -> Iterator[Route]:
    """What hangs on a record of any type beside its content."""
    said, one, past = f"{at}/comments", f"{at}/comments/<int:comment>", ("before", "size")
    yield Route("GET", said, "comments", "Comments on a record", comments.list_comments, "CommentList", query=past)
    new = "CommentInput"
    yield Route("POST", said, "comment", "Comment on a record", comments.add_comment, "Comment", new, status=201)
    yield Route("PATCH", one, "changeComment", "Change my comment", comments.change_comment, "Comment", new)
    back, off = comments.take_back_comment, "TakeOffInput"
    yield Route("POST", f"{one}/take-back", "takeBackComment", "Take a comment back", back, "Comment", off)
    here, file = f"{at}/files", f"{at}/files/<int:file>"
    yield Route("GET", here, "files", "Files on a record", files.list_files, "Files")
    yield Route(
        "POST",
        here,
        "attachFile",
        "Attach a file to a record",
        None,
        "File",
        BINARY,
        query=("name",),
        status=201,
        alone=files.attach_file,
    )
    took = "A file; that it was taken is in the audit log"
    yield Route("GET", file, "file", took, None, "", gives=BINARY, alone=files.read_file)
    yield Route("POST", f"{file}/take-off", "takeOffFile", "Take a file off", files.take_off_file, "File", off)


def _payments(cls: Type) -> Iterator[Route]:
    name, area, one = cls.__name__, area_of(kind_of(cls)), f"{records.place_of(cls)}/<int:id>"
    about = "What a payment may meet, and meets"
    yield Route("GET", f"{one}/claims", f"claims{name}", about, flow.list_claims, "Claims", cls=cls, area=area)
    for act, path, said, takes in (
        (flow.allocate, "allocate", "Set a payment against claims", "AllocateInput"),
        (flow.take_back, "take-back", "Take back what a payment meets", "TakeBackInput"),
    ):
        called, answer = f"{act.__name__}{name}", f"{name}Header"
        yield Route("POST", f"{one}/{path}", called, said, act, answer, takes, mark="may", cls=cls, area=area)


def _documents(cls: type[Document]) -> Iterator[Route]:
    name, area, single = cls.__name__, area_of(kind_of(cls)), str(cls.label.message).lower()
    every, one = records.place_of(cls), f"{records.place_of(cls)}/<int:id>"

    def route(method: str, path: str, act: Act, about: str, answers: str, takes: str = "", **more: Any) -> Route:
        called = act.__name__.removesuffix("_record")
        return Route(
            method, path, f"{called}{name}", f"{about}: {single}", act, answers, takes, cls=cls, area=area, **more
        )

    yield route("DELETE", one, records.discard_record, "Discard a draft", "", status=204, mark="may")
    yield route(
        "POST", f"{every}/preview", documents.look, "Reckon without saving", f"{name}Preview", f"{name}Look", reads=True
    )
    yield route("GET", f"{one}/moves", documents.list_moves, "Moves that are open", "Moves")
    yield route(
        "POST", f"{one}/moves/<transition>", documents.make_move, "Move", f"{name}Header", "MoveInput", mark="may"
    )
    yield route("POST", f"{one}/withdraw", documents.withdraw, "Withdraw", f"{name}Header", "WithdrawInput")
    yield route("POST", f"{one}/remind", documents.remind, "Remind who is asked", f"{name}Header", "NothingInput")
    decides = {"takes": "DecisionInput", "mark": "may"}
    yield route("POST", f"{one}/agree", documents.agree, "Agree to what is asked", f"{name}Header", **decides)
    yield route("POST", f"{one}/reject", documents.reject, "Refuse what is asked", f"{name}Header", **decides)
    yield route("GET", f"{one}/beside", documents.beside, "Side by side with what it came from", "Beside")
    yield route("GET", f"{one}/open", flow.still_open, "What is still open", "StillOpen")
    if cls.receives() or cls.brings_back:
        asked = ("party_id", "document_id")
        yield route("GET", f"{every}/waiting", flow.waiting, "Lines that wait for it", "Waiting", query=asked)
        yield route("POST", f"{every}/take", flow.take, "Take lines that wait", name, "TakeInput", status=201)
    if cls.begins():
        yield route("POST", f"{one}/close", flow.close, "Close", f"{name}Header", "CloseInput", mark="may")
        yield route("POST", f"{one}/reopen", flow.reopen, "Open again", f"{name}Header", "WithdrawInput", mark="may")
    yield route("GET", f"{one}/editions", documents.list_editions, "Editions", "Editions")
    yield route("GET", f"{one}/editions/<int:revision>", documents.read_edition, "One edition", "Edition")
    yield route(
        "GET", f"{one}/editions/compare", documents.compare, "Compare editions", "Comparison", query=("left", "right")
    )
    yield Route(
        "GET",
        f"{one}/paper",
        f"paper{name}",
        f"The paper as PDF; the print is in its history: {single}",
        None,
        "",
        query=("language", "form"),
        cls=cls,
        area=area,
        gives=PDF,
        alone=documents.paper,
    )
