"""What goes wrong between us and a storage, told so that a person knows what to do; never with what we told it."""

from __future__ import annotations

from collections.abc import Iterator

from flowerpower_tui.errors import ConflictError, NothingThereError, ProjectError, StorageError

_NO_CREDENTIALS = frozenset(
    {
        "NoCredentialsError",
        "PartialCredentialsError",
        "CredentialRetrievalError",
        "TokenRetrievalError",
        "SSOTokenLoadError",
        "UnauthorizedSSOTokenError",
        "ProfileNotFound",
        "DefaultCredentialsError",
        "ClientAuthenticationError",
        "AuthenticationException",
    }
)
_HINTS = {
    "s3": "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; or --storage-option anon=true.",
    "gcs": "Log in by gcloud, or name a key: --storage-option token=FILE",
    "abfs": "Give --storage-option account_name=… and a key in FP_TUI_STORAGE_OPTIONS.",
    "sftp": "Load your key into ssh-agent, or give --storage-option username=…",
}
_FAMILIES = {"s3a": "s3", "gs": "gcs", "az": "abfs", "abfss": "abfs", "ssh": "sftp"}
_CONFLICTS = (409, 412)


def storage_error(error: BaseException, url: str) -> ProjectError:
    """Return what to tell a person of an exception that a storage's library raised.

    Its own text is not repeated: it may hold the endpoint and what the request was signed with.
    """
    if any(isinstance(cause, FileExistsError) for cause in causes(error)) or _status(error) in _CONFLICTS:
        return conflict(url)
    protocol = url.partition("://")[0]
    names = {type(cause).__name__ for cause in causes(error)}
    if names & _NO_CREDENTIALS:
        return StorageError(
            f"There are no credentials for {url}.", hint=_HINTS.get(_FAMILIES.get(protocol, protocol), "")
        )
    if code := _code(error):
        if code == "NoSuchBucket":
            return StorageError(f"There is no bucket for {url}.", hint="Check its name, and the endpoint.")
        if any(isinstance(cause, PermissionError) for cause in causes(error)) or _status(error) in (401, 403):
            return StorageError(
                f"{url} is not open to these credentials ({code}).", hint="Check them, and what they are allowed."
            )
    if any(isinstance(cause, PermissionError) for cause in causes(error)):
        return StorageError(f"{url} is not open to these credentials.", hint="Check them, and what they are allowed.")
    if any(isinstance(cause, FileNotFoundError) for cause in causes(error)):
        return NothingThereError(f"There is nothing at {url}.")
    if code:
        return StorageError(f"The storage of {url} refused a request ({code}).", hint="Is it the right endpoint?")
    is_silent = any(isinstance(cause, TimeoutError) for cause in causes(error))
    what = "does not answer" if is_silent else f"cannot be reached ({type(error).__name__})"
    return StorageError(
        f"The storage of {url} {what}.",
        hint="Check the network, and the endpoint: AWS_ENDPOINT_URL or --storage-option endpoint_url=…"
        if _FAMILIES.get(protocol, protocol) == "s3"
        else "Check the network, and the name of the host.",
    )


def conflict(url: str) -> ConflictError:
    """Return what to tell a person whose write would have undone another's."""
    return ConflictError(
        f"{url} is no longer what it was: someone else has written there.",
        hint="Nothing was written over. Look at it, and do it again.",
    )


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and what led to it."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__


def _answers(error: BaseException) -> Iterator[dict[str, dict[str, object]]]:
    """What S3 answered, as botocore keeps it."""
    for cause in causes(error):
        answer = getattr(cause, "response", None)
        if isinstance(answer, dict):
            yield answer


def _code(error: BaseException) -> str:
    for answer in _answers(error):
        code = str(answer.get("Error", {}).get("Code", ""))
        # A word of S3's own, or the number of a status; nothing else is repeated.
        if code.isalnum():
            return code
    return ""


def _status(error: BaseException) -> object:
    return next((answer.get("ResponseMetadata", {}).get("HTTPStatusCode") for answer in _answers(error)), None)
