"""Where the runbook is, for the texts of alarms."""

FILE = "docs/runbook.md"


def section(url: str | None, title: str) -> str:
    """Return a sentence with a section's address, or its place in the repository."""
    if url is None:
        return f'What to do: {FILE}, section "{title}".'
    return f"What to do: {url}#{title.lower().replace(' ', '-')}"
