"""An Elasticsearch as a stock container is: by TLS only, and with credentials only.

The nodes of the tests have no security. This stands in front of one, with a certificate of an
authority of its own, and asks whoever comes for a user and password or for an API key.
"""

import asyncio
import base64
import contextlib
import datetime
import ipaddress
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.listening import _Server

USER, PASSWORD = "marketfront", "a password: of the tests"
API_KEY = base64.b64encode(b"an-id:a-secret").decode()
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE"]
OF_ONE_CONNECTION = {"host", "authorization", "connection", "transfer-encoding", "content-length"}


@dataclass(frozen=True)
class Secured:
    """Where it is, and the certificate to trust."""

    url: str
    ca: Path


@contextlib.asynccontextmanager
async def secured(target: str, folder: Path) -> AsyncIterator[Secured]:
    """target: the address of a node. folder: for the certificates."""
    ca = make_certificates(folder)
    async with httpx.AsyncClient(base_url=target, timeout=60) as node:
        config = uvicorn.Config(
            _guard(node),
            port=0,
            lifespan="off",
            log_level="error",
            log_config=None,
            ssl_certfile=folder / "server.crt",
            ssl_keyfile=folder / "server.key",
        )
        server = _Server(config)
        task = asyncio.create_task(server.serve())
        try:
            while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.01)
            port = server.servers[0].sockets[0].getsockname()[1]
            yield Secured(url=f"https://127.0.0.1:{port}", ca=ca)
        finally:
            server.should_exit = True
            await task


def make_certificates(folder: Path) -> Path:
    """A certificate for 127.0.0.1 and localhost, and the one of who signed it, which it returns."""
    folder.mkdir(parents=True, exist_ok=True)
    authority, server = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    signer = _certificate("authority of the tests", authority, "authority of the tests")
    signer = signer.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    signer = signer.add_extension(_may_sign_certificates(), critical=True)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    signed = _certificate("elasticsearch of the tests", server, "authority of the tests")
    signed = signed.add_extension(x509.SubjectAlternativeName(names), critical=False)
    signed = signed.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False
    )
    _write(folder / "ca.crt", signer.sign(authority, hashes.SHA256()))
    _write(folder / "server.crt", signed.sign(authority, hashes.SHA256()))
    (folder / "server.key").write_bytes(
        server.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "ca.crt"


def _guard(node: httpx.AsyncClient) -> Starlette:
    basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    welcome = {f"Basic {basic}", f"ApiKey {API_KEY}"}

    async def forward(request: Request) -> Response:
        if request.headers.get("authorization") not in welcome:
            refusal = {"type": "security_exception", "reason": "missing authentication credentials"}
            ways = {"www-authenticate": 'Basic realm="security", charset="UTF-8"'}
            return JSONResponse({"error": refusal, "status": 401}, status_code=401, headers=ways)
        passed_on = node.build_request(
            request.method,
            httpx.URL(raw_path=_raw_path(request)),
            headers=_of_the_message(request.headers.items()),
            content=await request.body(),
        )
        answer = await node.send(passed_on, stream=True)
        body = b"".join([part async for part in answer.aiter_raw()])  # as it is, also when zipped
        headers = _of_the_message(answer.headers.items())
        return Response(body, status_code=answer.status_code, headers=headers)

    return Starlette(routes=[Route("/{path:path}", forward, methods=METHODS)])


def _raw_path(request: Request) -> bytes:
    path, query = request.scope["raw_path"], request.scope["query_string"]
    return path + b"?" + query if query else path


def _of_the_message(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name: value for name, value in headers if name.lower() not in OF_ONE_CONNECTION}


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: str
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _may_sign_certificates() -> x509.KeyUsage:
    return x509.KeyUsage(
        key_cert_sign=True,
        crl_sign=True,
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(file: Path, certificate: x509.Certificate) -> None:
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
