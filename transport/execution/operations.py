"""Operations prepared for execution: parsed, within the limits, valid. Any fault refuses the whole request."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValuesOfCorrectTypeRule,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from core.errors import CodedError, ErrorCode, RookeryError
from engine import Variables, document_bytes
from transport.execution.error_masking import ErrorPayload, coded, request_error, unexpected_error
from transport.execution.value_errors import ValuesRule, syntax_message, without_values
from transport.limits.cost import check_document
from transport.limits.cost_cache import CostCache
from transport.limits.definitions import check_definitions
from transport.limits.limits import Limits
from transport.limits.multipliers import check_variables
from transport.limits.work import NO_WORK, WorkTable
from transport.request.document_cache import DocumentCache
from transport.request.graphql_request import GraphQLRequest

MOST_ERRORS = 10
INCREMENTAL_DIRECTIVES = ("defer", "stream")
_TOKENS = re.compile(r"\w+|[^\s,\w]")
_RULES = [ValuesRule if rule is ValuesOfCorrectTypeRule else rule for rule in specified_rules]


class RefusedError(RookeryError):
    """A request that was not executed, or a stream that can't go on; `errors` go to the client."""

    def __init__(self, *errors: ErrorPayload) -> None:
        super().__init__(", ".join(error["message"] for error in errors))
        self.errors = list(errors)

    @property
    def code(self) -> ErrorCode:
        return ErrorCode(self.errors[0]["extensions"]["code"])


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a valid document, with its raw variables and its cost in points."""

    request: GraphQLRequest
    document: DocumentNode
    definition: OperationDefinitionNode
    cost: int
    is_incremental: bool
    digest: str
    """SHA-256 of the document's text, in hexadecimal digits."""
    variables: Variables

    @property
    def name(self) -> str | None:
        return self.definition.name.value if self.definition.name else None

    @property
    def kind(self) -> OperationType:
        return self.definition.operation

    @property
    def root_fields(self) -> frozenset[str]:
        """Names of the fields of the root type that the operation selects, skipped ones too."""
        fragments = {
            node.name.value: node for node in self.document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        return frozenset(_field_names(self.definition.selection_set, fragments))

    @property
    def is_subscription(self) -> bool:
        return self.kind is OperationType.SUBSCRIPTION


def _field_names(selected: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> Iterator[str]:
    """The document is valid, so no fragment spreads itself."""
    for node in selected.selections:
        if isinstance(node, FieldNode):
            yield node.name.value
        elif isinstance(node, InlineFragmentNode):
            yield from _field_names(node.selection_set, fragments)
        elif isinstance(node, FragmentSpreadNode):
            yield from _field_names(fragments[node.name.value].selection_set, fragments)


class PreparedDocument(NamedTuple):
    """A document that is within the limits and valid."""

    document: DocumentNode
    digest: str
    is_incremental: bool
    costs: CostCache
    variables: dict[str | None, Variables]


class Preparation:
    """Prepares operations on one schema."""

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: Limits,
        *,
        introspection: bool,
        suggestions: bool,
        work: WorkTable = NO_WORK,
    ) -> None:
        self._schema, self._limits, self._work = schema, limits, work
        self._suggestions = suggestions
        self._cache = DocumentCache[PreparedDocument](lambda prepared: document_bytes(prepared.document))
        self._rules = [*_RULES, MaybeNullValidationRule, OneOfInputValidationRule]
        if not introspection:
            self._rules.append(NoSchemaIntrospectionCustomRule)

    def prepare(self, request: GraphQLRequest) -> Operation:
        """The request must hold its document. Raises RefusedError."""
        text = request.query or ""
        cached = self._cache.get(text)
        prepared = cached or self._read(text)
        definition = _selected(prepared.document, request.operation_name)
        try:
            cost = self._cost(prepared, definition, request)
        except CodedError as error:
            raise RefusedError(coded(error.code, error.message)) from None
        if cached is None:
            self._validate(prepared.document)
            self._cache.put(text, prepared)
        variables = prepared.variables.get(request.operation_name)
        if variables is None:
            variables = Variables(self._schema, definition.variable_definitions or ())
            prepared.variables[request.operation_name] = variables
        return Operation(
            request, prepared.document, definition, cost, prepared.is_incremental, prepared.digest, variables
        )

    def _read(self, text: str) -> PreparedDocument:
        digest = sha256(text.encode()).hexdigest()
        document = self._parse(text)
        try:
            check_definitions(document, self._limits)
        except CodedError as error:
            raise RefusedError(coded(error.code, error.message)) from None
        return PreparedDocument(document, digest, self._is_incremental(text), CostCache(self._limits), {})

    def _cost(self, prepared: PreparedDocument, definition: OperationDefinitionNode, request: GraphQLRequest) -> int:
        name, variables = request.operation_name, request.variables or {}
        check_variables(variables, self._limits)
        points = prepared.costs.get(name, variables)
        if points is not None:
            return points
        cost = check_document(
            prepared.document,
            definition,
            schema=self._schema,
            variables=variables,
            limits=self._limits,
            work=self._work,
        )
        prepared.costs.put(name, variables, cost.size_variables, cost.points)
        return cost.points

    def _parse(self, text: str) -> DocumentNode:
        if len(text) > self._limits.document_characters:
            message = f"The document is longer than {self._limits.document_characters:,} characters."
            raise RefusedError(coded(ErrorCode.QUERY_TOO_COMPLEX, message))
        try:
            return _without_chain(parse(text, max_tokens=self._limits.tokens))
        except GraphQLSyntaxError as error:
            # "aborted" marks the parser's own limits; its other errors are about the grammar.
            is_limit = error.message.endswith("Parsing aborted.")
            code = ErrorCode.QUERY_TOO_COMPLEX if is_limit else ErrorCode.GRAPHQL_PARSE_FAILED
            raise RefusedError(request_error(error, code, syntax_message(error))) from None

    def _validate(self, document: DocumentNode) -> None:
        errors = validate(
            self._schema, document, self._rules, max_errors=MOST_ERRORS, hide_suggestions=not self._suggestions
        )
        if errors:
            raise RefusedError(*(request_error(error, ErrorCode.GRAPHQL_VALIDATION_FAILED) for error in errors))

    def _is_incremental(self, text: str) -> bool:
        return any(f"@{name}" in text and self._schema.get_directive(name) for name in INCREMENTAL_DIRECTIVES)


def _without_chain(document: DocumentNode) -> DocumentNode:
    """Takes apart the chain of all tokens, which nobody walks: in both directions it is one large cycle."""
    token = document.loc.start_token if document.loc else None
    while token is not None:
        following, token.prev, token.next = token.next, None, None
        token = following
    return document


def _selected(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operation = get_operation_ast(document, name)
    if operation is None:
        problem = f"The document has no operation '{name}'." if name else "Say by operationName which operation to run."
        raise RefusedError(coded(ErrorCode.BAD_USER_INPUT, problem))
    return operation


def refusal_points(request: GraphQLRequest | None, limits: Limits) -> int:
    """Points for a request that is refused before it runs: about the tokens that were read, at least 1."""
    text = (request and request.query) or ""
    if len(text) > limits.document_characters:
        return limits.tokens
    return max(1, min(len(_TOKENS.findall(text)), limits.tokens))


def variable_errors(errors: list[GraphQLError]) -> RefusedError:
    return RefusedError(
        *(request_error(error, ErrorCode.BAD_USER_INPUT, without_values(error)) for error in errors[:MOST_ERRORS])
    )


def client_errors(error: Exception, request_id: str) -> list[ErrorPayload]:
    """Errors to send to the client for an exception that ended its operation."""
    return error.errors if isinstance(error, RefusedError) else [unexpected_error(error, request_id)]
