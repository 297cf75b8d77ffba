"""People as a Django app; who they are and what they may is the kernel's."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "config.people"
    label = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        """Say what of the kernel's own somebody who leaves may own."""
        from config.kernel import belongings
        from config.people.services import leaving

        belongings.register(
            "views",
            title=_("Saved views"),
            of=leaving.views_of,
            hand_over=leaving.hand_views_over,
        )
        belongings.register("jobs", title=_("Jobs that will stop"), of=leaving.jobs_of)
