"""Accounts, sessions, follows, blocks, mutes, and viewpoints."""
