"""Every chart of a run, computed once, for its pages and for papers."""

from __future__ import annotations

from .chart_classes import classes, confusions, slices
from .chart_counts import costs
from .chart_curves import precisions, reliabilities
from .chart_robustness import robustness
from .chart_values import Chart
from .contract import Report
from .score import Survey


def charts(report: Report, survey: Survey, other: Report | None = None) -> tuple[Chart, ...]:
    """The charts that there is something to draw for, in the order of a page.

    `other` is the report of another run on the same samples: its figures stand beside this one's.
    """
    return (
        *classes(report, other),
        *slices(report, other),
        *confusions(report),
        *precisions(survey),
        *reliabilities(report),
        *robustness(report.details),
        *costs(survey.items),
    )
