"""The public names, and those that users' state holds: they never change."""

import base64
import gc
import inspect
import pickletools
import sys
import types
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Optional, Union, get_args, get_origin

import pulumi
import pytest
from pulumi.dynamic import Config, ConfigureRequest, Resource, ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider

import statuspage_provider as statuspage
from reference.declared import declared_outputs
from statuspage_provider import resource_provider
from statuspage_provider.engine_process import EngineProcess
from statuspage_provider.incident import IncidentProvider
from statuspage_provider.inputs import RetrospectiveUpdate, declarations
from statuspage_provider.maintenance import MaintenanceProvider
from statuspage_provider.operations.incident import IncidentOperations
from statuspage_provider.operations.maintenance import MaintenanceOperations
from statuspage_provider.operations.retrospective import RetrospectiveIncidentOperations
from statuspage_provider.resource_provider import StatusPageProvider
from statuspage_provider.retrospective import RetrospectiveIncidentProvider
from statuspage_provider.state import IncidentState, MaintenanceState, Output, RetrospectiveState

PUBLIC = {name: getattr(statuspage, name) for name in statuspage.__all__}


def test_all_is_what_the_module_exports():
    exported = {
        name
        for name, value in vars(statuspage).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }
    # What the typing of the names needs, and the loading of those that are loaded when asked for.
    exported -= {"Any", "TYPE_CHECKING", "import_module", "annotations"}
    assert exported <= set(statuspage.__all__)
    assert set(dir(statuspage)) == set(statuspage.__all__)
    with pytest.raises(AttributeError, match="no attribute 'get_window'"):
        _ = statuspage.get_window


def test_all_is_sorted_and_has_each_name_once():
    assert list(statuspage.__all__) == sorted(set(statuspage.__all__))


def test_a_public_name_says_what_it_is_for():
    for name, value in PUBLIC.items():
        if get_origin(value) is Literal:
            # The reference says it: nothing that has its words can have words of its own.
            continue
        if not inspect.isclass(value):
            assert inspect.getdoc(value), name
            continue
        # A class that inherits its words has none of its own.
        assert vars(value).get("__doc__"), name
        for attribute, member in list(vars(value).items()):
            told = isinstance(member, (types.FunctionType, classmethod, staticmethod, property))
            if (told or hasattr(member, "func")) and not attribute.startswith("_"):
                assert inspect.getdoc(getattr(value, attribute, None) or member), f"{name}.{attribute}"


def test_the_example_in_the_docstring_can_be_compiled():
    text = statuspage.__doc__
    compile(text[text.index("import statuspage_provider") :], "docstring", "exec")


@pytest.mark.parametrize(
    ("resource", "token"),
    [
        (statuspage.StatusPageMaintenance, "dynamic/statuspage:StatusPageMaintenance"),
        (statuspage.StatusPageIncident, "dynamic/statuspage:StatusPageIncident"),
        (statuspage.StatusPageRetrospectiveIncident, "dynamic/statuspage:StatusPageRetrospectiveIncident"),
    ],
    ids=["window", "incident", "past incident"],
)
def test_a_resources_type_is_fixed(resource, token):
    # The SDK puts its package in front: pulumi-python:dynamic/statuspage:…
    assert f"pulumi-python:{resource._resource_type_name}" == f"pulumi-python:{token}"


@pytest.mark.parametrize(
    ("provider", "module", "name"),
    [
        (MaintenanceProvider, "statuspage_provider.maintenance", "MaintenanceProvider"),
        (IncidentProvider, "statuspage_provider.incident", "IncidentProvider"),
        (RetrospectiveIncidentProvider, "statuspage_provider.retrospective", "RetrospectiveIncidentProvider"),
    ],
    ids=["window", "incident", "past incident"],
)
def test_state_holds_a_provider_by_its_import_path_alone(provider, module, name):
    assert (provider.__module__, provider.__qualname__) == (module, name)
    pickled = base64.b64decode(serialize_provider(provider()))
    texts = [value for _, value, _ in pickletools.genops(pickled) if isinstance(value, str)]
    assert texts == [module, name]
    assert len(pickled) < 100
    assert not provider.serialize_as_secret_always


PROVIDERS = [MaintenanceProvider, IncidentProvider, RetrospectiveIncidentProvider]
OPERATIONS = [MaintenanceOperations, IncidentOperations, RetrospectiveIncidentOperations]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_has_no_fields_until_it_is_used(provider):
    assert vars(provider()) == {}


@pytest.mark.parametrize(("provider", "operations"), list(zip(PROVIDERS, OPERATIONS, strict=True)))
def test_a_provider_does_what_its_operations_do(provider, operations, monkeypatch):
    called = []
    for method in ("check", "diff", "create", "read", "update", "delete"):
        answer = lambda _, *given, of=method: called.append((of, given)) or (of, given)  # noqa: E731
        monkeypatch.setattr(operations, method, answer)
        # Nothing of it is as it was: two bags that are alike are compared elsewhere.
        given = tuple({"name": number} for number in range(parameters_of(method)))
        answered = getattr(provider(), method)(*given)
        assert called.pop() == (method, given)
        assert answered == (None if method == "delete" else (method, given))


def parameters_of(method):
    return len(inspect.signature(getattr(ResourceProvider, method)).parameters) - 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_hands_its_settings_and_its_process_to_its_operations(provider, monkeypatch):
    # That errors are shown on one line is set for the process, and taken back after the test.
    monkeypatch.setattr(sys, "tracebacklimit", 1000, raising=False)
    used, process = provider(), EngineProcess()
    used.process = process
    used.configure(ConfigureRequest(Config({"incident:endpoint": "https://status.example.com"}, "project")))
    assert used._operations.process is process
    assert used._operations.config("incident:endpoint") == "https://status.example.com"


