"""Every part that is generated: where it stands, and what it is made of."""

from pulumi.dynamic import Resource

from reference.declared import docstring_lists, entries_table, inputs_table, outputs_table
from reference.layers import layers_table
from reference.written import Part, in_docstring, in_markdown, whole
from statuspage_provider import StatusPageIncident, StatusPageMaintenance, StatusPageRetrospectiveIncident
from statuspage_provider.inputs import (
    IncidentInputs,
    Inputs,
    MaintenanceInputs,
    RetrospectiveInputs,
    RetrospectiveUpdate,
)
from statuspage_provider.properties import Model
from statuspage_provider.state import IncidentState, MaintenanceState, RetrospectiveState
from statuspage_provider.summary.data import schema

RESOURCES: dict[str, tuple[type[Resource], type[Inputs], type[Model]]] = {
    "a maintenance window": (StatusPageMaintenance, MaintenanceInputs, MaintenanceState),
    "an incident": (StatusPageIncident, IncidentInputs, IncidentState),
    "a retrospective incident": (StatusPageRetrospectiveIncident, RetrospectiveInputs, RetrospectiveState),
}
ENTRIES = {"updates": RetrospectiveUpdate}
LISTS = (
    "    Inputs (this list is made by `make docs`). A wrong one is refused at preview, in one line that names the fix:"
)


def _parts() -> list[Part]:
    made = [
        in_markdown("docs/design.md", "layers", layers_table),
        whole("docs/summary.schema.json", schema),
        in_markdown(
            "docs/reference.md", "entries of updates", lambda: entries_table("of an update", RetrospectiveUpdate)
        ),
    ]
    for name, of in RESOURCES.items():
        made += _of_resource(name, *of)
    return made


def _of_resource(name: str, resource: type[Resource], inputs: type[Inputs], state: type[Model]) -> list[Part]:
    object_ = name.split()[-1]
    source = f"{resource.__module__.replace('.', '/')}.py"
    return [
        in_markdown("docs/reference.md", f"inputs of {name}", lambda: inputs_table(resource, inputs, object_)),
        in_markdown("docs/reference.md", f"outputs of {name}", lambda: outputs_table(state)),
        in_docstring(source, LISTS, lambda: docstring_lists(resource, inputs, state, object_, ENTRIES)),
    ]


PARTS = _parts()
