"""The subscription homeTimelineEvents."""
