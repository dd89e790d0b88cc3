"""Settings of django-allauth: shoppers sign in by a code that is sent to an address, and in no other way.

Only the routes of `customers.rest.sign_in` are open. `config.settings` takes these over; none is from the environment.
"""

HEADLESS_ONLY = True
HEADLESS_ADAPTER = "customers.integrations.allauth_sign_in.HeadlessAdapter"
HEADLESS_TOKEN_STRATEGY = "customers.integrations.allauth_sign_in.TokenStrategy"  # noqa: S105 - a class's name
ACCOUNT_ADAPTER = "customers.integrations.allauth_sign_in.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # the code that signs in has proved it
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_RATE_LIMITS = False  # ours are counted in PostgreSQL, for all workers together
