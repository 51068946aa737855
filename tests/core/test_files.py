"""Files are kept once, are what they say, are never shown as pages of ours, and are not lost: in every store alike."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from core.errors import DomainError, Forbidden, Invalid, Unknown
from core.operations import attach as files
from core.operations import bringing, company, discard
from core.operations.verifying.files import verify_files
from core.records.files import Attachment, StoredFile
from core.records.stores import Bucket, ObjectStore
from core.testing.api import V1, api_for, said
from core.testing.builders import Firm
from core.testing.fixtures import Database
from core.testing.sites import site_of
from core.work import Ask, Busy, System, Work
from plugins.quotation.documents import Quotation
from tests.core.administration_visitor import Visitor
from tests.core.tampering import Told, owning

OFFERS = "/quotation/quotations"
PDF, PNG = b"%PDF-1.7 signed\n%%EOF", b"\x89PNG\r\n\x1a\n" + bytes(64)
ROOT = Path(__file__).resolve().parents[2]
_STORED: Any = StoredFile.__table__
_ATTACHED: Any = Attachment.__table__
BUCKET = "zhanggui-tests"


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """A server that speaks S3, on a port of this machine, with an empty bucket."""
    moto = pytest.importorskip("moto.server")
    keys = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "tests", "AWS_DEFAULT_REGION": "us-east-1"}
    before = {name: os.environ.get(name) for name in keys}
    os.environ.update(keys)
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    ObjectStore(Bucket(BUCKET, "", endpoint)).client.create_bucket(Bucket=BUCKET)
    yield endpoint
    server.stop()
    for name, value in before.items():
        if value is None:
            os.environ.pop(name)
        else:
            os.environ[name] = value


@pytest.fixture(params=["database", "s3"])
def house(request: pytest.FixtureRequest, firm: Firm, tmp_path: Path) -> Iterator[Firm]:
    """The firm with its files in the database, and once more with them in a store that speaks S3."""
    if request.param == "s3":
        bucket = Bucket(BUCKET, f"{tmp_path.name}/", request.getfixturevalue("s3"))
        firm.program.works.store = ObjectStore(bucket)
    yield firm
    firm.program.works.store = None


@pytest.fixture
def offer(firm: Firm) -> Quotation:
    """A quotation of the representative."""
    return firm.create(Quotation, party_id=firm.party().id)


def ask(firm: Firm, who: str = "rep") -> Ask:
    return firm.ask(who)


def bring(firm: Firm, key: int, name: str, content: bytes, who: str = "rep") -> int:
    return bringing.bring(firm.program.works, ask(firm, who), Quotation, key, name, content)


def fetch(firm: Firm, key: int, file: int, who: str = "rep") -> bytes:
    return bringing.fetch(firm.program.works, ask(firm, who), Quotation, key, file)[1]


def kept(firm: Firm) -> list[tuple[str, str, str]]:
    """What is known of all contents: the first of the hash, where, and how."""
    return firm.as_program(
        lambda w: [
            (row.sha256[:8], row.place, row.state)
            for row in w.connection.execute(select(_STORED).where(_STORED.c.company_id == w.company.id))
        ]
    )


def found(firm: Firm) -> list[str]:
    """What ``verify`` finds of files."""
    works = firm.program.works
    return works.run(Ask(firm.id, System("verify")), lambda w: [f"{f.code} {f.record}" for f in verify_files(w)])


def sweep(firm: Firm, **later: float) -> int:
    works = firm.program.works
    asked = Ask(firm.id, System("sweep"))
    return works.run(Ask(firm.id, System("sweep"), now=asked.now + timedelta(**later)), bringing.sweep_files)


def first(content: bytes) -> str:
    return sha256(content).hexdigest()[:8]


# Both stores -----------------------------------------------------------------------------------------------------


def test_a_file_comes_back_as_it_was_attached(house: Firm, offer: Quotation) -> None:
    """PLT-10: whatever its name, in its hash's place, for its readers alone."""
    key = bring(house, offer.id, "../../合同 扫描.pdf", PDF)
    assert fetch(house, offer.id, key, "manager") == PDF
    place = "s3" if house.program.works.store else "database"
    assert kept(house) == [(first(PDF), place, "kept")]
    assert [row.name for row in house.read("rep", lambda w: files.attached(w, Quotation, offer.id))] == [
        "合同 扫描.pdf"
    ]
    with pytest.raises(Unknown):
        fetch(house, offer.id, key, "rep2")
    with pytest.raises(Forbidden):
        bring(house, offer.id, "x.pdf", PDF, "finance")
    assert found(house) == []


