"""Pictures: their rows in MongoDB, and their files in a folder or in S3."""
