"""The addresses of these pages; they lie below the console's and come before its own."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from config.people.pages import confirm, passwords, profile, rules, sign_in

app_name = "people"

inside = admin.site.admin_view

urlpatterns = [
    path("login/", sign_in.sign_in, name="sign-in"),
    path("login/code/", sign_in.code, name="code"),
    path("login/second-factor/", sign_in.first_factor, name="first-factor"),
    path("login/forgotten/", passwords.forgotten, name="forgotten"),
    path("welcome/<uuid:link_id>/<str:secret>/", passwords.welcome, name="welcome"),
    path("welcome/", passwords.choose, name="choose"),
    path("password_change/", inside(passwords.change), name="change-password"),
    path(
        "password_change/done/",
        inside(RedirectView.as_view(pattern_name="people:profile")),
        name="password-changed",
    ),
    path("confirm/", inside(confirm.confirm), name="confirm"),
    path("sign-in-rules/", inside(rules.rules), name="rules"),
    path("profile/", inside(profile.profile), name="profile"),
    path("profile/second-factor/", inside(profile.set_up_factor), name="set-up-factor"),
    path("profile/second-factor/codes/", inside(profile.renew_codes), name="renew-codes"),
    path("profile/second-factor/remove/", inside(profile.remove_factor), name="remove-factor"),
    path("profile/sessions/end/", inside(profile.end_sessions), name="end-sessions"),
    path("profile/sessions/<uuid:number>/end/", inside(profile.end_sessions), name="end-session"),
]
