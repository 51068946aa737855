"""A customer is registered once; who asks again is told to whom it belongs, in his language."""

from __future__ import annotations

import pytest

from core.errors import Invalid
from core.testing.builders import Firm
from core.text import CHINESE, ENGLISH, speaking

CODE = "91350100M000100Y43"


def refusal(firm: Firm, **values: object) -> tuple[str, str, str]:
    """Where a registration by another representative fails, in Chinese and in English."""
    said = []
    for language in (CHINESE, ENGLISH):
        with speaking(language):
            with pytest.raises(Invalid) as refused:
                firm.party("rep2", **values)
            (fault,) = refused.value.faults
            said.append(str(fault.text))
    return fault.path, said[0], said[1]


def test_the_same_code_is_refused_and_told_to_whom_it_belongs(firm: Firm) -> None:
    """CRM-06: before it is saved, whoever may see the other or not."""
    firm.party(name="青岛海天照明有限公司", credit_code=CODE)
    path, chinese, english = refusal(firm, name="青岛海天贸易有限公司", credit_code=CODE.lower())
    assert path == "credit_code"
    assert "青岛海天照明有限公司" in chinese
    assert "王小明" in chinese
    assert not chinese.isascii()
    assert english.startswith("青岛海天照明有限公司 has this code already")


def test_the_same_name_is_recognised_however_it_is_written(firm: Firm) -> None:
    """CRM-06: full and half width, blanks and brackets do not hide a duplicate."""
    firm.party(name="青岛海天照明（工程）有限公司")
    path, chinese, _english = refusal(firm, name="青岛海天照明(工程) 有限公司")
    assert path == "name"
    assert "青岛海天照明（工程）有限公司" in chinese
    assert "王小明" in chinese


def test_a_code_that_does_not_check_is_refused_in_words(firm: Firm) -> None:
    path, chinese, english = refusal(firm, name="甲公司", credit_code=CODE[:-1] + "4")
    assert path == "credit_code"
    assert chinese != english
    assert not chinese.isascii()


def test_two_companies_may_have_the_same_customer(firm: Firm, other_firm: Firm) -> None:
    """CRM-06: a duplicate is one within the company; the other's customers are never told."""
    firm.party(name="青岛海天照明有限公司", credit_code=CODE)
    assert other_firm.party(name="青岛海天照明有限公司", credit_code=CODE).credit_code == CODE
