"""What pages and documents share: the template environment, the words for dates and numbers, the charts.

Start at `environment.make_environment`. Nothing here reads the current time, the database or a request.
"""
