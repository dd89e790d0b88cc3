"""Django's PostgreSQL backend (`ENGINE`), with what every request pays for made cheaper."""
