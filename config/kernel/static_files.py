"""Static files in production: compressed, named by what is in them, and kept by browsers for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

_, _IMPORTS = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Our modules import each other by those names too, so that a page never mixes two releases.

    Other people's scripts are left as they are: they say "import" in comments and mean nothing by it.
    """

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("shop/*.js", _IMPORTS))
