"""Tests of compilation against graphql-core."""
