"""The whole suite, on real stores; its folders mirror the rooms."""
