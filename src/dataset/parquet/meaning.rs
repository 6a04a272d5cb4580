//! What a stored value is in JSON. `docs/bom.md`, "Rows", says it for users.

use chrono::{DateTime, NaiveDate, NaiveTime, Timelike};
use data_encoding::BASE64;
use serde_json::{Number, Value};

use crate::dataset::parquet::element::{Meaning, Physical, Unit};
use crate::dataset::parquet::schema::Leaf;
use crate::dataset::parquet::values::{Odd, Raw};

const NANOSECONDS: i128 = 1_000_000_000;
/// The Julian day on which 1970 began.
const JULIAN: i128 = 2_440_588;

/// Returns the value in JSON.
pub(super) fn value(raw: Raw<'_>, leaf: &Leaf) -> Result<Value, Odd> {
    match (raw, leaf.physical) {
        (Raw::Truth(truth), _) => Ok(Value::Bool(truth)),
        (Raw::Number(number), Physical::Int32) => integer(i64::from(low(number)), leaf),
        (Raw::Number(number), _) => integer(number, leaf),
        (Raw::Bytes(bytes), Physical::Int32) => integer(i64::from(i32::from_le_bytes(sized(bytes)?)), leaf),
        (Raw::Bytes(bytes), Physical::Int64) => integer(i64::from_le_bytes(sized(bytes)?), leaf),
        (Raw::Bytes(bytes), Physical::Int96) => moment96(bytes),
        (Raw::Bytes(bytes), Physical::Float) => single(f32::from_le_bytes(sized(bytes)?)),
        (Raw::Bytes(bytes), Physical::Double) => Ok(number(f64::from_le_bytes(sized(bytes)?))),
        (Raw::Bytes(bytes), _) => of_bytes(bytes, leaf),
    }
}

fn sized<const LENGTH: usize>(bytes: &[u8]) -> Result<[u8; LENGTH], Odd> {
    bytes.try_into().map_err(|_| Odd("has a value of another length than its type"))
}

/// Returns the lower half: differences are computed in the width of the type, and wrap there.
fn low(number: i64) -> i32 {
    let [a, b, c, d, ..] = number.to_le_bytes();
    i32::from_le_bytes([a, b, c, d])
}

fn integer(number: i64, leaf: &Leaf) -> Result<Value, Odd> {
    Ok(match leaf.meaning {
        Some(Meaning::Unsigned) if leaf.physical == Physical::Int32 => low(number).cast_unsigned().into(),
        Some(Meaning::Unsigned) => number.cast_unsigned().into(),
        Some(Meaning::Decimal) => decimal(i128::from(number), leaf.scale)?,
        Some(Meaning::Date) => day(number),
        Some(Meaning::Time(unit)) => time(number, unit),
        Some(Meaning::Timestamp { unit, utc }) => moment(i128::from(number) * nanoseconds(unit), utc, number),
        _ => number.into(),
    })
}

fn nanoseconds(unit: Unit) -> i128 {
    match unit {
        Unit::Milliseconds => 1_000_000,
        Unit::Microseconds => 1_000,
        Unit::Nanoseconds => 1,
    }
}

/// Writes a float of 32 bits with as few digits as tell it apart, as its text in CSV has them.
fn single(float: f32) -> Result<Value, Odd> {
    if float.is_finite() {
        let shortest = float.to_string().parse().map_err(|_| Odd("has a number that can't be written"))?;
        return Ok(number(shortest));
    }
    Ok(number(f64::from(float)))
}

/// Not a number is nothing, as in CSV and JSON; of what is infinite JSON has no number.
fn number(float: f64) -> Value {
    let infinite = || Value::from(if float > 0.0 { "inf" } else { "-inf" });
    Number::from_f64(float).map_or_else(|| if float.is_nan() { Value::Null } else { infinite() }, Value::Number)
}

fn half(bits: u16) -> f32 {
    let (sign, exponent, fraction) =
        (if bits >> 15 == 1 { -1.0 } else { 1.0 }, bits >> 10 & 31, f32::from(bits & 1023));
    sign * match exponent {
        0 => fraction * 2_f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction / 1024.0) * 2_f32.powi(i32::from(exponent) - 15),
    }
}

