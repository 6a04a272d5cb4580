//! Texts that are not JSON, or that two readers read differently.

use serde_json::json;

use super::signatures::of_line;
use super::{Case, case};
use crate::forge::{BOM, FIRST_SEAL, Forged, MODEL_SIGNATURE, PROVENANCE, key};

pub fn cases() -> Vec<Case> {
    [lines(), arrays(), payloads(), twice()].into_iter().flatten().collect()
}

/// The good bundle with the text of its BOM line changed.
fn rewritten(change: impl FnOnce(String) -> Vec<u8>) -> Forged {
    let mut forged = Forged::good().edit(BOM, |_| {});
    forged.lines[BOM] = change(String::from_utf8(forged.lines[BOM].clone()).unwrap());
    forged
}

fn of_text(name: &str, why: &str, change: impl FnOnce(String) -> Vec<u8>) -> Case {
    case(name, why)
        .bundle(&rewritten(change))
        .warn(&["malformed-line"])
        .deny(&["member-missing"])
        .at(&[2])
        .like("line-rewritten")
}

/// The line with an unknown field that has a value in this text.
fn with_value(value: &str) -> impl FnOnce(String) -> Vec<u8> + '_ {
    move |text| text.replacen('{', &format!("{{\"x\":{value},"), 1).into_bytes()
}

fn lines() -> Vec<Case> {
    let depth = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let bad = [
        ("json-nan", "a line has a number that is none", "NaN"),
        ("json-infinite", "a line has a number that is infinite", "-Infinity"),
        ("json-number-too-large", "a line has a number beyond all numbers", "1e400"),
        ("json-number-leading-zero", "a line has a number with a zero before it", "01"),
        ("json-lone-surrogate", "a line has half of a character", "\"\\ud800\""),
        ("json-control-character", "a line has a control character in a text", "\"\u{1}\""),
        ("json-trailing-comma", "a line has a comma too much", "[1,]"),
        ("json-single-quotes", "a line has a text in single quotes", "'x'"),
        ("json-comment", "a line has a comment", "1/* */"),
    ];
    let bad = bad.into_iter().map(|(name, why, value)| of_text(name, why, with_value(value)).threats(&["N068"]));
    bad.chain([
        of_text("json-text-behind", "a line has bytes behind its value", |text| format!("{text} x").into_bytes())
            .threats(&["N068"]),
        of_text("json-zero-behind", "a line has a zero byte behind its value", |text| format!("{text}\0").into_bytes())
            .threats(&["N068"]),
        of_text("json-value-behind", "a line has a second value behind the first", |text| {
            format!("{text}{text}").into_bytes()
        })
        .threats(&["N068"]),
        of_text("json-utf16", "a line is in UTF-16", |text| text.encode_utf16().flat_map(u16::to_be_bytes).collect())
            .threats(&["N068"]),
        case("json-number-large", "a number beyond 2^53 in an unknown field means nothing")
            .bundle(&rewritten(with_value("9007199254740993")))
            .threats(&["N068"]),
        case("json-depth-90", "a line with an unknown field of 90 levels passes")
            .bundle(&rewritten(with_value(&depth(90))))
            .threats(&["N069"]),
        case("json-depth-129", "a line is nested 129 deep")
            .bundle(&rewritten(with_value(&depth(129))))
            .deny(&["limit-exceeded", "member-missing"])
            .threats(&["N069"])
            .like("json-depth-90"),
    ])
    .collect()
}

/// What derived readers take for objects, and other readers don't.
fn arrays() -> Vec<Case> {
    let of = |name, why, pointer: &'static str, keys: &'static [&'static str]| {
        of_line(name, why, "malformed-line", move |line| {
            let object = line.pointer_mut(pointer).unwrap();
            *object = keys.iter().map(|key| object[*key].clone()).collect();
        })
        .threats(&["N144"])
    };
    vec![
        of(
            "array-for-envelope",
            "an envelope is an array of its values",
            "/dsseEnvelope",
            &["payload", "payloadType", "signatures"],
        ),
        of(
            "array-for-signature",
            "a signature is an array of its values",
            "/dsseEnvelope/signatures/0",
            &["sig", "keyid"],
        ),
        of("array-for-key", "a key is an array of its values", "/verificationMaterial/publicKey", &["hint"]),
        of_line("array-for-line", "a line is an array of its values", "malformed-line", |line| {
            *line = json!([line["mediaType"], line["verificationMaterial"], line["dsseEnvelope"], null]);
        })
        .threats(&["N144"]),
    ]
}

/// Signs a text in place of a payload, and seals it as what it was.
fn signed(index: usize, text: &str) -> Forged {
    let good = Forged::good();
    let kind = good.statement(index)["predicateType"].clone();
    let forged = good.with_payload(index, "release", text.as_bytes());
    if index == FIRST_SEAL {
        return forged;
    }
    let member = json!({
        "payload": assaymark::digest::Digest::of(text.as_bytes()).to_string(),
        "predicateType": kind,
        "signer": key("release").public().fingerprint().to_string(),
    });
    let others = Forged::good().members();
    forged.resign(FIRST_SEAL, "release", |seal| {
        let mut members = others.as_array().unwrap().clone();
        members.retain(|one| one["predicateType"] != kind);
        members.push(member);
        seal["predicate"]["members"] = json!(members);
    })
}

/// The text of a good payload with something done to it.
fn payload(index: usize, change: impl FnOnce(String) -> String) -> Forged {
    signed(index, &change(Forged::good().statement(index).to_string()))
}

