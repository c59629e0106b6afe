"""Redis clients side by side, ours and libraries: one interface for all, and cluster faults for them to survive."""
