"""The application for a server, from REVIEW_* variables: `granian --interface wsgi review.web.wsgi:app`."""

from review.acts.office import Office
from review.settings import from_environment
from review.web import create_app

app = create_app(Office(from_environment()))
