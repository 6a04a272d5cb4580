#!/usr/bin/env python3
"""Makes the certificates of this folder: an own PKI that certifies public keys of `testdata/vectors/keys`.

    testdata/authority/make.py FOLDER          (Python 3.11, cryptography 50, OpenSSL 3)

The keys of the authorities are thrown away, so everything is new each time: authorities and lists of revoked
certificates, `chains/`, each a signer first and those above it behind, `stamps/`, timestamps of the BOM line of the base
bundle, and `trusted_root.json`, which has their authority. What is to be valid is so for a hundred years; `short` was
valid for ten minutes, in which its timestamp was made.
"""

import base64
import datetime
import json
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "keyless"))
from make import DAY, MINUTE, NOW, Tsa, issued_by, key, pem  # noqa: E402

START = datetime.datetime(2025, 1, 1, tzinfo=datetime.timezone.utc)
END = datetime.datetime(2125, 1, 1, tzinfo=datetime.timezone.utc)
LAST_YEAR = START + 180 * DAY
NAME = "release@example.com"
SIGNS = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
AGREES = x509.KeyUsage(False, False, False, False, True, False, False, False, False)
ISSUES = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
BOTH = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
CODE = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])
SERVERS = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])


def scoped(out):
    """Two lists of one issuer for two kinds of its certificates: that for signers has ended."""
    issuer, secret = common_name("issuer of two lists"), key()
    for name, end, signers in (("signers-ended", LAST_YEAR, True), ("authorities", END, False)):
        scope = x509.IssuingDistributionPoint([x509.UniformResourceIdentifier(f"http://ca.example.com/{name}.crl")], None, signers, not signers, None, False, False)
        one = x509.CertificateRevocationListBuilder().issuer_name(issuer).last_update(START).next_update(end)
        one = one.add_extension(scope, critical=True).add_extension(x509.CRLNumber(1), critical=False)
        (out / f"{name}.crl").write_bytes(one.sign(secret, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def common_name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def general(name):
    if "://" in name:
        return x509.UniformResourceIdentifier(name)
    return x509.RFC822Name(name) if "@" in name else x509.DNSName(name)


class Authority:
    """A certificate authority with its key."""

    def __init__(self, name, above=None, length=None, start=START, end=END, constraints=None, usage=ISSUES, ca=True):
        self.key, self.above = key(), above
        issuer = above or self
        self.subject = common_name(name)
        builder = x509.CertificateBuilder().subject_name(self.subject).issuer_name(issuer.subject)
        builder = builder.public_key(self.key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(start).not_valid_after(end)
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=length), critical=True)
        builder = builder.add_extension(usage, critical=True)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
        if above:
            builder = builder.add_extension(issued_by(above.key), critical=False)
        if constraints:
            builder = builder.add_extension(constraints, critical=True)
        self.certificate = builder.sign(issuer.key, hashes.SHA256())

    def chain(self):
        return [self.certificate, *self.above.chain()] if self.above else []

    def leaf(self, public, names=(NAME,), subject=None, start=START, end=END, usage=SIGNS, extended=CODE, ca=False):
        builder = x509.CertificateBuilder().subject_name(subject or x509.Name([])).issuer_name(self.subject)
        builder = builder.public_key(public).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(start).not_valid_after(end)
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        builder = builder.add_extension(issued_by(self.key), critical=False)
        if usage:
            builder = builder.add_extension(usage, critical=True)
        if extended:
            builder = builder.add_extension(extended, critical=False)
        if names:
            alternatives = x509.SubjectAlternativeName([general(name) for name in names])
            builder = builder.add_extension(alternatives, critical=not subject)
        return [builder.sign(self.key, hashes.SHA256()), *self.chain()]

    def revoked(self, *certificates, end=END):
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.subject)
        builder = builder.last_update(START).next_update(end)
        builder = builder.add_extension(issued_by(self.key), critical=False).add_extension(x509.CRLNumber(1), critical=False)
        for certificate in certificates:
            one = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number).revocation_date(LAST_YEAR)
            builder = builder.add_revoked_certificate(one.build())
        return builder.sign(self.key, hashes.SHA256())


