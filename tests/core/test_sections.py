"""Long forms fall into sections: nothing is lost, nothing is said twice, what is empty may stay folded."""

from __future__ import annotations

import re

import pytest

from core.documents import Section, fields_of
from core.documents.sections import LONG, sorted_into
from core.schemas.inputs import writable
from core.testing.builders import Firm
from core.testing.sites import site_of
from core.text import _
from plugins.contract.documents import Contract, Order
from tests.core.administration_visitor import Visitor

DECLARED = (Section(_("First"), ("a", "b")), Section(_("Second"), ("c",)), Section(_("Third"), ("d",)))


def test_fields_stand_in_the_sections_that_name_them() -> None:
    found = sorted_into(DECLARED, ["c", "b", "a"])
    assert [(str(section.label), names) for section, names in found] == [("First", ["b", "a"]), ("Second", ["c"])]
    assert fields_of(DECLARED) == ("a", "b", "c", "d")


def test_what_no_section_names_stands_in_the_first() -> None:
    assert sorted_into(DECLARED, ["unknown", "d"])[0][1] == ["unknown"]


def test_a_short_form_that_declares_nothing_is_one_card() -> None:
    names = [f"n{place}" for place in range(LONG - 1)]
    assert sorted_into((), names) == [(Section("", ()), names)]
    long = [str(section.label) for section, _names in sorted_into((), [*names, "remark", "contact_name"])]
    assert long == ["Basic data", "Contact", "Remarks"]


@pytest.mark.parametrize("cls", [Contract, Order])
def test_sections_name_every_field_of_the_header_once(cls: type[Contract] | type[Order]) -> None:
    named = fields_of(cls.sections)
    assert len(named) == len(set(named))
    assert set(named) == set(cls.header) <= set(writable(cls))


def test_the_form_of_a_contract_has_its_sections_and_opens_those_that_say_something(firm: Firm) -> None:
    silent = firm.create(Contract, "clerk", party_id=firm.party().id)
    wordy = firm.create(Contract, "clerk", party_id=firm.party().id, technical_number="JS-1")
    clerk = Visitor(site_of(firm), firm, "clerk")
    pages = [clerk.get(f"/contract/contracts/{one.id}/edit").text for one in (silent, wordy)]
    folds = [re.findall(r'<details class="card fold field-group" id="([\w-]+)"( open)?', page) for page in pages]
    assert [len(found) for found in folds] == [2, 2]
    assert [bool(found[1][1]) for found in folds] == [False, True]
    for page in pages:
        anchors = re.findall(r'<nav class="jumps".*?</nav>', page, re.DOTALL)[0]
        wanted = re.findall(r'href="#([\w-]+)"', anchors)
        assert len(wanted) == len(Contract.sections) + 2
        assert all(f'id="{place}"' in page for place in wanted)
        fields = re.findall(r'data-field="(\w+)"', page)
        assert sorted(fields) == sorted(Contract.header)


def test_the_page_of_a_contract_groups_its_facts_alike(firm: Firm) -> None:
    made = firm.create(Contract, "clerk", party_id=firm.party().id, duties="双方各尽其责", remark="急")
    page = Visitor(site_of(firm), firm, "clerk", "zh_Hans_CN").get(f"/contract/contracts/{made.id}/").text
    facts = page[page.index('id="panel-fields"') :]
    heads = re.findall(r'<h2 class="subtitle">(.*?)</h2>', facts)
    assert heads[0] == "基本信息"
    assert {"条款", "备注"} <= set(heads)
