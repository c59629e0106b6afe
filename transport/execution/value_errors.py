"""Messages about values that do not fit their type, without the values: they may hold passwords and private texts.

Every message is rebuilt from the parts of graphql-core's message that quote the schema; text of no known form is
replaced. So is the text of an error that a scalar raised, unless it is a ValueFormatError.
"""

import re
from typing import Any

from graphql import GraphQLError, GraphQLInputType, ValueNode, VisitorAction
from graphql.language import SKIP
from graphql.utilities.validate_input_value import validate_input_literal
from graphql.validation import ValuesOfCorrectTypeRule

from core.errors import CodedError, ValueFormatError

UNFIT = "The value does not fit its type."
_SUBJECT = re.compile(
    r"(?:Variable '\$\w+'|Argument '\w+') has invalid (?:default )?value(?: at (?:\.\w+|\[\d+\])+)?: ", re.ASCII
)
_KNOWN = re.compile(
    r"(?:Expected value of type '[\w!\[\]]+'"
    r"(?: to be an object| to include required field '\w+'| not to include unknown field '\w{1,64}')?(?=[.,])"
    r"|(?:Int|Float|String|Boolean|ID) cannot represent (?:a )?(?:non[- ][\w -]+ )?value(?=:)"
    r"|Enum '\w+' cannot represent non-(?:string|enum) value(?=:))",
    re.ASCII,
)
_WHOLE = re.compile(
    r"Expected value of non-null type '[\w!\[\]]+' not to be None\."
    r"|Expected a value of non-null type '[\w!\[\]]+' to be provided\."
    r"|Expected variable '\$\w+' provided to (?:non-null )?type '[\w!\[\]]+'"
    r" (?:not to be None|to provide a runtime value)\."
    r"|Within OneOf Input Object type '\w+', exactly one field must be specified,"
    r" and the value for that field must be non-null\."
    r"|(?:Variable '\$\w+'|Argument '\w+') of required type '[\w!\[\]]+' was not provided\."
    r"|Variable '\$\w+' expected value of type '[\w!\[\]]+' which cannot be used as an input type\."
    r"|Too many errors processing variables, error limit reached\. Execution aborted\."
    r"|Variable values are nested too deeply\.",
    re.ASCII,
)
_ENUM = re.compile(r" does not exist in ('\w+' enum\.)(?: Did you mean [^?]*\?)?\Z", re.ASCII)
_SUGGESTION = re.compile(r"\. Did you mean '\w+'(?:,? (?:or )?'\w+')*\?", re.ASCII)
_TOKEN = re.compile(r"(\b(?:String|BlockString|Int|Float|escape sequence:|got:)) '.*'", re.DOTALL)


def without_values(error: GraphQLError) -> str:
    """The message of an error about a variable, an argument or a literal, without any value."""
    subject = _SUBJECT.match(error.message)
    text = error.message[subject.end() :] if subject else error.message
    return (subject.group() if subject else "") + _fault(text, error)


def syntax_message(error: GraphQLError) -> str:
    """The message of a syntax error, without the text of the literal at which parsing stopped."""
    return _TOKEN.sub(r"\1", error.message)


class ValuesRule(ValuesOfCorrectTypeRule):
    """graphql-core's rule about literals; its messages do not repeat them."""

    def is_valid_value_node(self, node: ValueNode, input_type: GraphQLInputType | None) -> VisitorAction:
        if input_type:
            validate_input_literal(node, input_type, self._report, None, None, self.context.hide_suggestions)
        return SKIP  # the whole value is judged already

    def _report(self, error: GraphQLError, _: list[str | int]) -> None:
        self.report_error(GraphQLError(without_values(error), error.nodes, original_error=error.original_error))


def _fault(text: str, error: GraphQLError) -> str:
    if (own := _own_words(error)) is not None:
        return own
    if _WHOLE.fullmatch(text):
        return text
    if known := _KNOWN.match(text):
        suggestion = _SUGGESTION.match(text, known.end())
        return known.group() + (suggestion.group() if suggestion else ".")
    if enum := _ENUM.search(text):
        return f"The value{enum.group()}"
    return UNFIT


def _own_words(error: GraphQLError) -> str | None:
    """The text with which our own scalar refused the value; None for other errors."""
    cause: Any = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return str(cause) if isinstance(cause, ValueFormatError | CodedError) else None
