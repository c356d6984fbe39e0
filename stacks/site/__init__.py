"""The site: its bucket, and CloudFront in front of it."""
