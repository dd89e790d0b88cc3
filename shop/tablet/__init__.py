"""The clerk's tablet: empty screens that her own device fills over /staff/v1, once she has unlocked it."""
