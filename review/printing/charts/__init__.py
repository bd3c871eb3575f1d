"""Pictures made on the server: inline SVG with attributes only, the same on screen and on paper.

Each chart takes frozen values defined beside it and an id that is unique on the page, and returns Markup. A chart
comes with its sentence, made by rule, and its table rows: the picture is never the only place of a number.
"""
