"""Use cases: authorise, skeleton, hydrate, rules, present as records. Knows no GraphQL."""