def test_the_same_file_is_kept_once_and_hangs_once(house: Firm, offer: Quotation) -> None:
    """PLT-10: sent twice it is there once; on another record or under another name it shares the content."""
    other = house.create(Quotation, party_id=house.party().id)
    key = bring(house, offer.id, "a.pdf", PDF)
    assert bring(house, offer.id, "a.pdf", PDF) == key
    assert bring(house, offer.id, "b.pdf", PDF) != key
    second = bring(house, other.id, "a.pdf", PDF)
    assert len(kept(house)) == 1
    assert fetch(house, other.id, second) == PDF
    entries = house.as_program(
        lambda w: w.connection.execute(text("SELECT count(*) FROM history WHERE what = 'attach'")).scalar_one()
    )
    assert entries == 3


def test_a_file_that_was_taken_off_keeps_its_record_and_its_content(house: Firm, offer: Quotation) -> None:
    """PLT-10: who, when, why and the hash stay; the content for ever unless the company says otherwise."""
    key = bring(house, offer.id, "a.pdf", PDF)
    house.run("rep", lambda w: files.detach(w, Quotation, offer.id, key, reason="过期"))
    row = house.as_program(lambda w: w.connection.execute(select(_ATTACHED)).one())
    assert (row.removed_by, row.removed_why, row.sha256[:8]) == (house.people["rep"], "过期", first(PDF))
    assert row.removed_at is not None
    with pytest.raises(Unknown):
        fetch(house, offer.id, key)
    assert sweep(house, days=9999) == 0
    assert kept(house)[0][2] == "kept"


def test_contents_are_given_up_when_the_company_says_so_and_nobody_needs_them(house: Firm, offer: Quotation) -> None:
    """PLT-10: days after the last record let go of them, entered in the history; attached again they are back."""
    house.settings(core__file_days=30)
    keys = {name: bring(house, offer.id, f"{name}.pdf", PDF + name.encode()) for name in ("gone", "lately", "shared")}
    other = house.create(Quotation, party_id=house.party().id)
    again = bring(house, other.id, "shared.pdf", PDF + b"shared")
    for key in keys.values():
        house.run("rep", lambda w, k=key: files.detach(w, Quotation, offer.id, k, reason="x"))  # type: ignore[misc]
    house.as_program(lambda w: _age(w, keys["gone"], days=31))
    house.as_program(lambda w: _age(w, keys["shared"], days=31))
    assert sweep(house) == 1
    assert sweep(house) == 0
    states = {digest: state for digest, _place, state in kept(house)}
    assert states == {
        first(PDF + b"gone"): "dropped",
        first(PDF + b"lately"): "kept",
        first(PDF + b"shared"): "kept",
    }
    assert fetch(house, other.id, again) == PDF + b"shared"
    told = house.as_program(
        lambda w: w.connection.execute(text("SELECT changes FROM history WHERE what = 'drop_files'")).scalar_one()
    )
    assert first(PDF + b"gone") in str(told)
    assert found(house) == []
    back = bring(house, offer.id, "gone.pdf", PDF + b"gone")
    assert fetch(house, offer.id, back) == PDF + b"gone"


def _age(work: Work, key: int, **age: float) -> None:
    where = (_ATTACHED.c.company_id == work.company.id, _ATTACHED.c.id == key)
    work.connection.execute(update(_ATTACHED).where(*where).values(removed_at=work.now - timedelta(**age)))


