"""The controls of our fields, in the classes of the design system. Labels and messages are the macros' work."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from markupsafe import Markup, escape


def attributes(**given: Any) -> Markup:
    """HTML attributes; None and False are left out, True stands alone, `_` becomes `-`."""
    parts = []
    for name, value in given.items():
        name = name.rstrip("_").replace("_", "-")
        if value is True:
            parts.append(Markup(" {}").format(name))
        elif value is not None and value is not False and value != "":
            parts.append(Markup(' {}="{}"').format(name, value))
    return Markup("").join(parts)


def described(field: Any) -> dict[str, Any]:
    """What ties a control to its hint and its message."""
    return {
        "aria_describedby": field.described_by or None,
        "aria_invalid": "true"
        if field.problems and not all(each.missing for each in field.problems)
        else None,
    }


def wrong(field: Any, name: str) -> str:
    """The class of a control, marked where the answer is wrong."""
    return f"{name} {name}--error" if field.problems else name


class TextWidget:
    """One line of text. Dates and months are typed as text too, so that a wrong one can stay."""

    input_mode: str | None = None

    def __call__(self, field: Any, **given: Any) -> Markup:
        kind = {"date": "date", "month": "month"}.get(field.question.type, "text")
        if kind != "text" and field.text and not _fits(kind, field.text):
            kind = "text"
        return Markup("<input{}>").format(
            attributes(
                class_=wrong(field, "usa-input"),
                id=field.name,
                name=field.name,
                type=kind,
                value=field.text or None,
                inputmode=self.input_mode,
                autocomplete="off",
                **described(field),
                **given,
            )
        )


def _fits(kind: str, text: str) -> bool:
    """A browser drops a value that its date control cannot show; such a value stays in a text control."""
    try:
        date.fromisoformat(text if kind == "date" else f"{text}-01")
    except ValueError:
        return False
    return True


class QuantityWidget(TextWidget):
    """A number with its unit beside it."""

    input_mode = "decimal"

    def __call__(self, field: Any, **given: Any) -> Markup:
        control = super().__call__(field, **given)
        if not field.question.unit:
            return control
        return Markup(
            '<span class="quantity">{}<span class="quantity__unit" id="{}-unit">{}</span></span>'
        ).format(control, field.name, field.question.unit)


class TextAreaWidget:
    """Plain paragraphs."""

    def __call__(self, field: Any, **given: Any) -> Markup:
        return Markup("<textarea{}>\n{}</textarea>").format(
            attributes(
                class_=wrong(field, "usa-textarea"),
                id=field.name,
                name=field.name,
                rows=5,
                **described(field),
                **given,
            ),
            field.text,
        )


class ChoiceWidget:
    """Radio buttons for up to four choices, a list for more. An unlisted word stays and can be seen."""

    def __call__(self, field: Any, **given: Any) -> Markup:
        pairs = [(choice.value, choice.label) for choice in field.question.choices]
        if field.text and field.text not in {value for value, _ in pairs}:
            pairs.append((field.text, f"{field.text} (not in the list)"))
        if field.uses_radios:
            return inputs(field, "radio", pairs, {field.text})
        options = [Markup('<option value="">Choose</option>')]
        options += [
            Markup("<option{}>{}</option>").format(
                attributes(value=value, selected=value == field.text), label
            )
            for value, label in pairs
        ]
        return Markup("<select{}>{}</select>").format(
            attributes(
                class_=wrong(field, "usa-select"), id=field.name, name=field.name, **described(field), **given
            ),
            Markup("").join(options),
        )


class YesNoWidget:
    """Yes or no."""

    def __call__(self, field: Any, **given: Any) -> Markup:
        chosen = {True: "yes", False: "no", None: ""}.get(field.value, field.text)
        pairs = [("yes", "Yes"), ("no", "No")]
        if chosen not in ("", "yes", "no"):
            pairs.append((chosen, f"{chosen} (not in the list)"))
        return inputs(field, "radio", pairs, {chosen}, row=True)


class ManyWidget:
    """Check boxes."""

    def __call__(self, field: Any, **given: Any) -> Markup:
        pairs = [(choice.value, choice.label) for choice in field.question.choices]
        known = {value for value, _ in pairs}
        pairs += [(word, f"{word} (not in the list)") for word in field.values if word not in known]
        return inputs(field, "checkbox", pairs, set(field.values))


class EvidenceWidget:
    """Check boxes of the evidence items that are attached; one that went away stays and can be seen."""

    def __call__(self, field: Any, **given: Any) -> Markup:
        known = {value for value, _ in field.evidence}
        pairs = [
            *field.evidence,
            *((word, f"{word} (not attached)") for word in field.values if word not in known),
        ]
        if not pairs:
            return Markup(
                '<p class="note" id="{}">Attach evidence first. It is listed here then.</p>'
            ).format(field.name)
        return inputs(field, "checkbox", pairs, set(field.values))


def inputs(
    field: Any, kind: str, pairs: Iterable[tuple[str, str]], chosen: set[str], row: bool = False
) -> Markup:
    """A group of radio buttons or check boxes; the first carries the field's own id, as errors link to it."""
    rendered = []
    for number, (value, label) in enumerate(pairs):
        html_id = field.name if number == 0 else f"{field.name}-o{number}"
        rendered.append(
            Markup(
                '<div class="usa-{0}"><input{1}><label class="usa-{0}__label" for="{2}">{3}</label></div>'
            ).format(
                kind,
                attributes(
                    class_=f"usa-{kind}__input",
                    id=html_id,
                    name=field.name,
                    type=kind,
                    value=value,
                    checked=value in chosen,
                    **(described(field) if kind == "radio" and number == 0 else {}),
                ),
                html_id,
                escape(label),
            )
        )
    name = "choices choices--row" if row else "choices"
    return Markup('<div class="{}">{}</div>').format(name, Markup("").join(rendered))
