"""The keys and addresses of a site's files: nothing else spells them out.

index.html                               the latest report; with several monitors, an overview
error.html                               what the website shows in place of a missing page
overview.json                            each monitor's newest run, and when it runs next
watch.json                               since when each monitor is known
assets/HASH/*.css, *.js                  what our pages load, in a folder named after it
monitors/NAME/index.html, drift.json     the latest run
monitors/NAME/history.html               every run
monitors/NAME/column.html                one column in every run
monitors/NAME/history/YEAR.json          every run of a year, short
monitors/NAME/profiles/YEAR.json         what its tables held in each column
monitors/NAME/runs/RUN/drift.json        one run, kept for ever
monitors/NAME/runs/RUN/email.json        whether the run's email is sent; chat.json and, of a
run without data, no-data-email.json say the same
reports/NAME/RUN/index.html              one run's report, removed when it is old
"""

from dataclasses import dataclass
from pathlib import PurePosixPath

FRONT_PAGE = "index.html"
ERROR_PAGE = "error.html"
OVERVIEW = "overview.json"
WATCH = "watch.json"
ASSETS = "assets/"
MONITORS = "monitors/"

HOME_OF_MONITOR = "../../"
"""The way from a monitor's pages to the site's root."""
HOME_OF_REPORT = "../../../"
"""The way from a run's report to the site's root."""


@dataclass(frozen=True)
class MonitorFiles:
    """Where a monitor's files lie, or where they are read.

    Attributes:
        monitor: its name.
        site: what comes before each key: nothing, or for an address the site's, with a slash at its
            end, or for a link the way to the site's root.
    """

    monitor: str
    site: str = ""

    @property
    def _folder(self) -> str:
        return f"{self.site}{MONITORS}{self.monitor}/"

    @property
    def front_page(self) -> str:
        """The report of the newest run."""
        return f"{self._folder}index.html"

    @property
    def newest_result(self) -> str:
        """The result of the newest run."""
        return f"{self._folder}drift.json"

    @property
    def history_page(self) -> str:
        """The page of all runs."""
        return f"{self._folder}history.html"

    @property
    def column_page(self) -> str:
        """The page of one column in all runs."""
        return f"{self._folder}column.html"

    @property
    def histories(self) -> str:
        """The folder of the years of the history."""
        return f"{self._folder}history/"

    def history(self, year: int) -> str:
        """Return where a year of the history lies."""
        return f"{self.histories}{year}.json"

    def profiles(self, year: int) -> str:
        """Return where a year of the profiles lies."""
        return f"{self._folder}profiles/{year}.json"

    @property
    def runs(self) -> str:
        """The folder of the runs; followed by a year, what the keys of its runs begin with."""
        return f"{self._folder}runs/"

    def result(self, run_id: str) -> str:
        """Return where a run's result lies."""
        return f"{self.runs}{run_id}/drift.json"

    def note(self, run_id: str, message: str) -> str:
        """Return where the note lies that says whether a run's message is sent."""
        return f"{self.runs}{run_id}/{message}.json"

    @property
    def reports(self) -> str:
        """The folder of the reports; followed by a year, what the keys of its reports begin with.

        Their lifecycle is another, so they lie apart.
        """
        return f"{self.site}reports/{self.monitor}/"

    def report(self, run_id: str) -> str:
        """Return where a run's report lies."""
        return f"{self.reports}{run_id}/index.html"


def run_of(key: str) -> str:
    """Return the run that a file belongs to, which names its folder."""
    return PurePosixPath(key).parent.name
