"""The auction of ad places, pure: inventory, bids, layout."""
