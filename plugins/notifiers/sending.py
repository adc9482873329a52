"""The three ways out: SMTP by Airflow's own hook, Slack's incoming webhooks, and JSON to any other receiver."""

from airflow.sdk import BaseHook, Connection

from include.alerts import words
from include.alerts.outbox import Message
from include.errors import Outage

TIMEOUT_SECONDS = 10.0


def send(message: Message, airflow: str) -> None:
    """Tells one channel. Raises whatever keeps it from being told, without a secret in the message."""
    found = words.links(message, airflow)
    if message.channel.kind == "email":
        _mail(message, words.page(message, found))
        return
    connection = BaseHook.get_connection(message.channel.connection)
    if message.channel.kind == "slack":
        _post(_slack_address(connection), words.chat(message, found), {})
        return
    headers = {"Authorization": f"Bearer {connection.password}"} if connection.password else {}
    _post(_address(connection), words.payload(message, found), headers)


def _mail(message: Message, page: str) -> None:
    from airflow.providers.smtp.hooks.smtp import SmtpHook  # noqa: PLC0415 - only where a mail is sent

    with SmtpHook(smtp_conn_id=message.channel.connection) as hook:
        hook.send_email_smtp(
            to=list(message.channel.to),
            subject=words.headline(message),
            html_content=page,
            from_email=hook.from_email or hook.smtp_user,
        )


def _address(connection: Connection) -> str:
    """Where an `http` connection points: its host may be a whole address, with or without the scheme."""
    host = connection.host or ""
    whole = host if "://" in host else f"{connection.schema or 'https'}://{host}"
    scheme, _, rest = whole.partition("://")
    server, slash, path = rest.partition("/")
    port = f":{connection.port}" if connection.port and ":" not in server else ""
    return f"{scheme}://{server}{port}{slash}{path}"


def _slack_address(connection: Connection) -> str:
    """An incoming webhook is a secret address: what comes after `/services/` is the connection's password."""
    return f"{_address(connection).rstrip('/')}/{connection.password}" if connection.password else _address(connection)


def _post(address: str, content: object, headers: dict[str, str]) -> None:
    import httpx  # noqa: PLC0415 - only where something is sent

    server = address.split("/")[2]
    try:
        answer = httpx.post(address, json=content, headers=headers, timeout=TIMEOUT_SECONDS)
    except httpx.HTTPError as problem:  # its words hold the address, and that is a secret
        raise Outage(f"{server} did not take the alert ({type(problem).__name__})") from None
    if not answer.is_success:
        raise Outage(f"{server} answered {answer.status_code} to the alert: {answer.text}")
