"""Tests of hashtag uses in the stores."""
