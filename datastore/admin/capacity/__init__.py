"""The capacity planner: from costs of single acts to servers and money."""
