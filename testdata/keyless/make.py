#!/usr/bin/env python3
"""Makes the lines of this folder: a Sigstore of its own (authority, certificate log, two transparency logs, timestamp
authority) signs the statements of the base bundle of the vectors without a long-lived key.

    testdata/keyless/make.py FOLDER [times]          (Python 3.11, cryptography 50, OpenSSL 3)

Private keys are thrown away, so everything is new each time: `trusted_root.json`, `lines/`, `good.intoto.jsonl`,
`logged.intoto.jsonl`, the base bundle with log entries for its key, and `bundles/`, which are about a file. `times` makes
the folder `times/` alone, about the same file, with a Sigstore of its own: authorities of times whose certificates have ended.
"""

import base64
import datetime
import hashlib
import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
MINUTE = datetime.timedelta(minutes=1)
DAY = datetime.timedelta(days=1)
ISSUER = "https://accounts.example.com"
SUBJECT = "https://ci.example.com/models/.github/workflows/release.yml@refs/heads/main"
SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
FULCIO_ISSUER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
FULCIO_OLD_ISSUER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
IN_TOTO = "application/vnd.in-toto+json"
MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"


def b64(data):
    return base64.b64encode(data).decode()


def compact(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()


def key():
    return ec.generate_private_key(ec.SECP256R1())


def sign(private, data):
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return private.sign(data)
    return private.sign(data, ec.ECDSA(hashes.SHA256()))


def spki(private):
    return private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def der(certificate):
    return certificate.public_bytes(serialization.Encoding.DER)


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def issued_by(private):
    """Names the key of an issuer, as RFC 5280 asks of every certificate that did not sign itself."""
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(private.public_key())


def authority(name, private):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(private.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(NOW - 30 * DAY).not_valid_after(NOW + 3650 * DAY)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    builder = builder.add_extension(usage, critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
    return builder.sign(private, hashes.SHA256())


class Fulcio:
    """A certificate authority whose certificates a certificate log has."""

    def __init__(self, certificate_log):
        self.key = key()
        self.certificate = authority("example authority", self.key)
        self.log = certificate_log

    def leaf(self, private, subject=SUBJECT, issuer=ISSUER, start=NOW - MINUTE, end=NOW + 9 * MINUTE,
             usage=ExtendedKeyUsageOID.CODE_SIGNING, log="own"):
        name = x509.UniformResourceIdentifier(subject) if "://" in subject else x509.RFC822Name(subject)
        builder = x509.CertificateBuilder().subject_name(x509.Name([])).issuer_name(self.certificate.subject)
        builder = builder.public_key(private.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(start).not_valid_after(end)
        bits = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
        builder = builder.add_extension(bits, critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=True)
        builder = builder.add_extension(issued_by(self.key), critical=False)
        text = issuer.encode()
        extension = x509.UnrecognizedExtension(FULCIO_ISSUER, b"\x0c" + bytes([len(text)]) + text)
        builder = builder.add_extension(extension, critical=False)
        builder = builder.add_extension(x509.UnrecognizedExtension(FULCIO_OLD_ISSUER, text), critical=False)
        before = builder.sign(self.key, hashes.SHA256())
        signer = self.log if log == "own" else log
        if signer is None:
            return before
        tbs = before.tbs_certificate_bytes
        stamp = int(start.timestamp() * 1000)
        entry = hashlib.sha256(spki(self.key)).digest() + len(tbs).to_bytes(3, "big") + tbs
        signed = struct.pack(">BBQH", 0, 0, stamp, 1) + entry + b"\0\0"
        signature = sign(signer, signed)
        sct = b"\0" + hashlib.sha256(spki(signer)).digest() + struct.pack(">QH", stamp, 0)
        sct += b"\x04\x03" + struct.pack(">H", len(signature)) + signature
        one = struct.pack(">H", len(sct)) + sct
        scts = struct.pack(">H", len(one)) + one
        length = bytes([len(scts)]) if len(scts) < 128 else b"\x81" + bytes([len(scts)])
        builder = builder.add_extension(x509.UnrecognizedExtension(SCT_LIST, b"\x04" + length + scts), critical=False)
        return builder.sign(self.key, hashes.SHA256())


def tree(leaf, others):
    """Returns root and proof of a tree of four whose second leaf is ours."""
    node = lambda one, other: hashlib.sha256(b"\1" + one + other).digest()
    ours = hashlib.sha256(b"\0" + leaf).digest()
    first, third, fourth = [hashlib.sha256(b"\0" + other).digest() for other in others]
    right = node(third, fourth)
    return node(node(first, ours), right), [first, right]


class Rekor:
    """A transparency log, of version 1 (with promises and times) or 2."""

    def __init__(self, origin, version):
        self.origin, self.version = origin, version
        self.key = key() if version == 1 else ed25519.Ed25519PrivateKey.generate()
        public = spki(self.key)
        named = origin.encode() + b"\n\1" + public[-32:]
        self.id = hashlib.sha256(public if version == 1 else named).digest()

    def trusted(self):
        details = "PKIX_ECDSA_P256_SHA_256" if self.version == 1 else "PKIX_ED25519"
        public = {"rawBytes": b64(spki(self.key)), "keyDetails": details, "validFor": {"start": stamp(NOW - 30 * DAY)}}
        return {"baseUrl": "https://" + self.origin, "hashAlgorithm": "SHA2_256", "publicKey": public,
                "logId": {"keyId": b64(self.id)}}

    def entry(self, envelope, verifier_der, verifier_pem, time=NOW):
        if self.version == 1:
            plain = {"payload": envelope["payload"], "payloadType": IN_TOTO,
                     "signatures": [{"sig": envelope["signatures"][0]["sig"]}]}
            payload = base64.b64decode(envelope["payload"])
            digest = lambda data: {"algorithm": "sha256", "value": hashlib.sha256(data).hexdigest()}
            signature = {"signature": envelope["signatures"][0]["sig"], "verifier": b64(verifier_pem)}
            spec = {"envelopeHash": digest(json.dumps(plain, separators=(",", ":")).encode()),
                    "payloadHash": digest(payload), "signatures": [signature]}
            body = compact({"apiVersion": "0.0.1", "kind": "dsse", "spec": spec})
            kind = {"kind": "dsse", "version": "0.0.1"}
        else:
            data = {"algorithm": "SHA2_256", "digest": b64(hashlib.sha256(pae(envelope)).digest())}
            verifier = {"keyDetails": "PKIX_ECDSA_P256_SHA_256", "x509Certificate": {"rawBytes": b64(verifier_der)}}
            signature = {"content": envelope["signatures"][0]["sig"], "verifier": verifier}
            spec = {"hashedRekordV002": {"data": data, "signature": signature}}
            body = compact({"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": spec})
            kind = {"kind": "hashedrekord", "version": "0.0.2"}
        return self.logged(kind, body, time)

    def message(self, data, signature, verifier_der, verifier_pem, time=NOW):
        """Logs the signature of a file; a verifier is a certificate, or a key where there is no DER."""
        digest = hashlib.sha256(data).digest()
        if self.version == 1:
            spec = {"data": {"hash": {"algorithm": "sha256", "value": digest.hex()}},
                    "signature": {"content": b64(signature), "publicKey": {"content": b64(verifier_pem)}}}
            kind = {"kind": "hashedrekord", "version": "0.0.1"}
        else:
            verifier = {"keyDetails": "PKIX_ECDSA_P256_SHA_256", "x509Certificate": {"rawBytes": b64(verifier_der)}}
            spec = {"hashedRekordV002": {"data": {"algorithm": "SHA2_256", "digest": b64(digest)},
                                         "signature": {"content": b64(signature), "verifier": verifier}}}
            kind = {"kind": "hashedrekord", "version": "0.0.2"}
        return self.logged(kind, compact({"apiVersion": kind["version"], "kind": kind["kind"], "spec": spec}), time)

    def logged(self, kind, body, time):
        root, proof = tree(body, [b"first", b"third", b"fourth"])
        note = f"{self.origin}\n4\n{b64(root)}\n"
        note += f"\n\u2014 {self.origin} {b64(self.id[:4] + sign(self.key, note.encode()))}\n"
        entry = {"logIndex": "1", "logId": {"keyId": b64(self.id)}, "kindVersion": kind, "canonicalizedBody": b64(body),
                 "inclusionProof": {"logIndex": "1", "treeSize": "4", "rootHash": b64(root),
                                    "hashes": [b64(one) for one in proof], "checkpoint": {"envelope": note}}}
        if self.version == 1:
            seconds = int(time.timestamp())
            promised = {"body": b64(body), "integratedTime": seconds, "logIndex": 1, "logID": self.id.hex()}
            promise = {"signedEntryTimestamp": b64(sign(self.key, compact(promised)))}
            entry |= {"integratedTime": str(seconds), "inclusionPromise": promise}
        return entry


class Tsa:
    """A timestamp authority, by OpenSSL."""

    CONFIG = """
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
"""

    def __init__(self, start=NOW - 30 * DAY, end=NOW + 3650 * DAY, embeds=True):
        self.root_key, self.key, self.embeds = key(), key(), embeds
        self.root = authority("example time root", self.root_key)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "example time")])
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(self.root.subject)
        builder = builder.public_key(self.key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(start).not_valid_after(end)
        bits = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
        builder = builder.add_extension(bits, critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        builder = builder.add_extension(issued_by(self.root_key), critical=False)
        self.certificate = builder.sign(self.root_key, hashes.SHA256())

    def trusted(self, start=NOW - 30 * DAY, end=None):
        chain = [{"rawBytes": b64(der(one))} for one in (self.certificate, self.root)]
        window = {"start": stamp(start)} | ({"end": stamp(end)} if end else {})
        return {"subject": {"organization": "example.com", "commonName": "time"}, "uri": "https://time.example.com",
                "certChain": {"certificates": chain}, "validFor": window}

    def token(self, signature):
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            (place / "serial").write_text("01")
            (place / "conf").write_text(self.CONFIG.format(folder=folder))
            (place / "tsa.pem").write_bytes(pem(self.certificate))
            private = self.key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            (place / "tsa.key").write_bytes(private)
            run = lambda *words: subprocess.run(["openssl", "ts", *words], cwd=folder, check=True, capture_output=True)
            embed = ["-cert"] if self.embeds else []
            run("-query", "-digest", hashlib.sha256(signature).hexdigest(), "-sha256", *embed, "-out", "q")
            run("-reply", "-config", "conf", "-queryfile", "q", "-signer", "tsa.pem", "-inkey", "tsa.key", "-out", "r")
            return {"signedTimestamp": b64((place / "r").read_bytes())}


def stamp(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def pae(envelope):
    payload = base64.b64decode(envelope["payload"])
    return f"DSSEv1 {len(IN_TOTO)} {IN_TOTO} {len(payload)} ".encode() + payload


def identity(subject=SUBJECT, issuer=ISSUER):
    """What stands in a seal for who signed, as docs/format.md has it."""
    return hashlib.sha256(f"identity\n{issuer}\n{subject}\n".encode()).hexdigest()


class Sigstore:
    """Everything together, and the lines that it makes."""

    def __init__(self):
        self.certificate_log, self.other_certificate_log = key(), key()
        self.fulcio = Fulcio(self.certificate_log)
        self.other_fulcio = Fulcio(self.certificate_log)
        self.rekor, self.rekor2 = Rekor("log.example.com", 1), Rekor("log2.example.com", 2)
        self.other_rekor = Rekor("log.example.com", 1)
        self.tsa, self.other_tsa, self.retired_tsa = Tsa(), Tsa(), Tsa()

    def root(self):
        chain = {"certificates": [{"rawBytes": b64(der(self.fulcio.certificate))}]}
        window = {"start": stamp(NOW - 30 * DAY)}
        public = {"rawBytes": b64(spki(self.certificate_log)), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": window}
        log_id = {"keyId": b64(hashlib.sha256(spki(self.certificate_log)).digest())}
        return {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [self.rekor.trusted(), self.rekor2.trusted()],
            "certificateAuthorities": [{"subject": {"organization": "example.com", "commonName": "authority"},
                                        "uri": "https://ca.example.com", "certChain": chain, "validFor": window}],
            "ctlogs": [{"baseUrl": "https://ct.example.com", "hashAlgorithm": "SHA2_256", "publicKey": public, "logId": log_id}],
            "timestampAuthorities": [self.tsa.trusted(), self.retired_tsa.trusted(NOW - 30 * DAY, NOW - DAY)],
        }

    def line(self, payload, fulcio=None, logs=None, stamps=None, time=NOW, **leaf):
        """Signs a payload as somebody with a certificate."""
        private = key()
        certificate = (fulcio or self.fulcio).leaf(private, **leaf)
        envelope = {"payload": b64(payload), "payloadType": IN_TOTO}
        signature = sign(private, pae(envelope))
        envelope["signatures"] = [{"sig": b64(signature)}]
        logs = [self.rekor] if logs is None else logs
        material = {"certificate": {"rawBytes": b64(der(certificate))},
                    "tlogEntries": [log.entry(envelope, der(certificate), pem(certificate), time) for log in logs]}
        if stamps:
            tokens = [tsa.token(signature) for tsa in stamps]
            material["timestampVerificationData"] = {"rfc3161Timestamps": tokens}
        return {"mediaType": MEDIA_TYPE, "verificationMaterial": material, "dsseEnvelope": envelope}

    def message(self, data, logs=None, stamps=None, time=NOW, **leaf):
        """Signs a file as somebody with a certificate."""
        private = key()
        certificate = self.fulcio.leaf(private, **leaf)
        signature = sign(private, data)
        logs = [self.rekor] if logs is None else logs
        entries = [log.message(data, signature, der(certificate), pem(certificate), time) for log in logs]
        return self.file({"certificate": {"rawBytes": b64(der(certificate))}}, data, signature, entries, stamps)

    def keyed_message(self, data, private, logs=None, stamps=None):
        """Signs a file with a key that lasts."""
        signature = sign(private, data)
        public = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        logs = [self.rekor] if logs is None else logs
        entries = [log.message(data, signature, None, public) for log in logs]
        hint = b64(hashlib.sha256(spki(private)).digest())
        return self.file({"publicKey": {"hint": hint}}, data, signature, entries, stamps)

    def file(self, material, data, signature, entries, stamps):
        material["tlogEntries"] = entries
        if stamps:
            tokens = [tsa.token(signature) for tsa in stamps]
            material["timestampVerificationData"] = {"rfc3161Timestamps": tokens}
        digest = {"algorithm": "SHA2_256", "digest": b64(hashlib.sha256(data).digest())}
        message = {"messageDigest": digest, "signature": b64(signature)}
        return {"mediaType": MEDIA_TYPE, "verificationMaterial": material, "messageSignature": message}

    def keyed(self, line, public_pem, time=NOW, log=True, stamps=()):
        """Adds proofs to a line that a key signed."""
        envelope = line["dsseEnvelope"]
        material = line["verificationMaterial"]
        material["tlogEntries"] = [self.rekor.entry(envelope, None, public_pem, time)] if log else []
        if stamps:
            signature = base64.b64decode(envelope["signatures"][0]["sig"])
            material["timestampVerificationData"] = {"rfc3161Timestamps": [tsa.token(signature) for tsa in stamps]}
        return line


def times(out):
    """What authorities of times vouch for whose certificates have ended, or stand in no timestamp."""
    sigstore = Sigstore()
    # Of this run its authority was valid; soon after, its certificate has ended.
    ending, ended = Tsa(end=NOW + 2 * MINUTE), Tsa(start=NOW - 10 * DAY, end=NOW - DAY)
    absent, untrusted = Tsa(embeds=False), Tsa(embeds=False)
    root = sigstore.root()
    root["timestampAuthorities"] = [tsa.trusted() for tsa in (ending, ended, absent)]
    bundles = {"certificate-ended-since": ending, "certificate-ended": ended, "no-certificate": absent,
               "no-certificate-of-another": untrusted}
    (out / "times").mkdir(parents=True, exist_ok=True)
    (out / "times/trusted_root.json").write_text(json.dumps(root, indent=1) + "\n")
    for name, tsa in bundles.items():
        bundle = sigstore.message(b"artifact\n", logs=[sigstore.rekor2], stamps=[tsa])
        (out / f"times/{name}.json").write_text(json.dumps(bundle, separators=(",", ":")) + "\n")


def main():
    out = Path(sys.argv[1])
    if sys.argv[2:] == ["times"]:
        return times(out)
    vectors = Path(__file__).resolve().parents[1] / "vectors"
    base = [json.loads(line) for line in (vectors / "base/bundle.intoto.jsonl").read_text().splitlines()]
    payloads = [base64.b64decode(line["dsseEnvelope"]["payload"]) for line in base]
    sigstore = Sigstore()
    members = payloads[:-1]
    seal = json.loads(payloads[-1])
    for member in seal["predicate"]["members"]:
        member["signer"] = identity()
    bundle = [sigstore.line(payload) for payload in [*members, compact(seal)]]
    bom, other = members[1], members[2]
    old = NOW - 20 * DAY
    lines = {
        "log-2": sigstore.line(bom, logs=[sigstore.rekor2], stamps=[sigstore.tsa]),
        "both-logs": sigstore.line(bom, logs=[sigstore.rekor, sigstore.rekor2], stamps=[sigstore.tsa]),
        "no-log": sigstore.line(bom, logs=[], stamps=[sigstore.tsa]),
        "no-time": sigstore.line(bom, logs=[sigstore.rekor2]),
        "other-log": sigstore.line(bom, logs=[sigstore.other_rekor]),
        "good-and-other-log": sigstore.line(bom, logs=[sigstore.rekor, sigstore.other_rekor]),
        "other-authority": sigstore.line(bom, fulcio=sigstore.other_fulcio),
        "other-time-authority": sigstore.line(bom, logs=[sigstore.rekor2], stamps=[sigstore.other_tsa]),
        "retired-time-authority": sigstore.line(bom, logs=[sigstore.rekor2], stamps=[sigstore.retired_tsa]),
        "late-entry": sigstore.line(bom, start=old, end=old + 10 * MINUTE),
        "early-entry": sigstore.line(bom, time=NOW - 2 * DAY),
        "late-timestamp": sigstore.line(bom, logs=[sigstore.rekor2], stamps=[sigstore.tsa], start=old, end=old + 10 * MINUTE),
        "one-late-timestamp": sigstore.line(bom, stamps=[sigstore.tsa], start=old, end=old + 10 * MINUTE, time=old + MINUTE),
        "no-sct": sigstore.line(bom, log=None),
        "other-sct": sigstore.line(bom, log=sigstore.other_certificate_log),
        "server-usage": sigstore.line(bom, usage=ExtendedKeyUsageOID.SERVER_AUTH),
        "longer-subject": sigstore.line(bom, subject=SUBJECT + "-evil"),
        "shorter-subject": sigstore.line(bom, subject=SUBJECT[:-1]),
        "capital-subject": sigstore.line(bom, subject=SUBJECT.replace("models", "Models")),
        "mail-subject": sigstore.line(bom, subject="release@example.com"),
        "other-issuer": sigstore.line(bom, issuer=ISSUER + ".evil.example"),
        "other-payload": sigstore.line(other),
    }
    public = (vectors / "keys/release.pub").read_bytes()
    fresh = lambda: json.loads(json.dumps(base[1]))
    lines |= {
        "key-logged": sigstore.keyed(fresh(), public),
        "key-timestamped": sigstore.keyed(fresh(), public, log=False, stamps=[sigstore.tsa]),
        "key-other-time-authority": sigstore.keyed(fresh(), public, log=False, stamps=[sigstore.other_tsa]),
        "key-entry-of-another": sigstore.keyed(fresh(), (vectors / "keys/stranger.pub").read_bytes()),
    }
    # What `bundle verify` has no use for: files, statements that are none, and a chain up to its root.
    data, managed = b"artifact\n", key()
    statement = json.loads(bom)
    typed = lambda change: sigstore.line(compact({name: value for name, value in (statement | change).items() if value}))
    bundles = {
        "file": sigstore.message(data),
        "file-other": sigstore.message(b"other\n"),
        "file-log-2": sigstore.message(data, logs=[sigstore.rekor2], stamps=[sigstore.tsa]),
        "file-no-time": sigstore.message(data, logs=[sigstore.rekor2]),
        "file-late-entry": sigstore.message(data, start=old, end=old + 10 * MINUTE),
        "file-key": sigstore.keyed_message(data, managed),
        "file-key-timestamped": sigstore.keyed_message(data, managed, stamps=[sigstore.tsa]),
        "file-key-no-log": sigstore.keyed_message(data, managed, logs=[], stamps=[sigstore.tsa]),
        "statement-unknown-type": typed({"_type": "https://in-toto.io/Statement/v9"}),
        "statement-no-type": typed({"_type": None}),
    }
    (out / "bundles").mkdir(parents=True, exist_ok=True)
    for name, bundle_of_file in bundles.items():
        (out / f"bundles/{name}.json").write_text(json.dumps(bundle_of_file, separators=(",", ":")) + "\n")
    (out / "bundles/key.pub").write_bytes(managed.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
    (out / "bundles/artifact").write_bytes(data)
    (out / "lines").mkdir(parents=True, exist_ok=True)
    write = lambda path, value: (out / path).write_bytes(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() + b"\n")
    for name, line in lines.items():
        write(f"lines/{name}.json", line)
    (out / "trusted_root.json").write_text(json.dumps(sigstore.root(), indent=1) + "\n")
    twice = sigstore.root()
    twice["tlogs"].append(twice["tlogs"][0])
    (out / "root_log_twice.json").write_text(json.dumps(twice, indent=1) + "\n")
    without = sigstore.root() | {"tlogs": []}
    (out / "root_without_logs.json").write_text(json.dumps(without, indent=1) + "\n")
    logged = [sigstore.keyed(json.loads(json.dumps(line)), public) for line in base]
    (out / "logged.intoto.jsonl").write_bytes(b"".join(
        json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode() + b"\n" for line in logged))
    (out / "good.intoto.jsonl").write_bytes(b"".join(
        json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode() + b"\n" for line in bundle))


if __name__ == "__main__":
    main()
