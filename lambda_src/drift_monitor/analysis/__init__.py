"""Numbers in, findings out. No files, no AWS, no HTML."""
