"""The screens, the interface for programs and the command line bring files in alike."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from core.entities.party import Party
from core.exchange.reading import form_of
from core.exchange.reading import rows as file_rows
from core.jobs.runner import Runner
from core.operations.company import switch_off
from core.testing.api import api_for, said
from core.testing.builders import Firm
from core.testing.counting import counted
from core.testing.fixtures import Database
from core.testing.sites import site_of
from plugins.quotation.masters import PriceList
from tests.core.administration_visitor import Visitor
from tests.core.command_line import CommandLine
from tests.core.importing import batch, brought, checked, counts, csv_file, uploaded, workbook

GOOD, BAD = ["K1", "甲公司", "1"], ["K2", "", "2"]
HEAD = ["客户编码", "客户名称", "电话"]
FILE = csv_file(HEAD, GOOD, BAD)


def known(firm: Firm) -> int:
    """How many customers there are."""
    return int(firm.as_program(lambda w: w.session.scalar(select(func.count(Party.id))) or 0))


def send(visitor: Visitor, content: bytes, name: str = "客户.csv", kind: str = "core.party") -> str:
    """Upload a file; gives back the page of the import."""
    answer = visitor.post("/imports/upload", kind=kind, file=(io.BytesIO(content), name))
    assert answer.status_code == 303
    return re.sub(r"^/c/\w+", "", answer.headers["Location"])


def work_off(firm: Firm) -> None:
    """Let the jobs be done."""
    Runner(firm.program.works).run_due()


# Screens ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_somebody_brings_in_a_file_in_the_browser(firm: Firm, language: str) -> None:
    """Upload, look at the columns, check, read what is wrong, bring in, fetch the bad rows, take all back."""
    visitor = Visitor(site_of(firm), firm, "manager", language)
    page = send(visitor, FILE)
    fields = visitor.form(page, f"{page}check")
    assert [fields[f"column-{n}"] for n in range(3)] == ["code", "name", "phone"]
    visitor.send(page, f"{page}check")
    assert "hx-trigger" in visitor.get(page).text
    work_off(firm)
    text = visitor.get(page).text
    assert (
        ("必填" in text or "需要填写" in text or "不能为空" in text) if language == "zh" else "This is needed." in text
    )
    visitor.send(page, f"{page}go")
    work_off(firm)
    assert known(firm) == 1
    bad = visitor.get(f"{page}bad.csv")
    assert [cells[:3] for _row, cells in file_rows(bad.data, *form_of(bad.data))] == [HEAD, BAD]
    assert "attachment" in bad.headers["Content-Disposition"]
    visitor.send(page, f"{page}undo")
    work_off(firm)
    assert known(firm) == 0
    assert "客户.csv" in visitor.get("/imports/").text


def test_columns_and_way_are_chosen_in_the_browser(firm: Firm) -> None:
    firm.party("manager", code="K1", name="甲公司", phone="1")
    visitor = Visitor(site_of(firm), firm, "manager")
    page = send(visitor, csv_file(["编码", "什么"], ["K1", "9"]))
    visitor.send(page, f"{page}check", **{"column-1": "phone"}, way="change", found_by="code")
    work_off(firm)
    text = visitor.get(page).text
    assert "What would change" in text
    assert re.search(r">1</td>.*>9</td>", text, re.S)


def test_what_stands_against_it_is_said_on_the_page(firm: Firm) -> None:
    visitor = Visitor(site_of(firm), firm, "manager")
    answer = visitor.post("/imports/upload", kind="core.party", file=(io.BytesIO(b"\x00\xff\x00"), "x.bin"))
    assert "neither a workbook" in visitor.client.get(answer.headers["Location"]).text
    answer = visitor.post("/imports/upload", kind="", file=(io.BytesIO(FILE), "x.csv"))
    assert "Choose what the rows" in visitor.client.get(answer.headers["Location"]).text
    page = send(visitor, csv_file(["电话"], ["1"]))
    visitor.send(page, f"{page}check")
    assert "which is needed" in visitor.get(page).text
    assert visitor.post(f"{page}drop").status_code == 303
    assert visitor.get(page).status_code == 404


def test_rows_that_stand_against_taking_back_are_named(firm: Firm) -> None:
    key = brought(firm, Party, FILE)
    visitor = Visitor(site_of(firm), firm, "manager")
    party = firm.as_program(lambda w: w.session.scalars(select(Party.id)).one())
    visitor.post(f"/core/parties/{party}/active", active="")
    visitor.send(f"/imports/{key}/", f"/imports/{key}/undo")
    work_off(firm)
    assert "these rows stand against it" in visitor.get(f"/imports/{key}/").text
    assert known(firm) == 1


def test_who_may_make_nothing_sees_no_imports_and_nobody_sees_those_of_others(firm: Firm, other_firm: Firm) -> None:
    key = uploaded(firm, Party, FILE)
    assert Visitor(site_of(firm), firm, "rep").get(f"/imports/{key}/").status_code == 404
    assert Visitor(site_of(firm), firm, "admin").get(f"/imports/{key}/").status_code == 404
    site = site_of(firm)
    foreign = Visitor(site, other_firm, "manager")
    assert foreign.get(f"/imports/{key}/").status_code == 404
    assert "客户.csv" not in foreign.get("/imports/").text


def test_lists_lead_to_imports_only_whom_it_helps(firm: Firm) -> None:
    site = site_of(firm)
    assert "/imports/?kind=core.party" in Visitor(site, firm, "manager").get("/core/parties/").text
    assert "/imports/?kind=core.party" not in Visitor(site, firm, "finance").get("/core/parties/").text


def test_an_area_that_is_off_brings_nothing_in(firm: Firm) -> None:
    key = checked(firm, PriceList, csv_file(["编码", "名称"], ["L", "价"]))
    visitor = Visitor(site_of(firm), firm, "manager")
    for area in ("contract", "quotation"):
        firm.as_program(lambda w, a=area: switch_off(w, a))  # type: ignore[misc]
    assert visitor.get(f"/imports/{key}/").status_code == 404
    assert visitor.get("/imports/template/quotation.price_list.xlsx").status_code in {404, 422}


def test_the_empty_file_names_the_columns_and_goes_in_without_its_example(firm: Firm) -> None:
    visitor = Visitor(site_of(firm), firm, "manager", "zh")
    for form in ("xlsx", "csv"):
        content = visitor.get(f"/imports/template/core.party.{form}").data
        head, example = [cells for _row, cells in file_rows(content, *form_of(content))]
        assert "客户全称*" in head or "全称*" in head
        assert len(example) > 3
        page = send(visitor, content, f"t.{form}")
        visitor.send(page, f"{page}check")
        work_off(firm)
        key = int(page.rstrip("/").rpartition("/")[2])
        assert batch(firm, key).state == "failed"
    assert known(firm) == 0


def test_a_list_goes_out_to_be_changed_and_comes_back(firm: Firm) -> None:
    firm.party("manager", code="K1", name="甲公司", phone="1", contacts=[{"name": "王"}, {"name": "李"}])
    visitor = Visitor(site_of(firm), firm, "manager")
    content = visitor.get("/core/parties/export/filled").data
    rows = [cells for _row, cells in file_rows(content, *form_of(content))]
    assert [row[0] for row in rows[1:]] or rows
    page = send(visitor, content, "back.xlsx")
    visitor.send(page, f"{page}check", way="change", found_by="code")
    work_off(firm)
    key = int(page.rstrip("/").rpartition("/")[2])
    assert counts(firm, key) == ("checked", 0, 0, 1, 0)


def test_the_page_of_an_import_takes_few_statements(firm: Firm) -> None:
    rows = [[f"K{n}", "", ""] for n in range(50)]
    key = checked(firm, Party, csv_file(HEAD, GOOD, *rows))
    visitor = Visitor(site_of(firm), firm, "manager")
    visitor.get(f"/imports/{key}/")
    with counted(firm.program.engine) as found:
        assert visitor.get(f"/imports/{key}/").status_code == 200
    assert len(found) <= 8, str(found)


# Programs ---------------------------------------------------------------------------------------------------------


def upload(api: Any, content: bytes, **query: str) -> Any:
    """Send a file as a program does."""
    head = {"Authorization": f"Bearer {api.token}", "Accept-Language": "en"}
    asked = {"kind": "core.party", "name": "k.csv", **query}
    return api.client.post(
        "/api/v1/core/imports", query_string=asked, data=content, headers=head, content_type="application/octet-stream"
    )


def test_a_program_brings_a_file_in(firm: Firm) -> None:
    api = api_for(firm, "manager")
    answer = upload(api, FILE)
    assert answer.status_code == 201, answer.text
    at = answer.headers["Location"].removeprefix("/api/v1")
    assert [c["field"] for c in said(answer)["columns"]] == ["code", "name", "phone"]
    assert said(api.post(f"{at}/check"))["state"] == "reading"
    work_off(firm)
    told = said(api.get(at))
    assert (told["state"], told["made"], told["bad"]) == ("checked", 1, 1)
    (row,) = said(api.get(f"{at}/rows?state=bad"))["items"]
    assert row["faults"] == [
        {"column": "客户名称", "value": "", "code": "required", "message": "This is needed."},
    ]
    api.post(f"{at}/go")
    work_off(firm)
    assert known(firm) == 1
    assert api.get(f"{at}/bad?form=csv").data.decode().splitlines()[1].startswith("K2,,2")
    assert said(api.get("/core/imports"))["items"][0]["state"] == "done"
    assert api.post(f"{at}/go").status_code == 409
    api.post(f"{at}/undo")
    work_off(firm)
    assert known(firm) == 0
    assert api("DELETE", at).status_code == 409


def test_a_program_is_told_what_it_did_wrong(firm: Firm) -> None:
    api, other = api_for(firm, "manager"), api_for(firm, "rep")
    assert upload(api, b"").status_code == 422
    assert upload(api, FILE, kind="core.nothing").status_code == 422
    assert api.post("/core/imports?kind=core.party").status_code == 415
    assert upload(api_for(firm, "finance"), FILE).status_code in {403, 422}
    at = upload(api, FILE).headers["Location"].removeprefix("/api/v1")
    assert api.post(f"{at}/check", {"mapping": {"0": "weather"}}).status_code == 422
    assert api.post(f"{at}/check", {"way": "sideways"}).status_code == 422
    assert api.post(f"{at}/go").status_code == 409
    assert other.get(at).status_code == 404
    assert api.get(f"/core/imports/{10**30}").status_code == 404
    assert api("DELETE", at).status_code == 204
    assert api.get(at).status_code == 404


def test_a_file_sent_twice_under_one_key_is_kept_once(firm: Firm) -> None:
    api = api_for(firm, "manager")
    head = {"Authorization": f"Bearer {api.token}", "Idempotency-Key": "a1"}
    asked = {"kind": "core.party", "name": "k.csv"}

    def send_it() -> Any:
        return api.client.post(
            "/api/v1/core/imports", query_string=asked, data=FILE, headers=head, content_type="application/octet-stream"
        )

    assert send_it().headers["Location"] == send_it().headers["Location"]
    assert len(said(api.get("/core/imports"))["items"]) == 1


# The command line -------------------------------------------------------------------------------------------------


def test_the_command_line_checks_brings_in_and_takes_back(firm: Firm, database: Database, tmp_path: Path) -> None:
    zhanggui = CommandLine.over(database.url, database.owner_url, tmp_path / "data")
    file, bad = tmp_path / "k.xlsx", tmp_path / "bad.csv"
    file.write_bytes(workbook(HEAD, GOOD, BAD))
    login = f"manager@{firm.code}"
    told = zhanggui.fine("import", "file", firm.code, "core.party", str(file), "--as", login)
    assert "new 1" in told
    assert "客户名称 → name" in told
    assert known(firm) == 0
    zhanggui.fine("import", "file", firm.code, "core.party", str(file), "--as", login, "--go", "--bad", str(bad))
    assert known(firm) == 1
    assert "This is needed." in bad.read_text(encoding="utf-8")
    number = re.findall(r"^(\d+) ", zhanggui.fine("import", "list", firm.code), re.M)[-1]
    zhanggui.fine("import", "undo", firm.code, number, "--as", login)
    assert known(firm) == 0
    zhanggui.refused("import", "undo", firm.code, number, "--as", login)
    out = tmp_path / "t.xlsx"
    zhanggui.fine("import", "template", firm.code, "core.item", "--as", login, "--out", str(out))
    assert out.read_bytes().startswith(b"PK")
    said_no = zhanggui.refused("import", "file", firm.code, "core.weather", str(file), "--as", login)
    assert "core.party" in said_no