def test_a_content_that_is_missing_or_changed_is_found_and_not_handed_out(
    house: Firm, offer: Quotation, database: Database
) -> None:
    """PLT-10: verify names the file and where it hangs; nobody gets the wrong content for the right one."""
    keys = {name: bring(house, offer.id, f"{name}.pdf", PDF + name.encode()) for name in ("changed", "gone", "fine")}
    _damage(house, database, sha256(PDF + b"changed").hexdigest(), b"%PDF forged")
    _damage(house, database, sha256(PDF + b"gone").hexdigest(), None)
    where = f"(quotation.quotation {offer.id})"
    assert sorted(found(house)) == [f"file.changed changed.pdf {where}", f"file.missing gone.pdf {where}"]
    for name in ("changed", "gone"):
        with pytest.raises(Unknown, match="missing or damaged"):
            fetch(house, offer.id, keys[name])
    assert fetch(house, offer.id, keys["fine"]) == PDF + b"fine"


def _damage(firm: Firm, database: Database, digest: str, content: bytes | None) -> None:
    """Put another content in the place of one, or none, past the program."""
    store = firm.program.works.store
    if isinstance(store, ObjectStore):
        at = {"Bucket": BUCKET, "Key": f"{store.bucket.prefix}{firm.id}/{digest[:2]}/{digest}"}
        if content is None:
            store.client.delete_object(**at)
        else:
            store.client.put_object(**at, Body=content)
        return
    with owning(Told(firm, database, Path(), 0, 0, 0)) as connection:
        connection.execute(update(_STORED).where(_STORED.c.sha256 == digest).values(content=content))


@pytest.mark.parametrize(
    ("deed", "codes"),
    [
        ("taken away", ["file.gone one.pdf"]),
        ("led elsewhere", ["file.gone one.pdf", "file.unknown one.pdf"]),
        ("called otherwise", ["file.gone one.pdf", "file.unknown other.pdf"]),
        ("marked as taken off", ["file.hidden one.pdf"]),
        ("put back", ["file.back off.pdf"]),
        ("slipped in", ["file.unknown new.pdf"]),
        ("slipped in elsewhere", ["file.unknown new.pdf"]),
    ],
)
def test_a_file_is_not_lost_or_exchanged_by_its_row(
    firm: Firm, offer: Quotation, database: Database, deed: str, codes: list[str]
) -> None:
    """PLT-10: contents may all be whole; what was attached, and by people taken off, is held against the history."""
    one, off = (bring(firm, offer.id, name, PDF + name.encode()) for name in ("one.pdf", "off.pdf"))
    firm.run("rep", lambda w: files.detach(w, Quotation, offer.id, off, reason="verwechselt"))
    draft = firm.create(Quotation, party_id=firm.party().id)
    bring(firm, draft.id, "draft.pdf", PDF)
    firm.run("rep", lambda w: discard.discard(w, Quotation, draft.id))
    assert found(firm) == []
    elsewhere = {"record_id": firm.party().id, "kind": "core.party", "document_id": None}
    kept_off = {"removed_at": datetime.now(UTC), "removed_by": firm.people["boss"], "removed_why": "so"}
    with owning(Told(firm, database, Path(), 0, 0, 0)) as connection:
        at = update(_ATTACHED).where(_ATTACHED.c.id == one)
        row = connection.execute(select(_ATTACHED).where(_ATTACHED.c.id == off)).mappings().one()
        new = {**row, "id": 9_999, "name": "new.pdf", "removed_at": None}
        statement = {
            "taken away": _ATTACHED.delete().where(_ATTACHED.c.id == one),
            "led elsewhere": at.values(sha256=row["sha256"]),
            "called otherwise": at.values(name="other.pdf"),
            "marked as taken off": at.values(kept_off),
            "put back": update(_ATTACHED).where(_ATTACHED.c.id == off).values(removed_at=None),
            "slipped in": _ATTACHED.insert().values(new),
            "slipped in elsewhere": _ATTACHED.insert().values({**new, **elsewhere}),
        }[deed]
        connection.execute(statement)
    assert sorted(one.partition(" (")[0] for one in found(firm)) == codes


