"""uvicorn's protocols, direct writes, graceful shutdown."""
