"""Filters of the pages about people."""

from django import template
from django.conf import settings

from config.kernel import roles
from config.people import agents

register = template.Library()


@register.filter
def role(name: str) -> str:
    """Write a role as staff call it."""
    return roles.label(name)


@register.filter
def language(code: str) -> str:
    """Write a language in itself."""
    return dict(settings.LANGUAGES).get(code, code)


@register.filter
def browser(agent: str) -> str:
    """Write a browser as people call it."""
    return agents.told(agent)
