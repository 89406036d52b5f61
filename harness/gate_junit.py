"""A verdict as JUnit XML, which continuous integration shows as tests: a suite a task, a case a figure."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from .gate import WORSE, Line, Refusal, Verdict
from .gate_text import numbers, values, visible

_PACKAGE = "rsbench.gate"


def as_junit(verdict: Verdict) -> str:
    """The XML document: a figure that is worse is a failure, what could not be judged is an error."""
    root = Element("testsuites", name=_PACKAGE)
    tasks = [line.observed.task for line in verdict.lines] + [refusal.task for refusal in verdict.refusals]
    total = {"tests": 0, "failures": 0, "errors": 0}
    for task in dict.fromkeys(tasks):
        lines = [line for line in verdict.lines if line.observed.task == task]
        refusals = [refusal for refusal in verdict.refusals if refusal.task == task]
        suite = SubElement(root, "testsuite", name=visible(task))
        for line in lines:
            _figure(suite, line)
        for refusal in refusals:
            _refusal(suite, refusal)
        counts = {
            "tests": len(lines) + len(refusals),
            "failures": sum(line.state == WORSE for line in lines),
            "errors": len(refusals),
        }
        for key, count in counts.items():
            suite.set(key, str(count))
            total[key] += count
        suite.set("skipped", "0")
        suite.set("time", "0")
    for key, count in total.items():
        root.set(key, str(count))
    root.set("time", "0")
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _figure(suite: Element, line: Line) -> None:
    case = _case(suite, line.observed.task, line.observed.figure)
    if line.state == WORSE:
        before, after, difference, *_ = numbers(line)
        failure = SubElement(case, "failure", type=WORSE)
        failure.set("message", visible(f"{before} before, {after} now, {difference}: {line.reason}"))
        failure.text = visible(f"{values(line)}: {line.reason}.")
    else:
        SubElement(case, "system-out").text = visible(f"{values(line)}: {line.reason}.")


def _refusal(suite: Element, refusal: Refusal) -> None:
    case = _case(suite, refusal.task, "comparable with the baseline")
    error = SubElement(case, "error", type="not comparable", message=visible(refusal.reason))
    error.text = visible(f"{refusal.reason} {refusal.remedy}")


def _case(suite: Element, task: str, name: str) -> Element:
    return SubElement(
        suite, "testcase", classname=visible(f"{_PACKAGE}.{task}"), name=visible(name), time="0"
    )
