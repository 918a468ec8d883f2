"""The server's key: kept privately, pinned by what is in the certificate, never shown."""

from __future__ import annotations

import ssl
import stat

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from e2ee.link import key_pin
from rooms.certificate import KEY_FILE, ServerCertificate
from rooms.errors import CertificateError, SettingsError


def pem(key) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_the_pin_is_of_the_key_in_the_certificate() -> None:
    made = ServerCertificate.ephemeral()
    public = made.certificate.public_key()
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert made.pin == key_pin(spki)
    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert public.curve.name == "secp256r1"


def test_ephemeral_certificates_differ() -> None:
    assert ServerCertificate.ephemeral().pin != ServerCertificate.ephemeral().pin


def test_a_kept_key_keeps_its_pin(tmp_path) -> None:
    directory = tmp_path / "data" / "server"
    first, second = ServerCertificate.kept(directory), ServerCertificate.kept(directory)
    assert first.pin == second.pin
    assert [path.name for path in directory.iterdir()] == [KEY_FILE]  # nothing left behind
    assert stat.S_IMODE((directory / KEY_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_attack_a_key_others_can_read_is_not_used(tmp_path) -> None:
    ServerCertificate.kept(tmp_path)
    (tmp_path / KEY_FILE).chmod(0o640)
    with pytest.raises(SettingsError, match="server's key can be read by others") as error:
        ServerCertificate.kept(tmp_path)
    assert "chmod 600" in error.value.hint


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"garbage", id="garbage"),
        pytest.param(pem(ed25519.Ed25519PrivateKey.generate()), id="ed25519"),
        pytest.param(pem(ec.generate_private_key(ec.SECP384R1())), id="p384"),
        pytest.param(pem(ec.generate_private_key(ec.SECP256R1()))[:100], id="cut off"),
    ],
)
def test_a_file_that_is_no_such_key_is_reported_and_left_alone(tmp_path, content) -> None:
    path = tmp_path / KEY_FILE
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(CertificateError) as error:
        ServerCertificate.kept(tmp_path)
    assert error.value.hint
    assert path.read_bytes() == content


def test_a_directory_that_cannot_be_made_is_reported(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="server's key cannot be read or kept"):
        ServerCertificate.kept(tmp_path / "file" / "below")


def test_the_context_speaks_tls_1_3_only_and_leaves_no_file(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    context = ServerCertificate.ephemeral().context()
    assert context.minimum_version is ssl.TLSVersion.TLSv1_3
    assert list(tmp_path.iterdir()) == []


def test_the_key_does_not_show() -> None:
    made = ServerCertificate.ephemeral()
    assert repr(made) == f"ServerCertificate(pin={made.pin!r})"


def test_the_certificate_names_no_machine_and_is_valid_now() -> None:
    certificate = ServerCertificate.ephemeral().certificate
    assert certificate.subject.rfc4514_string() == "CN=sottovoce"
    assert certificate.subject == certificate.issuer
    certificate.verify_directly_issued_by(certificate)
