"""Mail tokens, known devices, and changes of address, handle and password."""
