"""User text: validation, folding, words, entities, weight."""