def test_verifying_never_has_a_whole_content_in_memory(firm: Firm, offer: Quotation, database: Database) -> None:
    """PLT-10: however large the files, they are read bit by bit; a bit at the very end that differs is found."""
    firm.settings(core__file_mb=50)
    content = PDF + bytes(24 * 1024 * 1024)
    bring(firm, offer.id, "scan.pdf", content)
    tracemalloc.start()
    try:
        assert found(firm) == []
        assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024
    finally:
        tracemalloc.stop()
    _damage(firm, database, sha256(content).hexdigest(), content[:-1] + b"x")
    assert found(firm) == [f"file.changed scan.pdf (quotation.quotation {offer.id})"]


@pytest.mark.parametrize("moment", ["announced", "stored"])
def test_a_process_killed_in_the_middle_leaves_nothing_half(
    house: Firm, offer: Quotation, database: Database, tmp_path: Path, moment: str
) -> None:
    """PLT-10: kill -9 between any two steps: no file hangs anywhere, what is left is swept, a repeat works."""
    store = house.program.works.store
    if store is None and moment == "announced":
        return  # nothing is announced: all is one transaction
    bucket = store.bucket if isinstance(store, ObjectStore) else Bucket("")
    words = [database.url, str(house.id), str(house.people["rep"]), str(offer.id), moment]
    words += [bucket.name, bucket.prefix, bucket.endpoint]
    worker = subprocess.run(
        [sys.executable, "-m", "tests.core.file_worker", *words], cwd=ROOT, capture_output=True, timeout=60
    )
    assert worker.returncode == -signal.SIGKILL, worker.stderr.decode()
    assert house.read("rep", lambda w: files.attached(w, Quotation, offer.id)) == []
    left = kept(house)
    assert left == ([] if store is None else [(first(PDF), "s3", "coming")])
    assert found(house) == []
    assert sweep(house, hours=23) == 0
    if store is not None:
        assert sweep(house, hours=25) == 1
        assert store.get(house.id, sha256(PDF).hexdigest()) is None
        assert kept(house) == [(first(PDF), "s3", "dropped")]
    key = bring(house, offer.id, "a.pdf", PDF)
    assert fetch(house, offer.id, key) == PDF
    assert found(house) == []


def test_a_draft_with_a_file_can_be_discarded_and_the_file_keeps_its_record(house: Firm, offer: Quotation) -> None:
    bring(house, offer.id, "a.pdf", PDF)
    house.run("rep", lambda w: discard.discard(w, Quotation, offer.id))
    row = house.as_program(lambda w: w.connection.execute(select(_ATTACHED)).one())
    assert (row.removed_by, row.document_id, row.record_id) == (house.people["rep"], None, offer.id)
    assert kept(house)[0][2] == "kept"


def test_the_files_of_another_company_are_never_met(house: Firm, other_firm: Firm, offer: Quotation) -> None:
    key = bring(house, offer.id, "a.pdf", PDF)
    with pytest.raises(Unknown):
        fetch(other_firm, offer.id, key)
    mine = other_firm.create(Quotation, party_id=other_firm.party().id)
    other = bring(other_firm, mine.id, "a.pdf", PDF)
    assert len(kept(house)) == len(kept(other_firm)) == 1
    with pytest.raises(Unknown):
        fetch(house, offer.id, other)


def test_a_store_that_cannot_be_reached_is_told_and_attaches_nothing(firm: Firm, offer: Quotation, s3: str) -> None:
    firm.program.works.store = ObjectStore(Bucket("no-such-bucket", "", s3))
    try:
        with pytest.raises(Busy):
            bring(firm, offer.id, "a.pdf", PDF)
        assert firm.read("rep", lambda w: files.attached(w, Quotation, offer.id)) == []
    finally:
        firm.program.works.store = None


