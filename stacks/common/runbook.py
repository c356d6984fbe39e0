"""Where a person who is woken by an alarm reads what to do."""

FILE = "docs/runbook.md"


def section(url: str | None, title: str) -> str:
    """Say where a section of the runbook is: its address, or its place in the repository."""
    if url is None:
        return f'What to do: {FILE}, section "{title}".'
    return f"What to do: {url}#{title.lower().replace(' ', '-')}"
