"""A pinned reference's sorted values and counts, kept beside it: docs/reference-cache.md."""
