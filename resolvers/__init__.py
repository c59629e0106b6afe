"""Use cases: authorise, skeleton, hydrate, apply rules, present as records. No GraphQL here."""
