"""The public names, and those that users' state holds: they never change."""

import base64
import inspect
import pickletools
import types

import pytest
from pulumi.dynamic import ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider

import statuspage_provider as statuspage
from statuspage_provider.incident import IncidentProvider
from statuspage_provider.maintenance import MaintenanceProvider
from statuspage_provider.retrospective import RetrospectiveIncidentProvider

PUBLIC = {name: getattr(statuspage, name) for name in statuspage.__all__}


def test_all_is_what_the_module_exports():
    exported = {
        name
        for name, value in vars(statuspage).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }
    assert exported == set(statuspage.__all__)


def test_all_is_sorted_and_has_each_name_once():
    assert list(statuspage.__all__) == sorted(set(statuspage.__all__))


@pytest.mark.parametrize("name", statuspage.__all__)
def test_a_public_name_says_what_it_is_for(name):
    value = PUBLIC[name]
    if not inspect.isclass(value):
        assert inspect.getdoc(value)
        return
    # A class that inherits its words has none of its own.
    assert vars(value).get("__doc__")
    for attribute, member in vars(value).items():
        shown = isinstance(member, (types.FunctionType, classmethod, staticmethod, property)) or hasattr(member, "func")
        if shown and not attribute.startswith("_"):
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


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_has_no_fields_until_it_is_configured(provider):
    assert vars(provider()) == {}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_providers_methods_are_in_the_order_of_the_engine(provider):
    order = ["configure", "check", "diff", "create", "read", "update", "delete"]
    own = [name for name in vars(provider) if name in order]
    assert own == [name for name in order if name in own]
    assert {"check", "diff", "create", "read", "update", "delete"} <= set(own)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("method", ["configure", "check", "diff", "create", "read", "update", "delete"])
def test_a_providers_methods_keep_the_parameter_names_of_the_sdk(provider, method):
    base = inspect.signature(getattr(ResourceProvider, method)).parameters
    assert list(inspect.signature(getattr(provider, method)).parameters) == list(base)


@pytest.mark.parametrize(
    "resource",
    [statuspage.StatusPageMaintenance, statuspage.StatusPageIncident, statuspage.StatusPageRetrospectiveIncident],
)
def test_every_input_is_told_of_in_the_docstring(resource):
    parameters = list(inspect.signature(resource).parameters)[1:-1]
    for name in parameters:
        assert f"`{name}`" in resource.__doc__, name


@pytest.mark.parametrize(
    ("resource", "inputs"),
    [
        (statuspage.StatusPageMaintenance, MaintenanceProvider.inputs),
        (statuspage.StatusPageIncident, IncidentProvider.inputs),
        (statuspage.StatusPageRetrospectiveIncident, RetrospectiveIncidentProvider.inputs),
    ],
    ids=["window", "incident", "past incident"],
)
def test_a_resource_takes_exactly_the_inputs_of_its_model(resource, inputs):
    parameters = list(inspect.signature(resource).parameters)
    assert parameters[0] == "resource_name"
    assert parameters[-1] == "opts"
    assert set(parameters[1:-1]) == set(inputs.model_fields)
    # Each is an output too, and type checkers know it.
    assert set(inputs.model_fields) | {"phase", "public_url"} <= set(resource.__annotations__)
