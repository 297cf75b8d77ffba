#!/usr/bin/env python
"""Run a management command; under the local settings with the embedded servers at hand."""

import os
import sys


def main() -> None:
    """Hand the command line to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    from config import local

    try:
        local.ensure(sys.argv)
    except local.LocalError as error:
        sys.exit(f"kapell: {error}")

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
