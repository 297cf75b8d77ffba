"""`manage.py doctor`: what is well and what is not, a line each."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.operations import doctor
from config.operations.doctor import Finding, State

SHOWN = {State.OK: "ok", State.WARNING: "warning", State.FAILED: "FAILED"}


class Command(BaseCommand):
    help = (
        "Look at database, schema, Redis, worker, beat, mail, disk, clock, certificate, backup and "
        "outbox: a line each. Ends with 1 when something has failed; a warning is no failure."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs: one JSON object")

    def handle(self, **options: Any) -> None:
        found = doctor.examine()
        if options["json"]:
            self.stdout.write(json.dumps([_plain(finding) for finding in found], indent=2))
        else:
            for finding in found:
                self.stdout.write(_line(finding))
        if any(finding.state == State.FAILED for finding in found):
            sys.exit(1)


def _plain(finding: Finding) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(finding).items()}


def _line(finding: Finding) -> str:
    remedy = f" {finding.remedy}" if finding.remedy else ""
    return f"{SHOWN[finding.state]:8} {finding.check:13} {finding.said}{remedy}"
