"""The server's self-signed certificate: a P-256 key, kept or not, and what a link pins of it.

Only the key is ever kept. The certificate around it is made anew at each start, so it does not
run out; the pin is of the key (as in RFC 7469), so links stay valid.
"""

from __future__ import annotations

import datetime as dt
import secrets
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from e2ee.link import key_pin
from rooms.errors import CertificateError
from rooms.private_file import read_or_make

KEY_FILE = "server.key"
VALIDITY = dt.timedelta(days=365)
CLOCK_SKEW = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """A certificate with its key. `pin` is the 16 bytes that links carry."""

    certificate: x509.Certificate = field(repr=False)
    key: ec.EllipticCurvePrivateKey = field(repr=False)
    pin: bytes

    @classmethod
    def ephemeral(cls) -> ServerCertificate:
        """Make one that lives in memory only; links end with it."""
        return _certify(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def kept(cls, directory: Path) -> ServerCertificate:
        """Use the key kept in a directory, or make and keep one there.

        Raises `SettingsError` if it cannot be read or kept or if others may read it, and
        `CertificateError` if it is no such key.
        """
        path = directory / KEY_FILE
        pem = read_or_make(path, _new_key, "the server's key")
        return _certify(_load(pem, path))

    def context(self) -> ssl.SSLContext:
        """Return the TLS context of a server with this certificate; TLS 1.3 and nothing older.

        OpenSSL reads keys from files only, so the key passes through one that is encrypted with a
        throw-away password and gone before this returns.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.set_alpn_protocols(["http/1.1"])
        password = secrets.token_bytes(16).hex().encode()
        chain = self.certificate.public_bytes(Encoding.PEM) + self.key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password)
        )
        with tempfile.NamedTemporaryFile() as file:
            file.write(chain)
            file.flush()
            context.load_cert_chain(file.name, password=password)
        return context


def _certify(key: ec.EllipticCurvePrivateKey) -> ServerCertificate:
    """Return a self-signed certificate (RFC 5280) for a key. It names nobody and no machine."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sottovoce")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + VALIDITY)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return ServerCertificate(certificate, key, key_pin(spki))


def _new_key() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _load(pem: bytes, path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CertificateError(
            "the server's key file does not hold a key",
            hint=f"restore it, or remove {path} to make a new one (old links end)",
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise CertificateError(
            "the server's key is not a P-256 key", hint=f"remove {path} to make a new one"
        )
    return key
