"""The public page, for people."""

from __future__ import annotations

from flask import Blueprint

from .world import World


def routes(world: World) -> Blueprint:
    return Blueprint("page", __name__)