def main():
    out = Path(sys.argv[1])
    vectors = HERE.parent / "vectors"
    public = lambda name: serialization.load_pem_public_key((vectors / f"keys/{name}.pub").read_bytes())
    release, second, stranger = public("release"), public("second"), public("stranger")
    root = Authority("example root")
    other_root, same_name = Authority("other root"), Authority("example root")
    middle = Authority("example issuer", root)
    short_root = Authority("short root", length=0)
    ended_root = Authority("ended root", end=LAST_YEAR)
    last = Authority("last issuer", root, length=0)
    dns = x509.NameConstraints([x509.DNSName("models.example.com")], None)
    mail = x509.NameConstraints([x509.RFC822Name("example.com")], None)
    bound = Authority("bound issuer", root, constraints=dns)
    bound_mail = Authority("mail issuer", root, constraints=mail)
    signer = Authority("no issuer", root, ca=False, usage=BOTH)
    named = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example ML"),
                       x509.NameAttribute(NameOID.COMMON_NAME, "Release, signing")])
    chains = {
        "good": middle.leaf(release),
        "direct": root.leaf(release),
        "usage-only": middle.leaf(release, extended=None),
        "code-only": middle.leaf(release, usage=None),
        "domain": bound.leaf(release, names=["ci.models.example.com"]),
        "uri": middle.leaf(release, names=["https://ci.example.com/models"]),
        "subject": middle.leaf(release, names=[], subject=named),
        "subject-beside": middle.leaf(release, subject=named),
        "other-name": middle.leaf(release, names=["release@example.org"]),
        "longer-name": middle.leaf(release, names=[NAME + ".evil.example"]),
        "capital-name": middle.leaf(release, names=["Release@example.com"]),
        "common-name": middle.leaf(release, names=[], subject=common_name(NAME)),
        "two-names": middle.leaf(release, names=[NAME, "other@example.com"]),
        "no-name": middle.leaf(release, names=[]),
        "wildcard": middle.leaf(release, names=["*.example.com"]),
        "other-authority": Authority("example issuer", other_root).leaf(release),
        "same-name-authority": same_name.leaf(release),
        "no-usage": middle.leaf(release, usage=None, extended=None),
        "agreement": middle.leaf(release, usage=AGREES),
        "servers": middle.leaf(release, extended=SERVERS),
        "authority": middle.leaf(release, usage=BOTH, ca=True),
        "expired": middle.leaf(release, end=LAST_YEAR),
        "not-yet-valid": middle.leaf(release, start=END - 365 * DAY),
        "short": middle.leaf(release, start=NOW - MINUTE, end=NOW + 9 * MINUTE),
        "ended-issuer": Authority("ended issuer", root, end=LAST_YEAR).leaf(release),
        "ended-root": ended_root.leaf(release),
        "revoked": middle.leaf(release),
        "long": Authority("longer issuer", last).leaf(release),
        "long-root": Authority("long issuer", short_root).leaf(release),
        "bound-domain": bound.leaf(release, names=["ci.example.com"]),
        "bound-mail": bound_mail.leaf(release, names=["release@example.org"]),
        "bound-subject": bound.leaf(release, names=["ci.example.com"], subject=common_name("ci.models.example.com")),
        "by-a-signer": signer.leaf(release),
        "gap": middle.leaf(release)[:1],
        "alice": middle.leaf(second, names=["alice@example.com"]),
        "alice-again": middle.leaf(stranger, names=["alice@example.com"]),
        "bob": middle.leaf(stranger, names=["bob@example.com"]),
        "bob-with-her-key": middle.leaf(second, names=["bob@example.com"]),
    }
    (out / "chains").mkdir(parents=True, exist_ok=True)
    for name, chain in chains.items():
        (out / f"chains/{name}.pem").write_bytes(b"".join(pem(one) for one in chain if one != root.certificate))
    authorities = {"root": root, "other-root": other_root, "ended-root": ended_root, "short-root": short_root, "issuer": middle}
    for name, authority in authorities.items():
        (out / f"{name}.pem").write_bytes(pem(authority.certificate))
    (out / "root.der").write_bytes(root.certificate.public_bytes(serialization.Encoding.DER))
    (out / "no-authority.pem").write_bytes(pem(signer.certificate))
    lists = {"root": root.revoked(), "issuer": middle.revoked(chains["revoked"][0]), "issuer-ended": middle.revoked(end=LAST_YEAR),
             "root-revokes": root.revoked(middle.certificate)}
    for name, one in lists.items():
        (out / f"{name}.crl").write_bytes(one.public_bytes(serialization.Encoding.PEM))
    scoped(out)
    base = [json.loads(line) for line in (vectors / "base/bundle.intoto.jsonl").read_text().splitlines()]
    signatures = [base64.b64decode(line["dsseEnvelope"]["signatures"][0]["sig"]) for line in base]
    tsa, other_tsa = Tsa(), Tsa()
    stamps = {"good": tsa.token(signatures[1]), "of-another-line": tsa.token(signatures[2]), "other": other_tsa.token(signatures[1])}
    (out / "stamps").mkdir(parents=True, exist_ok=True)
    for name, token in stamps.items():
        (out / f"stamps/{name}.json").write_text(json.dumps(token) + "\n")
    trusted = {"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1", "tlogs": [], "certificateAuthorities": [],
               "ctlogs": [], "timestampAuthorities": [tsa.trusted(NOW - DAY)]}
    (out / "trusted_root.json").write_text(json.dumps(trusted, indent=1) + "\n")


if __name__ == "__main__":
    main()
