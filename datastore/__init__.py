"""Every MongoDB document and every Redis key: no other room talks to a store."""
