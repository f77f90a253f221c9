"""What must hold for every type and field of the schema."""

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLSchema,
    is_input_object_type,
    is_interface_type,
    is_introspection_type,
    is_object_type,
    is_specified_scalar_type,
    is_union_type,
)

from core.settings import Settings
from engine.access import unguarded
from engine.plan import unplannable
from resolvers.loaders.base import Relation
from schema import new_schema
from schema.errors import SHOWN, ErrorCode, code_of
from schema.ids import PREFIXES
from schema.node import LOADERS

ROOTS = {"Query", "Mutation", "Subscription"}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return new_schema(Settings(_env_file=None))._schema


def test_every_type_field_argument_and_value_is_described(schema: GraphQLSchema) -> None:
    silent = []
    for name, type_ in schema.type_map.items():
        if is_introspection_type(type_) or is_specified_scalar_type(type_):
            continue
        if not type_.description:
            silent.append(name)
        if isinstance(type_, GraphQLEnumType):
            continue  # one description of the enum tells its values apart
        for field_name, field in getattr(type_, "fields", {}).items():
            if not field.description:
                silent.append(f"{name}.{field_name}")
            arguments = getattr(field, "args", {}) or {}
            silent += [
                f"{name}.{field_name}({key})"
                for key, each in arguments.items()
                if not each.description
                and key not in {"id", "ids", "by", "where", "input", "sortBy"}
            ]

    assert silent == []


def test_every_root_field_and_every_type_with_an_id_has_an_access_rule(
    schema: GraphQLSchema,
) -> None:
    assert unguarded(schema) == []


def test_what_is_a_node_is_found_by_its_id(schema: GraphQLSchema) -> None:
    nodes = {
        name
        for name, type_ in schema.type_map.items()
        if is_object_type(type_) and any(each.name == "Node" for each in type_.interfaces)
    }

    assert nodes <= {*PREFIXES}
    assert nodes == {*LOADERS}


def test_every_field_has_a_plan(schema: GraphQLSchema) -> None:
    assert unplannable(schema) == []


def test_mutations_take_one_input_at_most_and_are_nullable(schema: GraphQLSchema) -> None:
    assert schema.mutation_type is not None
    odd = []
    for name, field in schema.mutation_type.fields.items():
        payload = getattr(field.type, "fields", None)
        if payload is None or "userErrors" not in payload or [*field.args] not in (["input"], []):
            odd.append(name)

    assert odd == []


def test_every_refusal_has_a_code_of_its_own() -> None:
    codes = [code_of(type_.__name__) for type_ in {*SHOWN.values()}]

    assert sorted(codes) == sorted({*codes})
    assert {*codes} <= {code.value for code in ErrorCode}


def test_a_loader_binds_the_scope_or_is_a_reference() -> None:
    open_doors = [
        str(relation.statement.get_final_froms()[0])
        for relation in Relation.all
        if not relation.is_reference and not relation.query.scopes
    ]

    assert open_doors == []


def test_lists_that_can_grow_are_connections(schema: GraphQLSchema) -> None:
    for name, type_ in schema.type_map.items():
        if name.endswith("Connection"):
            assert is_object_type(type_)
            assert {"edges", "nodes", "pageInfo", "totalCount"} <= {*type_.fields}


def test_no_kind_of_type_is_unknown_to_these_tests(schema: GraphQLSchema) -> None:
    for type_ in schema.type_map.values():
        assert (
            is_object_type(type_)
            or is_interface_type(type_)
            or is_union_type(type_)
            or is_input_object_type(type_)
            or isinstance(type_, GraphQLEnumType)
            or hasattr(type_, "coerce_output_value")
        )
