"""Running operations: masking, instrumentation, events shared by subscribers."""
