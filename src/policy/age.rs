//! Ages: how old something may be, as in `30d`.

use std::fmt;
use std::str::FromStr;

use chrono::TimeDelta;
use serde::{Deserialize, Deserializer, de};

/// A whole number of hours, days or weeks, at least one and at most ten thousand: `12h`, `30d`, `2w`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age {
    number: u16,
    unit: char,
}

impl Age {
    /// Makes one of some days.
    pub(super) const fn days(number: u16) -> Self {
        Self { number, unit: 'd' }
    }

    /// Returns it as a length of time.
    pub fn length(self) -> TimeDelta {
        let number = i64::from(self.number);
        match self.unit {
            'h' => TimeDelta::hours(number),
            'd' => TimeDelta::days(number),
            _ => TimeDelta::weeks(number),
        }
    }
}

impl FromStr for Age {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fault = || format!("`{text}` is no age: write 1 to 10000 and `h`, `d` or `w`, as in `30d`");
        let unit = text.chars().last().filter(|unit| ['h', 'd', 'w'].contains(unit)).ok_or_else(fault)?;
        let digits = text.strip_suffix(unit).unwrap_or_default();
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.parse().ok().filter(|number| plain && (1..=10_000).contains(number)).ok_or_else(fault)?;
        Ok(Self { number, unit })
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = match self.unit {
            'h' => "hour",
            'd' => "day",
            _ => "week",
        };
        f.write_str(&crate::text::count(usize::from(self.number), noun))
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
        for (text, hours, shown) in [("1h", 1, "1 hour"), ("30d", 720, "30 days"), ("2w", 336, "2 weeks")] {
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
