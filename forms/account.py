"""Signing in, and setting up an account by its one-time link."""

from __future__ import annotations

import msgspec

from forms.posted import Posted, Problem, text


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """User id and password; `next` is where the person wanted to go."""

    user_id: str
    password: str
    next: str

    @property
    def problems(self) -> tuple[Problem, ...]:
        found = []
        if not self.user_id:
            found.append(Problem(field="user_id", sentence="Give your user id."))
        if not self.password:
            found.append(Problem(field="password", sentence="Give your password."))
        return tuple(found)


def sign_in(form: Posted) -> SignIn:
    """Read the sign-in form; the password as typed, space and all."""
    passwords = form.getlist("password")
    return SignIn(
        user_id=text(form, "user_id"),
        password=passwords[0][:1024] if passwords else "",
        next=own_address(text(form, "next")),
    )


class NewPassword(msgspec.Struct, frozen=True, kw_only=True):
    """A password, typed twice because nobody sees it."""

    password: str
    again: str

    @property
    def problems(self) -> tuple[Problem, ...]:
        if self.password != self.again:
            return (Problem(field="again", sentence="The two passwords differ. Type the same one twice."),)
        return ()


def new_password(form: Posted) -> NewPassword:
    """Read the form that sets a password."""
    first, second = form.getlist("password"), form.getlist("again")
    return NewPassword(password=first[0][:1024] if first else "", again=second[0][:1024] if second else "")


def own_address(address: str) -> str:
    """An address on this site, or nothing: a link from outside must not lead a person elsewhere."""
    safe = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if safe and address.isprintable() else ""
