"""Django's PostgreSQL backend with a pool that gets over a database server's restart."""
