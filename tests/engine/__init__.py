"""Tests of compiled execution: beside graphql-core, on schemas without tweets."""
