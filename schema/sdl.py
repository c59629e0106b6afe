"""The SDL, as `python -m schema` and /schema.graphql print it."""

from functools import cache

from schema.roots import build_schema


@cache
def print_sdl() -> str:
    return build_schema().as_str().rstrip() + "\n"
