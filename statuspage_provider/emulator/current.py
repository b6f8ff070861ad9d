"""The world a request is about. Routes are made once for the process; the request brings its world along."""

from __future__ import annotations

from typing import cast

from flask import request
from werkzeug.local import LocalProxy

from .world import World

ENVIRON_KEY = "statuspage.world"

world = cast(World, LocalProxy(lambda: request.environ[ENVIRON_KEY]))
