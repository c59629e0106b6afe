"""Arguments converted as Strawberry converts them, once where they are constant."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import strawberry
from graphql import Undefined
from strawberry.types.arguments import StrawberryArgument, convert_argument
from strawberry.types.base import StrawberryOptional
from strawberry.types.field import StrawberryField

from engine.compile.argument_template import template_of
from engine.compile.arguments import Arguments

_PLAIN: tuple[Any, ...] = (str, int, float, bool, strawberry.ID)


class _ArgumentConversion(NamedTuple):
    """Conversion of one argument. `is_plain`: Strawberry passes its values on unchanged."""

    name: str
    python_name: str
    type: Any
    is_plain: bool

    @classmethod
    def of(cls, argument: StrawberryArgument, config: Any) -> "_ArgumentConversion":
        inner = argument.type.of_type if type(argument.type) is StrawberryOptional else argument.type
        name = config.name_converter.from_argument(argument)
        return cls(name, argument.python_name, argument.type, inner in _PLAIN)


class ConvertedArguments:
    """Arguments for a Strawberry resolver: by Python name, input objects as instances."""

    def __init__(self, definition: StrawberryField, config: Any, scalars: Any, arguments: Arguments) -> None:
        self._config, self._scalars = config, scalars
        self._conversions = [_ArgumentConversion.of(argument, config) for argument in definition.arguments]
        self.raw = arguments
        self.constant: dict[str, Any] | None = {} if not definition.arguments else None
        if definition.arguments and arguments.constant is not None:
            self.constant = self._converted_now(arguments.constant)
        self._template: tuple[dict[str, Any], list[tuple[str, str, bool]]] | None = None
        if self.constant is None:
            self._template = self._template_now()

    def at_once(self, coerced: Mapping[str, Any]) -> dict[str, Any] | None:
        """Arguments that calls may share, from coerced variables; None if `raw` must be coerced and converted.

        An absent variable leaves room for a default, and a null one may not fit: both are graphql-core's to decide.
        """
        if self.constant is not None or self._template is None:
            return self.constant
        constants, variables = self._template
        values = dict(constants)
        for python_name, variable, takes_null in variables:
            value = coerced.get(variable, Undefined)
            if value is Undefined or (value is None and not takes_null):
                return None
            values[python_name] = value
        return values

    def of(self, raw: dict[str, Any], info: Any) -> dict[str, Any]:
        converted: dict[str, Any] = {}
        for conversion in self._conversions:
            if conversion.name in raw:
                value = raw[conversion.name]
                converted[conversion.python_name] = (
                    value if conversion.is_plain else self._converted(conversion, value, info)
                )
        return converted

    def _converted(self, conversion: _ArgumentConversion, value: Any, info: Any) -> Any:
        return convert_argument(value, conversion.type, self._scalars, self._config, info, path=(conversion.name,))

    def _template_now(self) -> tuple[dict[str, Any], list[tuple[str, str, bool]]] | None:
        """Constants by Python name; Python name and variable of all others, and whether they take null."""
        plain = {conversion.name: conversion.python_name for conversion in self._conversions if conversion.is_plain}
        template = template_of(self.raw.field, self.raw.node, plain)
        constants = None if template is None else self._converted_now(template.constants)
        if template is None or constants is None:
            return None
        return constants, [(plain[one.argument], one.variable, one.takes_null) for one in template.variables]

    def _converted_now(self, raw: dict[str, Any]) -> dict[str, Any] | None:
        try:
            return self.of(raw, None)
        except Exception:  # noqa: BLE001 - raised again where it is an error of its field
            return None
