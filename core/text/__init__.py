"""Text of people: validation, folding, words, entities, weight."""
