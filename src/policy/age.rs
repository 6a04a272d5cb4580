//! Ages: how old something may be, as in `30d`.

use std::fmt;
use std::str::FromStr;

use chrono::TimeDelta;
use serde::{Deserialize, Deserializer, de};

/// A whole number of hours, days or weeks, at least one and at most ten thousand: `12h`, `30d`, `2w`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age {
    hours: u32,
}

impl Age {
    /// Makes one of some days.
    pub(super) const fn days(number: u32) -> Self {
        Self { hours: 24 * number }
    }

    /// Returns it as a length of time.
    pub fn length(self) -> TimeDelta {
        TimeDelta::hours(i64::from(self.hours))
    }
}

impl FromStr for Age {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fault = || format!("`{text}` is no age: write 1 to 10000 and `h`, `d` or `w`, as in `30d`");
        let units = [('h', 1), ('d', 24), ('w', 7 * 24)];
        let of_unit = |(unit, hours): (char, u32)| Some((text.strip_suffix(unit)?, hours));
        let (digits, hours) = units.into_iter().find_map(of_unit).ok_or_else(fault)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        let number: u32 =
            digits.parse().ok().filter(|number| plain && (1..=10_000).contains(number)).ok_or_else(fault)?;
        Ok(Self { hours: number * hours })
    }
}

impl fmt::Display for Age {
    /// Says the same length in the same words, however it was written: policies are compared by them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, noun) =
            if self.hours.is_multiple_of(24) { (self.hours / 24, "day") } else { (self.hours, "hour") };
        f.write_str(&crate::text::count(number as usize, noun))
    }
}

impl<'de> Deserialize<'de> for Age {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Age {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Age".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": "^[0-9]{1,5}[hdw]$"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read() {
        for (text, hours, shown) in [
            ("1h", 1, "1 hour"),
            ("36h", 36, "36 hours"),
            ("48h", 48, "2 days"),
            ("30d", 720, "30 days"),
            ("2w", 336, "14 days"),
            ("10000w", 1_680_000, "70000 days"),
        ] {
            let age: Age = text.parse().unwrap();
            assert_eq!((age.length().num_hours(), age.to_string().as_str()), (hours, shown));
        }
    }

    #[test]
    fn what_is_no_age_is_refused() {
        for text in ["", "d", "0d", "-1d", "+1d", "1", "1 d", "1.5d", "10001d", "30D", "30m", "é"] {
            assert!(text.parse::<Age>().is_err(), "{text}");
        }
    }
}
