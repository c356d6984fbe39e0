"""The site: the JSON and the pages made from scored runs."""
