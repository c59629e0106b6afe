"""Tests of compilation, beside graphql-core."""
