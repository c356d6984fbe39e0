"""The site: its bucket, and CloudFront before it."""
