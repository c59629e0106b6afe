"""Tests of campaigns and impressions in the stores."""