fn of_bytes(bytes: &[u8], leaf: &Leaf) -> Result<Value, Odd> {
    match leaf.meaning {
        Some(Meaning::Decimal) => {
            let mut wide = [if bytes.first().is_some_and(|first| *first > 127) { 0xff } else { 0 }; 16];
            let start = wide.len().checked_sub(bytes.len()).ok_or(Odd("has a decimal of more than 38 digits"))?;
            wide.get_mut(start..).unwrap_or_default().copy_from_slice(bytes);
            decimal(i128::from_be_bytes(wide), leaf.scale)
        }
        Some(Meaning::Uuid) => Ok(uuid::Uuid::from_bytes(sized(bytes)?).to_string().into()),
        Some(Meaning::Float16) => single(half(u16::from_le_bytes(sized(bytes)?))),
        _ => Ok(std::str::from_utf8(bytes).map_or_else(|_| BASE64.encode(bytes), ToOwned::to_owned).into()),
    }
}

/// Writes a decimal with as many digits behind the point as its column has.
fn decimal(unscaled: i128, scale: u8) -> Result<Value, Odd> {
    if scale > 38 {
        return Err(Odd("has decimals with more than 38 digits behind the point"));
    }
    let scale = usize::from(scale);
    let digits = format!("{:0>length$}", unscaled.unsigned_abs(), length = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if unscaled < 0 { "-" } else { "" };
    Ok(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }.into())
}

/// A day that no calendar here has is its number.
fn day(number: i64) -> Value {
    let day = i32::try_from(number).ok().and_then(NaiveDate::from_epoch_days);
    day.map_or_else(|| number.into(), |day| day.format("%Y-%m-%d").to_string().into())
}

fn time(number: i64, unit: Unit) -> Value {
    let all = i128::from(number) * nanoseconds(unit);
    let (seconds, rest) = (all.div_euclid(NANOSECONDS), all.rem_euclid(NANOSECONDS));
    let time = u32::try_from(seconds).ok().zip(u32::try_from(rest).ok());
    let time = time.and_then(|(seconds, rest)| NaiveTime::from_num_seconds_from_midnight_opt(seconds, rest));
    time.map_or_else(|| number.into(), |time| clock(time).into())
}

fn moment(all: i128, utc: bool, number: i64) -> Value {
    let (seconds, rest) = (all.div_euclid(NANOSECONDS), all.rem_euclid(NANOSECONDS));
    let moment = i64::try_from(seconds).ok().zip(u32::try_from(rest).ok());
    let moment = moment.and_then(|(seconds, rest)| DateTime::from_timestamp(seconds, rest));
    moment.map_or_else(
        || number.into(),
        |moment| {
            let zone = if utc { "Z" } else { "" };
            format!("{}T{}{zone}", moment.format("%Y-%m-%d"), clock(moment.time())).into()
        },
    )
}

/// The day and the time of the day that older writers used for a time without a zone.
fn moment96(bytes: &[u8]) -> Result<Value, Odd> {
    let (time, day) = bytes.split_at_checked(8).unwrap_or_default();
    let time = i64::from_le_bytes(sized(time)?);
    let day = i128::from(i32::from_le_bytes(sized(day)?)) - JULIAN;
    Ok(moment(day * 86_400 * NANOSECONDS + i128::from(time), false, time))
}