def test_files_from_before_a_store_was_configured_stay_in_the_database(
    firm: Firm, offer: Quotation, s3: str, tmp_path: Path
) -> None:
    key = bring(firm, offer.id, "a.pdf", PDF)
    firm.program.works.store = ObjectStore(Bucket(BUCKET, f"{tmp_path.name}/", s3))
    try:
        assert fetch(firm, offer.id, key) == PDF
        later = bring(firm, offer.id, "b.png", PNG)
        assert bring(firm, offer.id, "c.pdf", PDF) != key
        assert {place for _digest, place, _state in kept(firm)} == {"database", "s3"}
    finally:
        firm.program.works.store = None
    assert found(firm) == [f"file.nowhere b.png (quotation.quotation {offer.id})"]
    with pytest.raises(DomainError):
        fetch(firm, offer.id, later)


# What is taken ---------------------------------------------------------------------------------------------------


def refusal(firm: Firm, key: int, name: str, content: bytes) -> list[str]:
    try:
        bring(firm, key, name, content)
    except Invalid as error:
        return [fault.code for fault in error.faults]
    return []


TAKEN = {
    "a.pdf": PDF,
    "b.PNG": PNG,
    "c.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(64),
    "d.xlsx": b"PK\x03\x04\x14\x00\x06\x00" + bytes(64),
    "e.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "f.txt": "合同编号，一二三".encode(),
    "g.csv": "编号,名称\n1,灯".encode("gb18030"),
    "h.rar": b"Rar!\x1a\x07\x00" + bytes(64),
    "i.ofd": b"PK\x03\x04\x14\x00\x00\x00" + bytes(64),
    "j.tif": b"II*\x00" + bytes(64),
}
REFUSED = {
    "page.pdf": (b"<html><script>alert(1)</script>", "mismatch"),
    "page.png": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "mismatch"),
    "page.txt": (b"\xef\xbb\xbf<!DOCTYPE html><body>", "mismatch"),
    "program.pdf": (b"MZ" + bytes(200), "mismatch"),
    "program.txt": (b"#!/bin/sh\nrm -rf /", "mismatch"),
    "photo.pdf": (PNG, "mismatch"),
    "paper.png": (PDF, "mismatch"),
    "words.jpg": ("你好".encode(), "mismatch"),
    "bytes.txt": (bytes(range(256)), "mismatch"),
    "page.html": (b"<html></html>", "type"),
    "drawing.svg": (b"<svg/>", "type"),
    "program.exe": (b"MZ" + bytes(200), "type"),
    "nothing": (b"x", "type"),
}


def test_files_are_what_their_names_say(firm: Firm, offer: Quotation) -> None:
    """PLT-10: those of the usual types are taken, and nothing that is something else inside."""
    assert {name: refusal(firm, offer.id, name, content) for name, content in TAKEN.items()} == {
        name: [] for name in TAKEN
    }
    told = {name: refusal(firm, offer.id, name, content) for name, (content, _code) in REFUSED.items()}
    assert told == {name: [code] for name, (_content, code) in REFUSED.items()}


def test_a_company_says_which_types_and_sizes_it_takes(firm: Firm, offer: Quotation) -> None:
    """PLT-10: programs that claim to be papers are refused even where everything is taken."""
    firm.settings(core__file_types="PDF, html", core__file_mb=1)
    assert refusal(firm, offer.id, "a.pdf", PDF) == []
    assert refusal(firm, offer.id, "a.html", b"<html></html>") == []
    assert refusal(firm, offer.id, "a.png", PNG) == ["type"]
    assert refusal(firm, offer.id, "b.pdf", PDF + bytes(1024 * 1024)) == ["too_large"]
    firm.settings(core__file_types="*")
    assert refusal(firm, offer.id, "a.xyz", b"\x00\x01") == []
    assert refusal(firm, offer.id, "a.exe", b"MZ" + bytes(99)) == []
    assert refusal(firm, offer.id, "b.xyz", b"MZ" + bytes(99)) == ["mismatch"]
    for wrong in ("../x", "pdf;png", "."):
        with pytest.raises(Invalid):
            firm.as_program(lambda w, v=wrong: company.choose_settings(w, {"core.file_types": v}))  # type: ignore[misc]


