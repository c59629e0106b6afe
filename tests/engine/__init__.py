"""Tests of compiled execution against graphql-core, on schemas without tweets."""
