"""The plug: a Strawberry schema that runs breadth-first, graphql-core's executor behind it."""

import logging
from asyncio import Semaphore
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, Self, cast

import strawberry
from graphql import (
    DirectiveNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationType,
    get_directive_values,
    get_operation_ast,
    is_abstract_type,
    is_object_type,
)
from strawberry.extensions import SchemaExtension
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types import ExecutionContext

from core.errors import Unavailable
from core.logging import request_id
from engine.access import Need, Needs, refusals
from engine.arguments import conditions_of, fields_of
from engine.directives import IN_CONTEXT, declare_in_context, show_requirements
from engine.document import DocumentExtension, Documents, Limits, Memory, QuietRunner
from engine.errors import Repeat, locate, present, unavailable
from engine.field import NotPlannable
from engine.level import Level
from engine.plan import compile_plan, root_fields
from engine.run import Operation, drive

log = logging.getLogger(__name__)


class Prepared(NamedTuple):
    """All that is known of an operation before it runs, whoever asks."""

    needs: tuple[Need, ...]
    plan: Level | None  # None: only graphql-core's executor can run it
    in_context: DirectiveNode | None
    asked: frozenset[str]


def ignore_context(context: Any, values: dict[str, Any]) -> None:
    """For schemas in which the caller's language, country and currency change nothing."""


def forget_refusals(context: Any, errors: list[GraphQLError]) -> None:
    """For schemas in which nobody wants to know."""


@dataclass
class Engine:
    """What the operations of one schema share.

    faults: of the whole operation, of a mutation its field: a repeat would double the load.
    in_context: told what an operation's `@inContext(...)` says, before anything is read.
    in_context_arguments: the directive's arguments by name; their types are nullable.
    refused: told of the errors by which an operation was refused to its caller.
    unplanned, repeated: operations and fields that took the slow way, counted by coordinate.
    """

    faults: tuple[type[Exception], ...] = (Unavailable,)
    limits: Limits = field(default_factory=Limits)
    memory: Memory = field(default_factory=lambda: Memory(64 * 1024 * 1024))
    in_context: Callable[[Any, dict[str, Any]], None] = ignore_context
    in_context_arguments: Mapping[str, Any] = field(
        default_factory=lambda: dict.fromkeys(("language", "country", "currency"), str)
    )
    refused: Callable[[Any, list[GraphQLError]], None] = forget_refusals
    repeats: Semaphore = field(default_factory=lambda: Semaphore(2))
    unplanned: Counter[str] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)
    schema: Any = None

    def note_unplanned(self, coordinate: str) -> None:
        if coordinate not in self.unplanned:
            log.warning("No plan, graphql-core runs the operation: %s", coordinate)
        self.unplanned[coordinate] += 1

    def note_repeated(self, error: Exception, coordinate: str) -> None:
        if isinstance(error, Repeat):
            coordinate = error.coordinate
        if coordinate not in self.repeated:
            log.warning("Repeated on graphql-core: %s (%r)", coordinate, error)
        self.repeated[coordinate] += 1


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Names of methods are chosen with care: graphql-core's own would be overridden silently."""

    engine: ClassVar[Engine]
    is_reference: ClassVar[bool] = False  # for tests: always graphql-core's executor

    @classmethod
    def build(cls, *args: Any, **kwargs: Any) -> Self | list[GraphQLError]:
        """As graphql-core's; a subscription's source is asked for by those who may, in context."""
        built = cast("Self | list[GraphQLError]", super().build(*args, **kwargs))
        if isinstance(built, list) or built.operation.operation is not OperationType.SUBSCRIPTION:
            return built
        prepared = built.prepared()
        try:
            built.enter_context(prepared)
        except GraphQLError as error:
            return [error]
        return built.refused(prepared) or built

    def build_per_event_executor(self, payload: Any) -> Any:
        """Each event of a subscription is read anew."""
        self.context_value.forget()
        return super().build_per_event_executor(payload)

    def execute_operation(self, serially: bool | None = None) -> Any:
        prepared = self.prepared()
        try:
            self.enter_context(prepared)
        except GraphQLError as error:
            return ExecutionResult(None, [error])
        if errors := self.refused(prepared):
            return ExecutionResult(None, errors)
        middleware = self.middleware_manager and self.middleware_manager.middlewares
        if prepared.plan is None or self.is_reference or middleware:
            return super().execute_operation(serially)
        return self.breadth_first(prepared.plan)

    def refused(self, prepared: Prepared) -> list[GraphQLError]:
        errors = refusals(prepared.needs, self.context_value)
        if errors:
            self.engine.refused(self.context_value, errors)
        return errors

    def prepared(self) -> Prepared:
        memory, operation = self.engine.memory, self.operation
        text = operation.loc.source.body if operation.loc else ""
        name = operation.name and operation.name.value
        conditions = memory.get((text, name))
        if conditions is None:
            conditions = conditions_of(self)
            memory.put((text, name), conditions, 200)
        values = self.variable_values.coerced
        key = text, name, tuple(map(values.get, conditions))
        prepared: Prepared | None = memory.get(key)
        if prepared is None:
            named = (node for node in operation.directives or () if node.name.value == IN_CONTEXT)
            prepared = Prepared(
                Needs(self).collect(), self.new_plan(), next(named, None), fields_of(self)
            )
            memory.put(key, prepared, prepared.plan.size if prepared.plan else 500)
        return prepared

    def new_plan(self) -> Level | None:
        if self.operation.operation is OperationType.SUBSCRIPTION:
            return None
        try:
            return compile_plan(self)
        except NotPlannable as reason:
            if not self.is_reference:
                self.engine.note_unplanned(str(reason))
            return None

    def enter_context(self, prepared: Prepared) -> None:
        """Raises: GraphQLError, of a value that can't be one, or by the hook."""
        self.context_value.asked = prepared.asked
        if prepared.in_context:
            definition: Any = self.schema.get_directive(IN_CONTEXT)
            values = get_directive_values(definition, self.operation, self.variable_values) or {}
            self.engine.in_context(self.context_value, values)

    async def breadth_first(self, plan: Level) -> ExecutionResult:
        context, engine = self.context_value, self.engine
        operation = Operation(context, self.variable_values, engine.faults, engine.note_repeated)
        result: list[dict[str, Any]] = []
        is_mutation = self.operation.operation is OperationType.MUTATION
        run = plan.run_in_turn if is_mutation else plan.run_root

        async def branch() -> None:
            result.append(await run(operation, self.repeat_field))

        try:
            await drive(branch(), context.batch)
        except engine.faults as error:
            return ExecutionResult(None, [unavailable(error)])
        except Exception as error:  # noqa: BLE001 - graphql-core's executor says what it means
            engine.note_repeated(error, "a root field")
            return await self.repeat()
        errors = self.collected_errors.errors + (locate(result[0]) if operation.has_failed else [])
        del self.async_helpers  # it refers to this executor: the cycle would keep all rows
        return ExecutionResult(result[0], errors or None)

    async def repeat(self) -> ExecutionResult:
        """The slow way, with exact errors, over the same loaders and answers of mutations."""
        async with self.engine.repeats:
            result: Any = super().execute_operation()
            answer: ExecutionResult = await result if isinstance(result, Coroutine) else result
            return answer

    async def repeat_field(self, key: str) -> Any:
        """One root field the slow way; of a mutation, before the next one begins."""
        batch = self.context_value.batch
        root: Any = self.schema.get_root_type(self.operation.operation)
        fields = {key: root_fields(self, root)[key]}
        batch.driven = False  # graphql-core's executor makes tasks, which can't be driven
        try:
            async with self.engine.repeats:
                result: Any = self.execute_root_grouped_field_set(
                    root, self.root_value, fields, serially=True, position_context=None
                )
                data = await result if isinstance(result, Coroutine) else result
        finally:
            batch.driven = True
        return data[key]


