"""The paperwork: forms made from instruments, and the forms that the agency fills.

Forms parse and present; the rules judge. Nothing here knows the web framework or the database.
"""
