"""Which program an application answers over, and what it has come to know of it.

Making an application costs more than most requests; it can be handed to another program of the same areas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from flask import Flask, current_app

if TYPE_CHECKING:
    from core.app import Program


def serve(app: Flask, program: Program) -> None:
    """Let ``app`` answer over ``program`` from now on; what it knew of another one is forgotten."""
    app.extensions["zhanggui"] = program
    app.extensions["zhanggui_known"] = {}


def program() -> Program:
    """The program that the application at hand answers over."""
    return cast("Program", current_app.extensions["zhanggui"])


def known() -> dict[str, Any]:
    """What this process has come to know of the program, by name."""
    return cast("dict[str, Any]", current_app.extensions["zhanggui_known"])
