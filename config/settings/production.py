"""Production: real servers, HTTPS only; whatever is missing is named at start."""

from config import logs
from config.settings import environment
from config.settings.base import *

SECRET_KEY = environment.text("KAPELL_SECRET_KEY")
SECRET_KEY_FALLBACKS = environment.words("KAPELL_SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = environment.required_words("KAPELL_ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = environment.words(
    "KAPELL_TRUSTED_ORIGINS", ",".join(f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS)
)
DATABASES = {"default": environment.database()}
REDIS_URL = CELERY_BROKER_URL = environment.text("REDIS_URL")

SECURE_SSL_REDIRECT = environment.flag("KAPELL_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
# HTTPS ends at a proxy, which says where a request came from.
TRUSTED_PROXIES = environment.number("KAPELL_TRUSTED_PROXIES", 1)
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-kapell-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-kapell-csrf"

LOGGING = logs.configuration(
    level=environment.text("KAPELL_LOG_LEVEL", "INFO"),
    as_json=environment.flag("KAPELL_LOG_JSON", default=True),
)
