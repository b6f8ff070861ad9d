"""What a stack has recorded in its outputs, as the backend has it at this moment: asked through the engine."""

from __future__ import annotations

from typing import Any

import grpc  # type: ignore[import-untyped]
from google.protobuf import json_format  # type: ignore[import-untyped]
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import get_monitor

from ..display import quoted
from ..errors import Refused
from .participants import OUTPUT
from .threads import in_a_thread

READ = "pulumi:pulumi:readStackOutputs"
"""What a `StackReference` asks too. Asked directly it leaves no resource in the state, and may be asked late."""

LONGEST_S = 60.0
"""How long a backend may take to answer."""


async def recorded_in(stack: str) -> Any:
    """What the stack's output of ours holds, None where it has none. Raises Refused where it cannot be read."""
    monitor: Any = get_monitor()
    request = resource_pb2.ResourceInvokeRequest(tok=READ)
    request.args.update({"name": stack})
    try:
        # The SDK's own call would wait for one of its threads.
        answer = await in_a_thread(lambda: monitor.Invoke(request, timeout=LONGEST_S))
    except grpc.RpcError as error:
        raise Refused(_reason(error)) from None
    outputs = getattr(answer, "return").fields["outputs"].struct_value.fields
    # Of what else is there, secrets among it, nothing is looked at.
    return json_format.MessageToDict(outputs[OUTPUT]) if OUTPUT in outputs else None


def _reason(error: grpc.RpcError) -> str:
    details = error.details() if isinstance(error, grpc.Call) else str(error)
    return quoted(str(details).rpartition("returned an error: ")[2]) or "the backend does not answer"