fn behind_brace(text: &str) -> impl FnOnce(String) -> String + '_ {
    move |payload| payload.replacen('{', &format!("{{{text},"), 1)
}

fn payloads() -> Vec<Case> {
    let of = |name, why, change: &dyn Fn(String) -> String| {
        case(name, why)
            .bundle(&payload(PROVENANCE, change))
            .deny(&["malformed-statement"])
            .threats(&["N068"])
            .like("provenance-resigned")
    };
    let depth = |levels: usize| format!("\"x\":{}{}", "[".repeat(levels), "]".repeat(levels));
    vec![
        of("statement-nan", "a signed statement has a number that is none", &|text| behind_brace("\"x\":NaN")(text)),
        of("statement-text-behind", "a signed statement has bytes behind its value", &|text| text + " x"),
        of("statement-mark", "a signed statement starts with a byte order mark", &|text| format!("\u{feff}{text}")),
        of("statement-surrogate", "a signed statement has half of a character", &|text| {
            behind_brace("\"x\":\"\\udc00\"")(text)
        }),
        of("statement-cut", "a signed statement lacks its last byte", &|mut text| {
            text.pop();
            text
        }),
        of("statement-gone", "a signed statement has no byte", &|_| String::new()),
        of("statement-array", "a signed statement is an array of its values", &|text| {
            let one: serde_json::Value = serde_json::from_str(&text).unwrap();
            json!([one["_type"], one["subject"], one["predicateType"], one["predicate"]]).to_string()
        }),
        case("statement-too-deep", "a signed statement is nested 129 deep")
            .bundle(&payload(PROVENANCE, behind_brace(&depth(129))))
            .deny(&["limit-exceeded"])
            .threats(&["N069"])
            .like("provenance-resigned"),
        case("seal-sequence-fraction", "the number of a seal is a fraction")
            .bundle(&payload(FIRST_SEAL, |text| text.replace("\"sequence\":1", "\"sequence\":1.0")))
            .warn(&["malformed-statement"])
            .deny(&["unsealed"])
            .threats(&["N068"]),
        case("seal-sequence-huge", "the number of a seal is beyond all that count")
            .bundle(&payload(FIRST_SEAL, |text| text.replace("\"sequence\":1", "\"sequence\":18446744073709551616")))
            .warn(&["malformed-statement"])
            .deny(&["unsealed"])
            .threats(&["N068"]),
        case("seal-model-array", "the model of a seal is an array of its values")
            .bundle(&payload(FIRST_SEAL, |text| {
                let mut seal: serde_json::Value = serde_json::from_str(&text).unwrap();
                let model = seal["predicate"]["model"].clone();
                seal["predicate"]["model"] = json!(["tree", model["fileList"], model["omsRoot"]]);
                seal.to_string()
            }))
            .warn(&["malformed-statement"])
            .deny(&["unsealed"])
            .threats(&["N144"]),
        case("algorithm-object", "the word for an algorithm is an object")
            .bundle(&payload(MODEL_SIGNATURE, |text| {
                text.replacen("\"algorithm\":\"sha256\"", "\"algorithm\":{\"sha256\":null}", 1)
            }))
            .deny(&["malformed-statement"])
            .threats(&["N144"])
            .like("model-signature-resigned"),
    ]
}

fn twice() -> Vec<Case> {
    let first = "\"predicate\":{";
    let of = |name, why, index, member: &'static str, code| {
        let change = move |text: String| text.replacen(first, &format!("{first}{member},"), 1);
        let twin = ["model-signature-resigned", "bom-resigned", "provenance-resigned"][index];
        case(name, why).bundle(&payload(index, change)).deny(&[code]).threats(&["N067"]).like(twin)
    };
    vec![
        of("bom-duplicate-key", "a BOM has a key twice", BOM, "\"components\":[]", "malformed-statement"),
        of(
            "oms-duplicate-key",
            "a model signature has a key twice",
            MODEL_SIGNATURE,
            "\"resources\":[]",
            "malformed-statement",
        ),
        of(
            "provenance-duplicate-key",
            "a provenance has a key twice",
            PROVENANCE,
            "\"buildDefinition\":{}",
            "malformed-statement",
        ),
        case("seal-duplicate-key", "a seal has a key twice")
            .bundle(&payload(FIRST_SEAL, |text| text.replacen(first, &format!("{first}\"sequence\":7,"), 1)))
            .warn(&["malformed-statement"])
            .deny(&["unsealed"])
            .threats(&["N067"]),
        of_text("duplicate-key-last", "a line has a key twice, the good one first", |text| {
            format!("{},\"mediaType\":\"x\"}}", text.strip_suffix('}').unwrap()).into_bytes()
        })
        .threats(&["N067"]),
        of_text("duplicate-key-escaped", "a line has a key twice, once with an escape", |text| {
            text.replacen('{', "{\"\\u006dediaType\":\"x\",", 1).into_bytes()
        })
        .threats(&["N067"]),
        of_text("duplicate-key-nested", "a signature has a key twice", |text| {
            text.replacen("\"sig\":", "\"sig\":\"AAAA\",\"sig\":", 1).into_bytes()
        })
        .threats(&["N067"]),
        of_text("duplicate-key-unknown", "an unknown field has a key twice", with_value("{\"a\":1,\"a\":1}"))
            .threats(&["N067"]),
    ]
}
