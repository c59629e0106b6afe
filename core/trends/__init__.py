"""The formula of trends, and a sketch that counts accounts."""