class Schema(strawberry.Schema):
    """Strawberry's, on an engine."""

    engine: Engine
    documents: Documents

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Called with whatever a client is about to get, by HTTP, event stream or WebSocket."""
        present(errors, self.engine.faults, request_id.get())

    def create_extensions_runner(
        self, execution_context: ExecutionContext, extensions: list[SchemaExtension]
    ) -> SchemaExtensionsRunner:
        [*others, document] = extensions
        if others or not isinstance(document, DocumentExtension):
            return super().create_extensions_runner(execution_context, extensions)
        document.find()
        return QuietRunner(execution_context, extensions)

    def operation_type(self, text: str, name: str | None) -> OperationType | None:
        """Of the operation that would run; None when there is none."""
        try:
            document = self.documents.of(self._schema, text).tree
        except GraphQLError:
            return None
        operation = get_operation_ast(document, name)
        return operation.operation if operation else None


def build_schema(engine: Engine, *, is_reference: bool = False, **parts: Any) -> Schema:
    """A Strawberry schema on this engine; `parts` are strawberry.Schema's arguments."""
    documents = Documents(engine.limits, engine.memory)
    extension = type("Documents", (DocumentExtension,), {"documents": documents})
    executor = type("Executor", (Executor,), {"engine": engine, "is_reference": is_reference})
    extensions = [*parts.pop("extensions", ()), extension]  # the last one sees what others changed
    schema = Schema(**parts, execution_context_class=executor, extensions=extensions)
    schema.engine, schema.documents = engine, documents
    engine.schema = schema
    own: GraphQLSchema = schema._schema  # noqa: SLF001 - Strawberry has no other way to it
    declare_in_context(schema, engine.in_context_arguments)
    show_requirements(own)
    for type_ in own.type_map.values():  # rows are no Strawberry objects
        if is_abstract_type(type_):
            type_.resolve_type = lambda value, *_: value.type_name
        elif is_object_type(type_):
            type_.is_type_of = None
    return schema