@pytest.mark.parametrize("name", ["a.html", "b.svg", 'c".pdf', "d\r\nX: y.pdf", "e.pdf"])
def test_no_file_is_ever_shown_as_a_page_of_ours(firm: Firm, offer: Quotation, name: str) -> None:
    """PLT-10: a download in a sandbox, its type never guessed, whatever a company takes; by the interface as well."""
    firm.settings(core__file_types="*")
    content = b"<html><script>alert(1)</script>" if name.endswith(("html", "svg")) else PDF
    key = bring(firm, offer.id, name, content)
    page = Visitor(site_of(firm), firm, "rep").get(f"{OFFERS}/{offer.id}/files/{key}")
    program = api_for(firm, "rep").get(f"/core/records/quotation.quotation/{offer.id}/files/{key}")
    for answer in (page, program):
        assert answer.data == content
        assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.mimetype == "application/octet-stream"
        assert "X" not in answer.headers


# Faces -----------------------------------------------------------------------------------------------------------


def test_programs_attach_read_and_take_off(firm: Firm, offer: Quotation) -> None:
    """PLT-10: over the interface, on documents and masters, with every refusal in its own status."""
    api = api_for(firm, "rep")
    mine = f"/core/records/quotation.quotation/{offer.id}/files"
    for place in (mine, f"/core/records/core.party/{offer.party_id}/files"):
        made = send(api, f"{place}?name=合同.pdf", PDF)
        assert made.status_code == 201, made.text
        assert said(made)["sha256"] == sha256(PDF).hexdigest()
        there = f"{place}/{said(made)['id']}"
        assert made.headers["Location"].endswith(there)
        assert send(api, f"{place}?name=合同.pdf", PDF).get_json()["id"] == said(made)["id"]
        assert [one["name"] for one in said(api.get(place))["items"]] == ["合同.pdf"]
        assert api.get(there).data == PDF
        assert send(api, f"{place}?name=a.pdf", b"").status_code == 422
        assert send(api, place, PDF).status_code == 422
        assert send(api, f"{place}?name=a.exe", PDF).get_json()["errors"][0]["code"] == "type"
        assert api.post(f"{place}?name=a.pdf", {}).status_code == 415
        assert api.post(f"{there}/take-off").status_code == 422
        assert api_for(firm, "manager").post(f"{there}/take-off", {"reason": "x"}).status_code == 403
        assert said(api.post(f"{there}/take-off", {"reason": "过期"}))["name"] == "合同.pdf"
        assert api.get(there).status_code == 404
        assert said(api.get(place))["items"] == []
    assert send(api_for(firm, "rep2"), f"{mine}?name=a.pdf", PDF).status_code == 404


def send(api: Any, path: str, content: bytes) -> Any:
    head = {"Authorization": f"Bearer {api.token}", "Accept-Language": "en"}
    return api.client.post(f"{V1}{path}", data=content, content_type="application/octet-stream", headers=head)


def test_larger_bodies_are_taken_for_files_alone(firm: Firm, offer: Quotation) -> None:
    """A file of the size that the company allows comes through; a page's data of that size does not."""
    firm.settings(core__file_mb=20)
    place = f"/core/records/quotation.quotation/{offer.id}/files"
    visitor, large = Visitor(site_of(firm), firm, "rep"), PDF + bytes(17 * 1024 * 1024)
    parts = {"csrf_token": visitor.token(), "file": FileStorage(BytesIO(large), "large.pdf")}
    mark, body = encode_multipart(MultiDict(parts))
    there, kind = f"/c/{firm.code}{OFFERS}/{offer.id}/files", f'multipart/form-data; boundary="{mark}"'
    assert visitor.client.post(there, data=body, content_type=kind).status_code == 303
    assert "large.pdf" in visitor.get(f"{OFFERS}/{offer.id}/").text
    assert send(api_for(firm, "rep"), f"{place}?name=b.pdf", large + b"1").status_code == 201
    over = api_for(firm, "rep").client.post(
        f"{V1}{OFFERS}",
        data=bytes(5 * 1024 * 1024),
        content_type="application/json",
        headers={"Authorization": f"Bearer {api_for(firm, 'rep').token}"},
    )
    assert over.status_code == 413
