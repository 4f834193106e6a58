"""Everything a workflow needs to write a report: one function per page, and `finish`."""

from colorlab.reports.index import index_page
from colorlab.reports.panel import panel_page
from colorlab.reports.recipe import recipe_page
from colorlab.reports.render import Page, finish, page_file_name
from colorlab.reports.roadmap import roadmap_page
from colorlab.reports.submissions import submissions_page
from colorlab.reports.vetting import vetting_page

__all__ = [
    "Page",
    "finish",
    "index_page",
    "page_file_name",
    "panel_page",
    "recipe_page",
    "roadmap_page",
    "submissions_page",
    "vetting_page",
]
