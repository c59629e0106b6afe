"""Pictures: uploads, who may see them, and their addresses."""
