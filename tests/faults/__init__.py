"""Processes killed and stores broken, under the whole service."""