/// Writes a time without zeros that say nothing, so that its unit does not matter.
fn clock(time: NaiveTime) -> String {
    let whole = time.format("%H:%M:%S").to_string();
    match time.nanosecond() {
        0 => whole,
        rest => format!("{whole}.{}", format!("{rest:09}").trim_end_matches('0')),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn leaf(physical: Physical, meaning: Option<Meaning>) -> Leaf {
        Leaf { path: "a".to_owned(), physical, length: 0, meaning, scale: 2, definition: 0, repetition: 0 }
    }

    fn of(bytes: &[u8], physical: Physical, meaning: Option<Meaning>) -> Value {
        value(Raw::Bytes(bytes), &leaf(physical, meaning)).unwrap()
    }

    #[test]
    fn numbers_are_as_csv_has_them() {
        assert_eq!(of(&0.1_f32.to_le_bytes(), Physical::Float, None), json!(0.1));
        assert_eq!(of(&0.1_f64.to_le_bytes(), Physical::Double, None), json!(0.1));
        assert_eq!(of(&f64::NAN.to_le_bytes(), Physical::Double, None), Value::Null);
        assert_eq!(of(&f32::NEG_INFINITY.to_le_bytes(), Physical::Float, None), json!("-inf"));
        assert_eq!(of(&[0x00, 0x3c], Physical::Fixed, Some(Meaning::Float16)), json!(1.0));
        assert_eq!(of(&[0x01, 0x80], Physical::Fixed, Some(Meaning::Float16)), json!(-5.960_464_5e-8));
        assert_eq!(of(&[0x00, 0x7c], Physical::Fixed, Some(Meaning::Float16)), json!("inf"));
        assert_eq!(of(&[0xff; 4], Physical::Int32, Some(Meaning::Unsigned)), json!(u32::MAX));
        assert_eq!(of(&[0xff; 8], Physical::Int64, Some(Meaning::Unsigned)), json!(u64::MAX));
        assert_eq!(value(Raw::Number(1 << 31), &leaf(Physical::Int32, None)), Ok(json!(i32::MIN)));
        for (bytes, text) in [(&[0_u8, 1][..], "0.01"), (&[0xff, 0x85], "-1.23"), (&[4, 0xd2], "12.34"), (&[], "0.00")]
        {
            assert_eq!(of(bytes, Physical::Bytes, Some(Meaning::Decimal)), json!(text));
        }
        assert!(value(Raw::Bytes(&[0; 17]), &leaf(Physical::Bytes, Some(Meaning::Decimal))).is_err());
    }

    #[test]
    fn times_do_not_depend_on_their_unit() {
        let stamp =
            |unit, number: i64, utc| of(&number.to_le_bytes(), Physical::Int64, Some(Meaning::Timestamp { unit, utc }));
        assert_eq!(stamp(Unit::Milliseconds, 1_500, false), json!("1970-01-01T00:00:01.5"));
        assert_eq!(stamp(Unit::Nanoseconds, 1_500_000_000, false), stamp(Unit::Milliseconds, 1_500, false));
        assert_eq!(stamp(Unit::Microseconds, -1_000_000, true), json!("1969-12-31T23:59:59Z"));
        assert_eq!(stamp(Unit::Milliseconds, i64::MIN, true), json!(i64::MIN));
        let day = |number: i32| of(&number.to_le_bytes(), Physical::Int32, Some(Meaning::Date));
        assert_eq!((day(19_000), day(i32::MAX)), (json!("2022-01-08"), json!(i32::MAX)));
        let time = |number: i64| of(&number.to_le_bytes(), Physical::Int64, Some(Meaning::Time(Unit::Microseconds)));
        assert_eq!((time(3_600_000_001), time(-1)), (json!("01:00:00.000001"), json!(-1)));
        let mut old = 1_000_000_000_i64.to_le_bytes().to_vec();
        old.extend(2_440_589_i32.to_le_bytes());
        assert_eq!(of(&old, Physical::Int96, None), json!("1970-01-02T00:00:01"));
    }

    #[test]
    fn bytes_are_text_where_they_can_be() {
        assert_eq!(of("é".as_bytes(), Physical::Bytes, None), json!("é"));
        assert_eq!(of(&[0xff, 0xd8], Physical::Bytes, None), json!("/9g="));
        let uuid = of(&[0x11; 16], Physical::Fixed, Some(Meaning::Uuid));
        assert_eq!(uuid, json!("11111111-1111-1111-1111-111111111111"));
        assert!(value(Raw::Bytes(&[0; 3]), &leaf(Physical::Int32, None)).is_err());
    }
}
