"""uvicorn's protocols, direct writes, write batches, graceful shutdown."""
