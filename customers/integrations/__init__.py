"""What others' software does for us: signing in by django-allauth."""
