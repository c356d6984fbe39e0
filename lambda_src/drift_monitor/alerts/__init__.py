"""Who is told of a run: when, in which words, and once."""
