"""A session: requests with its access token, which is renewed when it has run out. Python's standard library alone."""

import json
from urllib.request import Request, urlopen

TOKENS = "tokens { accessToken refreshToken } userErrors { message }"
LOGIN = f"""mutation($login: String!, $password: String!) {{
  answer: login(input: {{login: $login, password: $password}}) {{ {TOKENS} }} }}"""
REFRESH = f"mutation($token: String!) {{ answer: refreshTokens(refreshToken: $token) {{ {TOKENS} }} }}"


class SignedOut(Exception):
    """The access token has run out."""


class Session:
    def __init__(self, address, login, password):
        self.address, self.token = address, None
        self._keep(self._data(LOGIN, {"login": login, "password": password}))

    def ask(self, query, variables=None):
        """The data of a query or mutation."""
        try:
            return self._data(query, variables or {})
        except SignedOut:
            self.renew()
            return self._data(query, variables or {})

    def events(self, query, variables=None):
        """The data of each event of a subscription, by server-sent events. Raises SignedOut; renew and come back."""
        with self._opened(query, variables or {}, "text/event-stream") as stream:
            for line in stream:
                if line.startswith(b"data:") and line[5:].strip():
                    yield checked(json.loads(line[5:]))

    def renew(self):
        """A refresh token serves once: keep the one that comes with the new access token."""
        refresh_token, self.token = self.refresh_token, None
        self._keep(self._data(REFRESH, {"token": refresh_token}))

    def _keep(self, data):
        payload = data["answer"]
        if payload["userErrors"]:
            raise SystemExit(payload["userErrors"][0]["message"])
        self.token, self.refresh_token = payload["tokens"]["accessToken"], payload["tokens"]["refreshToken"]

    def _data(self, query, variables):
        with self._opened(query, variables, "application/json") as answer:
            return checked(json.load(answer))

    def _opened(self, query, variables, accept):
        headers = {"content-type": "application/json", "accept": accept}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        body = json.dumps({"query": query, "variables": variables}).encode()
        return urlopen(Request(self.address, body, headers), timeout=60)


def checked(result):
    """The data of an answer. Raises SignedOut, or ends the program with the first error."""
    for error in result.get("errors", ()):
        if error["extensions"]["code"] == "UNAUTHENTICATED":
            raise SignedOut
        raise SystemExit(error["message"])
    return result["data"]
