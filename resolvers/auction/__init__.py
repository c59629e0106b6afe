"""The auction of ad slots: inventory, bids, layout."""
