"""Documents: parsed, validated and limited once, then found by their text."""

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, ClassVar, Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
    parse,
    specified_rules,
    validate,
)
from strawberry.extensions import SchemaExtension
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types import ExecutionContext

NOTHING: Final = nullcontext()
BYTES_PER_CHARACTER: Final = 140  # of a document's text: its tree, measured


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a document may be; whether it may ask for the schema.

    fields: selected ones, each fragment counted wherever it is spread; a plan grows with them.
    """

    depth: int = 12
    fields: int = 1000
    aliases: int = 50
    root_fields: int = 20
    root_mutations: int = 10
    tokens: int = 2000
    introspection: bool = False


class Document(NamedTuple):
    tree: DocumentNode
    errors: list[GraphQLError]


class Memory:
    """The least recently used entries are forgotten when their estimated bytes exceed the limit.

    An entry that would drive out a large part of the others is not kept at all.
    """

    def __init__(self, limit: int) -> None:
        self.limit, self.used = limit, 0
        self.entries: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()

    def get(self, key: Hashable) -> Any:
        if entry := self.entries.get(key):
            self.entries.move_to_end(key)
            return entry[0]
        return None

    def put(self, key: Hashable, value: Any, size: int) -> None:
        if size > self.limit // 8:
            return
        if old := self.entries.pop(key, None):
            self.used -= old[1]
        self.entries[key] = value, size
        self.used += size
        while self.used > self.limit:
            self.used -= self.entries.popitem(last=False)[1][1]


class Size(NamedTuple):
    depth: int = 0
    fields: int = 0
    aliases: int = 0


class LimitRule(ValidationRule):
    """Depth, fields, aliases, root fields; a fragment is measured once, however often spread."""

    limits: ClassVar[Limits]

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.fragments: dict[str, Size] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        limits, size = self.limits, self.measure(node.selection_set)
        is_mutation = node.operation is OperationType.MUTATION
        root_fields = limits.root_mutations if is_mutation else limits.root_fields
        for name, value, limit in (
            ("depth", size.depth, limits.depth),
            ("number of fields", size.fields, limits.fields),
            ("number of aliases", size.aliases, limits.aliases),
            ("number of root fields", self.root_fields(node.selection_set), root_fields),
        ):
            if value > limit:
                message = f"The operation's {name} is {value}, more than {limit}."
                self.report_error(
                    GraphQLError(message, node, extensions={"code": "QUERY_TOO_COMPLEX"})
                )

    def measure(self, selections: SelectionSetNode | None) -> Size:
        depth = fields = aliases = 0
        nodes: tuple[Any, ...] = selections.selections if selections else ()
        for node in nodes:
            if isinstance(node, FragmentSpreadNode):
                inner = self.fragment(node.name.value)
            elif isinstance(node, FieldNode) and node.name.value.startswith("__"):
                inner = Size()  # GraphiQL asks 15 deep; graphql-core has its own rule for that
            else:
                inner = self.measure(node.selection_set)
            is_field = isinstance(node, FieldNode)
            depth = max(depth, inner.depth + is_field)
            fields += inner.fields + is_field
            aliases += inner.aliases + bool(is_field and node.alias)
        return Size(depth, fields, aliases)

    def fragment(self, name: str) -> Size:
        if name not in self.fragments:
            self.fragments[name] = Size()  # a cycle ends here; another rule reports it
            if fragment := self.context.get_fragment(name):
                self.fragments[name] = self.measure(fragment.selection_set)
        return self.fragments[name]

    def root_fields(self, selections: SelectionSetNode) -> int:
        count, seen = 0, set[str]()
        nodes: list[Any] = [*selections.selections]
        while nodes:
            node = nodes.pop()
            if isinstance(node, FieldNode):
                count += 1
            elif not isinstance(node, FragmentSpreadNode):
                nodes += node.selection_set.selections
            elif node.name.value not in seen:
                seen.add(node.name.value)
                fragment = self.context.get_fragment(node.name.value)
                nodes += fragment.selection_set.selections if fragment else ()
        return count


class Documents:
    """The documents of one schema, by text."""

    def __init__(self, limits: Limits, memory: Memory) -> None:
        self.limits, self.memory = limits, memory
        self.rules = [*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule]
        self.rules.append(type("LimitRule", (LimitRule,), {"limits": limits}))
        if not limits.introspection:
            self.rules.append(NoSchemaIntrospectionCustomRule)

    def of(self, schema: GraphQLSchema, text: str) -> Document:
        """Raises: GraphQLError for text that can't be parsed or has too many tokens."""
        document: Document | None = self.memory.get(text)
        if document is None:
            tree = parse(text, max_tokens=self.limits.tokens)
            document = Document(
                tree, [coded(error) for error in validate(schema, tree, self.rules)]
            )
            self.memory.put(text, document, len(text) * BYTES_PER_CHARACTER)
        return document


def coded(error: GraphQLError) -> GraphQLError:
    error.extensions = {"code": "GRAPHQL_VALIDATION_FAILED", **(error.extensions or {})}
    return error


NAME_IT: Final = GraphQLError(
    "The document has several operations: say operationName.",
    extensions={"code": "BAD_USER_INPUT"},
)


class DocumentExtension(SchemaExtension):
    """Hands the known document to Strawberry, which then neither parses nor validates."""

    documents: ClassVar[Documents]

    def on_operation(self) -> Iterator[None]:
        self.find()
        yield

    def find(self) -> None:
        context = self.execution_context
        if context.query:
            try:
                document = self.documents.of(context.schema._schema, context.query)  # noqa: SLF001
            except GraphQLError:  # Strawberry parses it again, with the same limit, and reports
                context.parse_options = {"max_tokens": self.documents.limits.tokens}
            else:
                context.graphql_document = document.tree
                context.pre_execution_errors = document.errors
                name = context._provided_operation_name  # noqa: SLF001 - else it names the first
                if name is None and has_several_operations(document.tree):
                    context.pre_execution_errors = [*document.errors, NAME_IT]


def has_several_operations(tree: DocumentNode) -> bool:
    kinds = [isinstance(each, OperationDefinitionNode) for each in tree.definitions]
    return sum(kinds) > 1


class QuietRunner(SchemaExtensionsRunner):
    """Strawberry's runner where the document extension is the only one: it has no hook to enter.

    Its context managers cost a sixth of a small operation.
    """

    def operation(self) -> Any:
        return NOTHING

    validation = parsing = executing = operation

    def on_stream_result(self, _: object) -> Any:
        return NOTHING

    async def get_extensions_results(self, _: ExecutionContext) -> dict[str, Any]:
        return {}