def test_the_collector_leaves_what_is_loaded_alone_once_in_a_process(monkeypatch):
    """Whatever is waste by then would be kept each time, in a process that makes providers again and again."""
    frozen = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(True))
    resource_provider._leave_alone_what_is_loaded.cache_clear()
    for provider in PROVIDERS * 2:
        provider()._operations  # noqa: B018
    assert frozen == [True]


@pytest.mark.parametrize("provider", OPERATIONS)
def test_a_providers_methods_are_in_the_order_of_the_engine(provider):
    order = ["check", "diff", "create", "read", "update", "delete"]
    own = vars(provider)
    assert [name for name in own if name in order] == [name for name in order if name in own]


@pytest.mark.parametrize("provider", [StatusPageProvider, *OPERATIONS])
def test_a_providers_methods_keep_the_parameter_names_of_the_sdk(provider):
    for method in ("configure", "check", "diff", "create", "read", "update", "delete"):
        base = inspect.signature(getattr(ResourceProvider, method)).parameters
        assert list(inspect.signature(getattr(provider, method)).parameters) == list(base), method


def test_each_part_of_a_past_update_is_declared():
    assert set(declarations(RetrospectiveUpdate)) == set(RetrospectiveUpdate.model_fields) - {"time_zone"}


RESOURCES = {
    "window": (statuspage.StatusPageMaintenance, MaintenanceOperations.inputs, MaintenanceState),
    "incident": (statuspage.StatusPageIncident, IncidentOperations.inputs, IncidentState),
    "past incident": (
        statuspage.StatusPageRetrospectiveIncident,
        RetrospectiveIncidentOperations.inputs,
        RetrospectiveState,
    ),
}

GIVEN = {
    "text": str,
    "bool": bool,
    "number": int,
    "map": Mapping[str, str],
    "list": Sequence[Any],
    "list of text": Sequence[str],
    "list of maps": Sequence[Mapping[str, Any]],
    "datetime or text": str,
    "timedelta or text": str,
    # What a type checker knows more of: the SDK cannot make it.
    "map of id to status": Any,
    "bool or set of text": Any,
}
"""The type of an output, by what the docs call it."""

OF_TEXTS = {"component_maintenance_periods", "component_impacts"}
"""Lists of maps whose values are all text."""


def taken(kind, statuses):
    """The type of an input, by what the docs call it."""
    return {
        **GIVEN,
        "list of text": Collection[pulumi.Input[str]],
        "list of maps": Sequence[pulumi.Input[Mapping[str, Any]]],
        "datetime or text": str | datetime,
        "timedelta or text": str | timedelta,
        "map of id to status": Mapping[str, pulumi.Input[statuses]] | Sequence[pulumi.Input[Mapping[str, Any]]],
        "bool or set of text": bool | Collection[pulumi.Input[statuspage.MaintenanceEvent]],
    }[kind]


def literal(name, *models):
    """The words that an input or an output is one of, where it is."""
    if name == "service":
        return statuspage.Service
    kinds = [model.model_fields[name].annotation for model in models if name in model.model_fields]
    while kinds:
        kind = kinds.pop(0)
        if get_origin(kind) is Literal:
            return kind
        if get_origin(kind) in (Union, types.UnionType, Annotated):
            kinds += get_args(kind)
    return None


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_resource_has_the_inputs_and_outputs_that_are_declared(resource, monkeypatch):
    resource, inputs, state = RESOURCES[resource]
    declared, recorded = declarations(inputs), declared_outputs(state)
    assert set(declared) == set(inputs.model_fields), "each input needs an Input(...) beside its type"
    beside = {name: field.metadata for name, field in state.model_fields.items() if name != "declared"}
    assert all(any(isinstance(each, Output) for each in metadata) for metadata in beside.values()), (
        "each output needs an Output(...) beside its type"
    )

    # What a type checker and an editor know.
    takes = inspect.signature(resource).parameters
    first, *names, last = takes
    assert (first, set(names), last) == ("resource_name", set(declared), "opts")
    for name, field in inputs.model_fields.items():
        # The key is made in the constructor, so only the model requires it.
        default = inspect.Parameter.empty if field.is_required() else field.default
        assert takes[name].default == (None if name == "idempotency_key" else default), name
    of_components = statuspage.MaintenanceComponentStatus
    if resource is statuspage.StatusPageIncident:
        of_components = statuspage.IncidentComponentStatus
    known = vars(sys.modules[resource.__module__])
    for name in declared:
        kind = pulumi.Input[literal(name, inputs) or taken(declared[name].type, of_components)]
        assert eval(takes[name].annotation, known) == (kind | None if takes[name].default is None else kind), name
    assert set(resource.__annotations__) | {"id"} == set(declared) | set(recorded)
    for name, annotated in inspect.get_annotations(resource, eval_str=True).items():
        kind = literal(name, state, inputs) or GIVEN[(recorded.get(name) or declared[name]).type]
        kind = Sequence[Mapping[str, str]] if name in OF_TEXTS else kind
        assert annotated in (pulumi.Output[kind], pulumi.Output[Optional[kind]]), name  # noqa: UP045

    # What the engine is asked to fill in.
    asked = []
    monkeypatch.setattr(Resource, "__init__", lambda *given: asked.append(set(given[3])))
    resource("it", **dict.fromkeys(declared))
    if hasattr(resource, "get"):
        resource.get("it", "01H")
    assert asked
    assert all(names == set(resource.__annotations__) for names in asked)
