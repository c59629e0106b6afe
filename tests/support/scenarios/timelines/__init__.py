"""Scenarios of timelines: lists and logs, who follows, who reads them live."""
