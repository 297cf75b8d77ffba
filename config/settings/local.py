"""One machine, nothing installed: the embedded servers, everything under KAPELL_HOME."""

from config.local import home
from config.settings import environment
from config.settings.base import *

SECRET_KEY = home.secret("django_secret_key")
DEBUG = environment.flag("KAPELL_DEBUG")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *environment.words("KAPELL_ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = environment.words("KAPELL_TRUSTED_ORIGINS")
WHITENOISE_MAX_AGE = 0 if DEBUG else 60
